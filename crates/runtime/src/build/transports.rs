//! How servers are reached: the options of servers transports, and their TLS, made when a service needs it.

use std::collections::HashMap;
use std::sync::Arc;

use ferroway_config::dynamic::ServersTransport;
use ferroway_tls::{ClientOptions, Connector};
use ferroway_upstream::{Tls, TransportOptions};

/// How the servers of a load balancer are reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reach {
    pub(super) options: TransportOptions,
    /// Made only where one of the servers needs it: the authorities of the system take a while to read.
    pub(super) tls: Option<Tls>,
}

/// The TLS of servers transports, kept while their options are what they were: connections and sessions hang on it.
#[derive(Debug, Default)]
pub(super) struct Transports {
    built: HashMap<Box<str>, Built>,
}

#[derive(Debug)]
struct Built {
    config: Arc<ServersTransport>,
    tls: Result<Tls, String>,
    /// What is said of it: certificates that cannot be used and are left out.
    warnings: Vec<String>,
}

impl Transports {
    /// The TLS of a transport.
    pub(super) fn tls(&mut self, name: &str, config: &Arc<ServersTransport>) -> Result<Tls, String> {
        if let Some(known) = self.built.get(name)
            && (Arc::ptr_eq(&known.config, config) || known.config == *config)
        {
            return known.tls.clone();
        }
        let mut warnings = Vec::new();
        let tls = connectors(config, &mut warnings);
        let tls = tls.map_err(|error| format!("servers transport {name}: {error}"));
        let built = Built { config: config.clone(), tls: tls.clone(), warnings };
        self.built.insert(name.into(), built);
        tls
    }

    /// What is said of the transports that are in use.
    pub(super) fn warnings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.built
            .iter()
            .flat_map(|(name, built)| built.warnings.iter().map(move |words| (&**name, &**words)))
    }
}

fn connectors(config: &ServersTransport, warnings: &mut Vec<String>) -> Result<Tls, String> {
    if config.spiffe.is_some() {
        return Err("spiffe is not implemented yet".to_owned());
    }
    let options = ClientOptions::from(config);
    let (any, said) = Connector::new(&options)?;
    warnings.extend(said);
    let (http1, _) = Connector::new(&ClientOptions { alpn: &[b"http/1.1"], ..options })?;
    Ok(Tls::new(any, http1))
}
