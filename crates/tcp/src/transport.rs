//! Connections to servers: options, dialling, and what comes before the client's bytes (specification 3.9).

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ferroway_config::dynamic::{TcpLoadBalancer, TcpServersTransport};
use ferroway_core::{Io, LocalBoxFuture};
use ferroway_listener::proxy_protocol::{Addresses, Version, encode};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::{Preface, ServerAddress};

/// Keep-alive interval where the option is 0.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Turns a connection to a server into a TLS connection. What it checks and shows follows from the servers
/// transport that it was made for.
pub trait TlsConnector: Send + Sync {
    /// Does the handshake. `host` is the server's, for SNI and verification where the transport names no other.
    fn connect<'a>(&'a self, stream: TcpStream, host: &'a str) -> LocalBoxFuture<'a, io::Result<Io>>;
}

/// How connections to servers are made.
#[derive(Clone)]
pub struct Transport {
    /// What the options say.
    pub options: TransportOptions,
    /// TLS for servers with `tls: true`.
    pub tls: Option<Arc<dyn TlsConnector>>,
}

/// The options of a servers transport, but for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportOptions {
    /// Longest time to connect, with the TLS handshake; `None` for no limit.
    pub dial_timeout: Option<Duration>,
    /// Interval of keep-alive probes; `None` for no probes.
    pub keep_alive: Option<Duration>,
    /// How long a side may go on after the other has ended; `None` for ever.
    pub termination_delay: Option<Duration>,
    /// PROXY protocol header for the server.
    pub proxy_protocol: Option<Version>,
}

/// An option that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown proxyProtocol version: {0}, expected 1 or 2")]
pub struct BadVersion(i64);

impl TransportOptions {
    /// The options of a transport as configured.
    ///
    /// # Errors
    /// A version of the PROXY protocol that does not exist.
    pub fn new(config: &TcpServersTransport) -> Result<Self, BadVersion> {
        let positive =
            |duration: ferroway_config::Duration| (duration.as_nanos() > 0).then(|| duration.to_std());
        let keep_alive = config.dial_keep_alive;
        Ok(Self {
            dial_timeout: positive(config.dial_timeout),
            keep_alive: if keep_alive.is_zero() { Some(KEEP_ALIVE) } else { positive(keep_alive) },
            termination_delay: unless_negative(config.termination_delay),
            proxy_protocol: version(config.proxy_protocol.as_ref().map(|config| config.version))?,
        })
    }

    /// The options for a service without `serversTransport`: those of the default transport, with the deprecated
    /// options of the service itself, which count nowhere else.
    ///
    /// # Errors
    /// A version of the PROXY protocol that does not exist.
    pub fn with_service(self, service: &TcpLoadBalancer) -> Result<Self, BadVersion> {
        let delay = service.termination_delay.map(ferroway_config::Duration::from_millis);
        Ok(Self {
            termination_delay: delay.map_or(self.termination_delay, unless_negative),
            proxy_protocol: version(service.proxy_protocol.as_ref().map(|config| config.version))?,
            ..self
        })
    }
}

impl Default for TransportOptions {
    /// The default transport. A side is cut off as soon as the other has ended.
    fn default() -> Self {
        Self {
            dial_timeout: Some(Duration::from_secs(30)),
            keep_alive: Some(KEEP_ALIVE),
            termination_delay: Some(Duration::ZERO),
            proxy_protocol: None,
        }
    }
}

fn unless_negative(delay: ferroway_config::Duration) -> Option<Duration> {
    (!delay.is_negative()).then(|| delay.to_std())
}

fn version(number: Option<i64>) -> Result<Option<Version>, BadVersion> {
    number.map(|number| Version::new(number).ok_or(BadVersion(number))).transpose()
}

/// Why there is no connection to a server.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name has no address.
    #[error("the name {host} of the server cannot be resolved: {error}")]
    Resolve {
        /// The name.
        host: Box<str>,
        /// What the resolver says.
        error: io::Error,
    },
    /// No address accepts.
    #[error("connecting to {address} failed: {error}")]
    Connect {
        /// The server.
        address: ServerAddress,
        /// What the last address tried says.
        error: io::Error,
    },
    /// It took too long.
    #[error("{address} did not accept a connection within {limit:?}")]
    Timeout {
        /// The server.
        address: ServerAddress,
        /// The limit.
        limit: Duration,
    },
    /// The TLS handshake or the PROXY protocol header failed.
    #[error("the connection to {address} broke off before it could be used: {error}")]
    Handshake {
        /// The server.
        address: ServerAddress,
        /// What is wrong.
        error: io::Error,
    },
    /// TLS was asked for, and there is nothing to do it with.
    #[error("no TLS is set up for connections to {0}")]
    NoTls(ServerAddress),
}

