//! The servers behind the router: they answer as they are told and remember what they saw.
//!
//! `b1` to `b6` and `auth` speak HTTP/1.1, `s1` to `s3` the same over TLS, `h2c` speaks HTTP/2, `h2s` too, over TLS. `t1` to
//! `t4`, `tq`, `ts1` and `ts2` are for TCP routers, `u1` and `u2` for UDP routers. `down1` and `down2` are ports that nobody
//! listens on. Every scenario has backends of its own, which end with it.

mod http1;
mod http2;
mod plan;
mod tcp;
mod udp;

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use self::plan::Directive;
pub use self::plan::Plan;
use crate::certs::{BackendTls, describe};
use crate::http1::Fields;
use crate::ports::ReservedPort;

/// The time that a router gets to notice that a backend has closed a connection which it might use again.
const NOTICE: Duration = Duration::from_millis(50);

/// A connection is not served any longer than this.
const CONNECTION_LIMIT: Duration = Duration::from_secs(120);

/// The application protocols that the TLS servers behind TCP routers know.
const TCP_ALPN: &[&str] = &["h2", "http/1.1", "mqtt"];

/// A request that a backend saw.
#[derive(Debug, Clone)]
pub struct Record {
    /// The name of the backend.
    pub backend: &'static str,
    /// The method.
    pub method: String,
    /// The request target.
    pub uri: String,
    /// `HTTP/1.1` or `h2`.
    pub version: String,
    /// The header fields; those of HTTP/2 with `host` for the authority.
    pub headers: Fields,
    /// The body.
    pub body: Vec<u8>,
    /// The trailer fields.
    pub trailers: Fields,
    /// The name of the client certificate on a connection that asked for one.
    pub client_certificate: Option<&'static str>,
}

/// One backend: what it does, and what it has counted.
#[derive(Debug)]
struct Server {
    name: &'static str,
    /// The request header that tells how to answer.
    control: &'static str,
    state: Mutex<State>,
    log: Arc<Mutex<Vec<Record>>>,
    /// Whether it has closed a connection since the last case.
    has_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    /// How often a plan with `fail` was used, by its key and the request target.
    failures: HashMap<String, u32>,
}

/// All backends of a scenario. Dropping them ends their tasks and closes their sockets.
#[derive(Debug)]
pub struct Backends {
    log: Arc<Mutex<Vec<Record>>>,
    servers: BTreeMap<&'static str, Arc<Server>>,
    ports: Vec<(String, u16)>,
    _closed: [ReservedPort; 2],
    _tasks: JoinSet<()>,
}

/// How a backend speaks.
enum Protocol {
    Http1,
    Tls(TlsAcceptor),
    H2c,
    H2(TlsAcceptor),
    Tcp { greets: bool },
    TcpTls(TlsAcceptor),
}

impl Backends {
    /// Starts all backends.
    ///
    /// # Errors
    /// When a socket cannot be opened or a certificate cannot be read.
    pub async fn start() -> Result<Self> {
        let closed = [ReservedPort::take()?, ReservedPort::take()?];
        let down = |(port, name): (&ReservedPort, &str)| (name.to_owned(), port.number());
        let mut all = Self {
            log: Arc::default(),
            servers: BTreeMap::new(),
            ports: closed.iter().zip(["down1", "down2"]).map(down).collect(),
            _closed: closed,
            _tasks: JoinSet::new(),
        };
        for name in ["b1", "b2", "b3", "b4", "b5", "b6"] {
            all.add(name, "x-echo", Protocol::Http1).await?;
        }
        all.add("auth", "x-auth-echo", Protocol::Http1).await?;
        all.add("h2c", "x-echo", Protocol::H2c).await?;
        let plain = BackendTls::PLAIN;
        for (name, tls) in [
            ("s1", plain),
            ("s2", BackendTls { wants_client: true, ..plain }),
            ("s3", BackendTls { only_tls12: true, ..plain }),
        ] {
            all.add(name, "x-echo", Protocol::Tls(tls.config()?.into())).await?;
        }
        let h2s = BackendTls { alpn: &["h2"], ..plain };
        all.add("h2s", "x-echo", Protocol::H2(h2s.config()?.into())).await?;
        for name in ["t1", "t2", "t3", "t4"] {
            all.add(name, "", Protocol::Tcp { greets: true }).await?;
        }
        all.add("tq", "", Protocol::Tcp { greets: false }).await?;
        let tls = BackendTls { certificate: "passthrough.local", alpn: TCP_ALPN, ..plain };
        for name in ["ts1", "ts2"] {
            all.add(name, "", Protocol::TcpTls(tls.config()?.into())).await?;
        }
        for name in ["u1", "u2"] {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            all.ports.push((name.to_owned(), socket.local_addr()?.port()));
            all._tasks.spawn(udp::serve(socket, name));
        }
        Ok(all)
    }

