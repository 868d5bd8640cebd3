//! TLS towards TCP servers.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::TcpClientTls;
use ferroway_core::{Io, LocalBoxFuture};
use ferroway_tcp::TlsConnector;
use ferroway_tls::{ClientOptions, Connector, Files};
use tokio::net::TcpStream;

use crate::build::kept::TlsConfig;

/// How long a handshake may take where the transport's limit for connecting is longer, or none.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// The TLS of a servers transport. Two are the same only if they are the same object.
#[derive(Clone)]
pub(in crate::build) struct TcpTls(Arc<Handshakes>);

pub(in crate::build) struct Handshakes(Connector);

impl TcpTls {
    pub(super) fn into_connector(self) -> Arc<dyn TlsConnector> {
        self.0
    }
}

impl PartialEq for TcpTls {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for TcpTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TcpTls")
    }
}

impl TlsConnector for Handshakes {
    fn connect<'a>(&'a self, stream: TcpStream, host: &'a str) -> LocalBoxFuture<'a, io::Result<Io>> {
        Box::pin(async move {
            let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
            let stream = self.0.connect(Io::Tcp(stream), host, deadline).await.map_err(io::Error::other)?;
            Ok(Io::Other(Box::new(stream)))
        })
    }
}

impl TlsConfig for Option<TcpClientTls> {
    type Tls = TcpTls;

    fn make(&self, files: &Files, warnings: &mut Vec<String>) -> Result<TcpTls, String> {
        let defaults = TcpClientTls::default();
        let tls = self.as_ref().unwrap_or(&defaults);
        if tls.spiffe.is_some() {
            return Err("spiffe is not implemented yet".to_owned());
        }
        let options = ClientOptions { files: Some(files), ..ClientOptions::from(tls) };
        let (connector, said) = Connector::new(&options)?;
        warnings.extend(said);
        Ok(TcpTls(Arc::new(Handshakes(connector))))
    }

    fn values(&self) -> impl Iterator<Item = &FileOrContent> {
        self.iter().flat_map(|tls| {
            let pairs = tls.certificates.iter().flat_map(|pair| [&pair.cert_file, &pair.key_file]);
            tls.root_cas.iter().chain(pairs)
        })
    }
}
