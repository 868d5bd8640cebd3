//! How servers are reached: the options of servers transports, and their TLS, made when a service needs it.

use std::sync::Arc;

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::ServersTransport;
use ferroway_tls::{ClientOptions, Connector, Files};
use ferroway_upstream::{Tls, TransportOptions};

use super::kept::TlsConfig;

/// How the servers of a load balancer are reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reach {
    pub(super) options: TransportOptions,
    /// Made only where one of the servers needs it: the authorities of the system take a while to read.
    pub(super) tls: Option<Tls>,
}

impl TlsConfig for Arc<ServersTransport> {
    type Tls = Tls;

    fn make(&self, files: &Files, warnings: &mut Vec<String>) -> Result<Tls, String> {
        if self.spiffe.is_some() {
            return Err("spiffe is not implemented yet".to_owned());
        }
        let options = ClientOptions { files: Some(files), ..ClientOptions::from(&**self) };
        let (any, said) = Connector::new(&options)?;
        warnings.extend(said);
        let (http1, _) = Connector::new(&ClientOptions { alpn: &[b"http/1.1"], ..options })?;
        Ok(Tls::new(any, http1))
    }

    fn values(&self) -> impl Iterator<Item = &FileOrContent> {
        let pairs = self.certificates.iter().flat_map(|pair| [&pair.cert_file, &pair.key_file]);
        self.root_cas.iter().chain(pairs)
    }
}