    async fn add(&mut self, name: &'static str, control: &'static str, protocol: Protocol) -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        self.ports.push((name.to_owned(), listener.local_addr()?.port()));
        let server = Arc::new(Server {
            name,
            control,
            state: Mutex::default(),
            log: Arc::clone(&self.log),
            has_closed: AtomicBool::new(false),
        });
        self.servers.insert(name, Arc::clone(&server));
        self._tasks.spawn(accept(listener, server, Arc::new(protocol)));
        Ok(())
    }

    /// The ports by name, that of the closed one included.
    pub fn ports(&self) -> &[(String, u16)] {
        &self.ports
    }

    /// Forgets everything and takes over the default plans of a case.
    ///
    /// # Errors
    /// When there is no backend of that name.
    pub async fn reset<'a>(&self, plans: impl IntoIterator<Item = (&'a String, &'a Plan)>) -> Result<()> {
        let mut has_closed = false;
        for server in self.servers.values() {
            *locked(&server.state) = State::default();
            has_closed |= server.has_closed.swap(false, Ordering::Relaxed);
        }
        if has_closed {
            sleep(NOTICE).await;
        }
        for (name, plan) in plans {
            let server =
                self.servers.get(name.as_str()).with_context(|| format!("no backend is called {name:?}"))?;
            locked(&server.state).plan = plan.clone();
        }
        self.clear_log();
        Ok(())
    }

    /// Forgets the requests seen so far.
    pub fn clear_log(&self) {
        locked(&self.log).clear();
    }

    /// The requests seen so far, in the order in which they were complete.
    pub fn log(&self) -> Vec<Record> {
        locked(&self.log).clone()
    }
}

async fn accept(listener: TcpListener, server: Arc<Server>, protocol: Arc<Protocol>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let _ = stream.set_nodelay(true);
        connections.spawn(connection(stream, Arc::clone(&server), Arc::clone(&protocol)));
    }
}

async fn connection(stream: TcpStream, server: Arc<Server>, protocol: Arc<Protocol>) {
    // What goes wrong on a connection is the peer's doing; the case sees it in the answer.
    match &*protocol {
        Protocol::Http1 => {
            let _ = http1::serve(stream, &server, None).await;
        }
        Protocol::Tls(acceptor) => {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let client = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(describe);
            let _ = http1::serve(stream, &server, client).await;
        }
        Protocol::H2c => {
            let _ = http2::serve(stream, Arc::clone(&server)).await;
        }
        Protocol::H2(acceptor) => {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let _ = http2::serve(stream, Arc::clone(&server)).await;
        }
        Protocol::Tcp { greets } => return tcp::serve(stream, server.name, *greets).await,
        Protocol::TcpTls(acceptor) => return tcp::serve_tls(stream, server.name, acceptor).await,
    }
    server.has_closed.store(true, Ordering::Relaxed);
}

impl Server {
    /// How to answer a request: the default plan with what the request itself asks for laid over it.
    fn directive(&self, headers: &Fields, uri: &str) -> Result<Directive, serde_json::Error> {
        let mut state = locked(&self.state);
        let plan = match headers.get(self.control) {
            Some(asked) => state.plan.with(serde_json::from_str(asked)?),
            None => state.plan.clone(),
        };
        let directive = plan.directive()?;
        let Some(fail) = directive.fail.clone() else { return Ok(directive) };
        let count = state.failures.entry(format!("{}{uri}", fail.key)).or_default();
        *count += 1;
        if *count <= fail.n { plan.with(fail.plan).directive() } else { Ok(directive) }
    }

    fn record(&self, record: Record) {
        locked(&self.log).push(record);
    }
}

/// Locks what no panic can leave half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection of a backend, plain or TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes closing the connection reset it.
    fn reset_on_close(&self);
}

impl Stream for TcpStream {
    fn reset_on_close(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Stream for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset_on_close(&self) {
        let _ = self.get_ref().0.set_zero_linger();
    }
}