impl Transport {
    /// Connects to a server. `client` are the ends of the client's connection, for the PROXY protocol; `None`
    /// sends no header. The server gets the `preface` after it.
    ///
    /// # Errors
    /// There is no connection, in time.
    pub async fn dial(
        &self,
        address: &ServerAddress,
        tls: bool,
        client: Option<&Addresses>,
        preface: Preface<'_>,
    ) -> Result<Io, DialError> {
        let dialling = self.connect(address, tls, client, preface);
        let Some(limit) = self.options.dial_timeout else { return dialling.await };
        match tokio::time::timeout(limit, dialling).await {
            Ok(result) => result,
            Err(_) => Err(DialError::Timeout { address: address.clone(), limit }),
        }
    }

    async fn connect(
        &self,
        address: &ServerAddress,
        tls: bool,
        client: Option<&Addresses>,
        preface: Preface<'_>,
    ) -> Result<Io, DialError> {
        let broken = |error| DialError::Handshake { address: address.clone(), error };
        let mut stream = open(address).await?;
        self.prepare(&stream).map_err(broken)?;
        if let (Some(version), Some(client)) = (self.options.proxy_protocol, client) {
            stream.write_all(&encode(version, client)).await.map_err(broken)?;
        }
        let mut io = if tls {
            let connector = self.tls.as_ref().ok_or_else(|| DialError::NoTls(address.clone()))?;
            connector.connect(stream, &address.host).await.map_err(broken)?
        } else {
            Io::Tcp(stream)
        };
        preface.send(&mut io).await.map_err(broken)?;
        Ok(io)
    }

    fn prepare(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        match self.options.keep_alive {
            Some(interval) => {
                let probes = TcpKeepalive::new().with_time(interval).with_interval(interval);
                SockRef::from(stream).set_tcp_keepalive(&probes)
            }
            None => Ok(()),
        }
    }
}

async fn open(address: &ServerAddress) -> Result<TcpStream, DialError> {
    let failed = |error| DialError::Connect { address: address.clone(), error };
    if let Some(ip) = address.ip() {
        return TcpStream::connect(SocketAddr::new(ip, address.port)).await.map_err(failed);
    }
    let host = &*address.host;
    let unresolved = |error| DialError::Resolve { host: host.into(), error };
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for candidate in tokio::net::lookup_host((host, address.port)).await.map_err(unresolved)? {
        match TcpStream::connect(candidate).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("options", &self.options).field("tls", &self.tls.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use ferroway_config::Duration as Configured;
    use ferroway_config::dynamic::ProxyProtocol;

    use super::*;

    #[test]
    fn options() {
        let config = TcpServersTransport::default();
        let defaults = TransportOptions::new(&config).expect("defaults");
        let delay = Some(Duration::from_millis(100));
        assert_eq!(defaults, TransportOptions { termination_delay: delay, ..TransportOptions::default() });
        let off = TcpServersTransport {
            dial_timeout: Configured::from_nanos(0),
            dial_keep_alive: Configured::from_secs(-1),
            termination_delay: Configured::from_millis(-1),
            proxy_protocol: Some(ProxyProtocol { version: 1 }),
            ..config.clone()
        };
        let version = Some(Version::V1);
        let expected = TransportOptions {
            dial_timeout: None,
            keep_alive: None,
            termination_delay: None,
            proxy_protocol: version,
        };
        assert_eq!(TransportOptions::new(&off), Ok(expected));
        let zero = TcpServersTransport { dial_keep_alive: Configured::from_nanos(0), ..config.clone() };
        assert_eq!(TransportOptions::new(&zero).expect("valid").keep_alive, Some(KEEP_ALIVE));
        let unknown = TcpServersTransport { proxy_protocol: Some(ProxyProtocol { version: 3 }), ..config };
        let error = TransportOptions::new(&unknown).expect_err("no such version");
        assert_eq!(error.to_string(), "unknown proxyProtocol version: 3, expected 1 or 2");
    }

    #[test]
    fn deprecated_options_of_services() {
        for (delay, expected) in [(None, Some(0)), (Some(50), Some(50)), (Some(0), Some(0)), (Some(-1), None)]
        {
            let service = TcpLoadBalancer { termination_delay: delay, ..TcpLoadBalancer::default() };
            let options = TransportOptions::default().with_service(&service).expect("valid");
            assert_eq!(options.termination_delay, expected.map(Duration::from_millis), "{delay:?}");
        }
        let proxy_protocol = Some(ProxyProtocol { version: 2 });
        let service = TcpLoadBalancer { proxy_protocol, ..TcpLoadBalancer::default() };
        let options = TransportOptions::default().with_service(&service).expect("valid");
        assert_eq!(options.proxy_protocol, Some(Version::V2));
    }
}
