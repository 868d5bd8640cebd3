//! TLS towards TCP servers, made when a service needs it and kept while its options are what they were.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::dynamic::{TcpClientTls, TcpServersTransport};
use ferroway_core::{Io, LocalBoxFuture};
use ferroway_tcp::TlsConnector;
use ferroway_tls::{ClientOptions, Connector};
use tokio::net::TcpStream;

/// How long a handshake may take where the transport's limit for connecting is longer, or none.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// The TLS of a servers transport. Two are the same only if they are the same object.
#[derive(Clone)]
pub(super) struct TcpTls(Arc<Handshakes>);

struct Handshakes(Connector);

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

/// The TLS of servers transports.
#[derive(Default)]
pub(super) struct Transports {
    built: HashMap<Box<str>, Built>,
}

struct Built {
    config: Option<TcpClientTls>,
    tls: Result<TcpTls, String>,
    /// What is said of it: certificates that cannot be used and are left out.
    warnings: Vec<String>,
}

impl Transports {
    /// The TLS of a transport.
    pub(super) fn tls(&mut self, name: &str, config: &Arc<TcpServersTransport>) -> Result<TcpTls, String> {
        if let Some(known) = self.built.get(name).filter(|known| known.config == config.tls) {
            return known.tls.clone();
        }
        let mut warnings = Vec::new();
        let tls = handshakes(config, &mut warnings);
        let tls = tls.map_err(|error| format!("TCP servers transport {name}: {error}"));
        let built = Built { config: config.tls.clone(), tls: tls.clone(), warnings };
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

fn handshakes(config: &TcpServersTransport, warnings: &mut Vec<String>) -> Result<TcpTls, String> {
    let defaults = TcpClientTls::default();
    let tls = config.tls.as_ref().unwrap_or(&defaults);
    if tls.spiffe.is_some() {
        return Err("spiffe is not implemented yet".to_owned());
    }
    let (connector, said) = Connector::new(&ClientOptions::from(tls))?;
    warnings.extend(said);
    Ok(TcpTls(Arc::new(Handshakes(connector))))
}
