//! The first bytes of a connection on an entry point where not everything is HTTP without TLS: who gets it
//! (specification section 2.8), and the handshake.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ferroway_core::{Connection, Io, Phase};
use ferroway_tls::{AcceptError, Accepted, Acceptor, ClientHello, Received, Sniffed, Sniffer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::connection::Transport;
use crate::snapshot::EntryTable;
use crate::tcp::{OverTls, TcpConnection, TcpRoute, local_address};

/// How long a handshake may take where the entry point has no read timeout.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// First bytes of TLS: a record with a handshake, and SSLv2, which is refused.
const TLS: [u8; 2] = [0x16, 0x80];
/// The first byte of PostgreSQL's request for TLS.
const POSTGRES: u8 = 0;
/// The length of that request in bytes.
const POSTGRES_REQUEST: u64 = 8;
/// What is said to it.
const POSTGRES_GRANTED: &[u8] = b"S";

/// What a connection turned out to be.
pub(crate) enum Opened {
    /// HTTP without TLS.
    Plain(TcpStream),
    /// HTTP over TLS.
    Tls(Accepted),
    /// A TCP router's.
    Tcp(Box<TcpConnection>),
}

/// Why a connection did not get as far as its protocol.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the first bytes did not come in time")]
    Timeout,
    #[error("malformed ClientHello: {0}")]
    Hello(#[from] ferroway_tls::HelloError),
    #[error("the TLS options for {0:?} cannot be used")]
    Options(String),
    #[error(transparent)]
    Accept(#[from] AcceptError),
    #[error("TCP router {0}: {1}")]
    Refused(Arc<str>, ferroway_tcp::Refused),
    #[error("PostgreSQL asked for TLS and no TCP router is for {0:?}")]
    NoPostgres(String),
    #[error("a ClientHello was expected, and something else came")]
    NotTls,
    #[error("neither HTTP nor TLS, and no TCP router is for it")]
    Unknown,
}

/// Finds out who gets a connection; `None` when the client goes without a word, or ferroway is about to end.
pub(crate) async fn open(
    stream: TcpStream,
    peer: SocketAddr,
    entry: &EntryTable,
    transport: &Transport,
    registration: &Connection,
) -> Result<Option<Opened>, OpenError> {
    let deadline = deadline(transport);
    let opening = Opening { peer, entry, acme_by_servers: transport.acme_by_servers, deadline };
    until(deadline, registration, Box::pin(opening.first_bytes(stream))).await
}

/// The handshake, under the default options, with a client that speaks TLS where nothing answers over it.
pub(crate) async fn accept_default(
    mut io: Io,
    acceptor: &Acceptor,
    transport: &Transport,
    registration: &Connection,
) -> Result<Option<Accepted>, OpenError> {
    let deadline = deadline(transport);
    let opening = async {
        let mut bytes = Vec::with_capacity(2048);
        let Some(hello) = read_hello(&mut io, &mut bytes).await? else { return Ok(None) };
        // There is no certificate that could be for the address.
        let local = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let received = Received { hello, bytes: &bytes };
        Ok(Some(Box::pin(acceptor.accept(io, received, local, deadline.into_std())).await?))
    };
    until(deadline, registration, opening).await
}

fn deadline(transport: &Transport) -> Instant {
    Instant::now() + transport.settings.read_timeout.unwrap_or(HANDSHAKE_TIMEOUT)
}

/// What `opening` gives, until the deadline; `None` when ferroway is about to end.
async fn until<T>(
    deadline: Instant,
    registration: &Connection,
    opening: impl Future<Output = Result<Option<T>, OpenError>>,
) -> Result<Option<T>, OpenError> {
    let mut opening = std::pin::pin!(tokio::time::timeout_at(deadline, opening));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(result) = opening.as_mut().poll(cx) {
            return Poll::Ready(result.unwrap_or(Err(OpenError::Timeout)));
        }
        // Who has not made a connection yet has no request that could be lost.
        if registration.phase(cx.waker()) >= Phase::Draining {
            return Poll::Ready(Ok(None));
        }
        Poll::Pending
    })
    .await
}

/// A connection that is being opened.
struct Opening<'a> {
    peer: SocketAddr,
    entry: &'a EntryTable,
    acme_by_servers: bool,
    deadline: Instant,
}

impl Opening<'_> {
    async fn first_bytes(self, stream: TcpStream) -> Result<Option<Opened>, OpenError> {
        // Servers that speak first would wait for ever for the client's first byte.
        if !self.entry.has_tls()
            && let Some(route) = self.plain()
        {
            return self.take_plain(route, stream, Vec::new()).map(Some);
        }
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Ok(None);
        }
        match first[0] {
            byte if TLS.contains(&byte) => self.tls(stream).await,
            POSTGRES if self.entry.tcp.as_ref().is_some_and(|tcp| tcp.has_tls()) => {
                self.postgres(stream).await
            }
            _ => match self.plain() {
                Some(route) => self.take_plain(route, stream, Vec::new()).map(Some),
                None => Ok(Some(Opened::Plain(stream))),
            },
        }
    }

    /// The TCP router of a connection without TLS.
    fn plain(&self) -> Option<Arc<TcpRoute>> {
        self.entry.tcp.as_ref()?.plain(self.peer.ip()).cloned()
    }

    fn take_plain(
        &self,
        route: Arc<TcpRoute>,
        stream: TcpStream,
        bytes: Vec<u8>,
    ) -> Result<Opened, OpenError> {
        let admitted = self.admit(&route)?;
        let local = local_address(&stream);
        let io = Io::Tcp(stream);
        Ok(Opened::Tcp(Box::new(TcpConnection { route, io, postgres: false, bytes, local, admitted })))
    }

    fn admit(&self, route: &TcpRoute) -> Result<Vec<ferroway_tcp::InFlight>, OpenError> {
        route.admit(self.peer.ip()).map_err(|refused| OpenError::Refused(route.name.clone(), refused))
    }

    /// A connection that begins with TLS.
    async fn tls(self, mut stream: TcpStream) -> Result<Option<Opened>, OpenError> {
        let mut bytes = Vec::with_capacity(2048);
        let Some(hello) = read_hello(&mut stream, &mut bytes).await? else { return Ok(None) };
        let tcp = self.entry.tcp.as_ref();
        if let Some(route) = tcp.and_then(|tcp| tcp.over_tls(&hello, self.peer.ip(), self.acme_by_servers)) {
            return self.take_tls(route.clone(), stream, hello, bytes, false).await.map(Some);
        }
        let name = hello.server_name();
        let acceptor = self.entry.acceptors.as_ref().and_then(|acceptors| acceptors.get(name));
        let acceptor = acceptor.ok_or_else(|| OpenError::Options(shown(&hello)))?;
        let accepted = self.accept(acceptor, stream, hello, &bytes).await?;
        Ok(Some(Opened::Tls(accepted)))
    }

    /// A connection that begins as PostgreSQL's with TLS do, or nearly so.
    async fn postgres(self, mut stream: TcpStream) -> Result<Option<Opened>, OpenError> {
        let mut bytes = Vec::new();
        loop {
            // Not a byte more: what comes next is TLS, which may be the server's.
            let missing = POSTGRES_REQUEST - bytes.len() as u64;
            if (&mut stream).take(missing).read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
            match Sniffer::default().read(&bytes)? {
                Sniffed::PostgresSslRequest => break,
                Sniffed::Incomplete => {}
                Sniffed::Plain | Sniffed::Hello(_) => {
                    let route = self.plain().ok_or(OpenError::Unknown)?;
                    return self.take_plain(route, stream, bytes).map(Some);
                }
            }
        }
        stream.write_all(POSTGRES_GRANTED).await?;
        bytes.clear();
        let Some(hello) = read_hello(&mut stream, &mut bytes).await? else { return Ok(None) };
        let route = self.entry.tcp.as_ref().and_then(|tcp| tcp.postgres(&hello, self.peer.ip()));
        let route = route.ok_or_else(|| OpenError::NoPostgres(shown(&hello)))?.clone();
        self.take_tls(route, stream, hello, bytes, true).await.map(Some)
    }

    /// A connection over TLS that is a TCP router's.
    async fn take_tls(
        &self,
        route: Arc<TcpRoute>,
        stream: TcpStream,
        hello: Box<ClientHello>,
        bytes: Vec<u8>,
        postgres: bool,
    ) -> Result<Opened, OpenError> {
        let admitted = self.admit(&route)?;
        let local = local_address(&stream);
        let acceptor = match &route.over_tls {
            OverTls::None | OverTls::Passthrough => {
                let io = Io::Tcp(stream);
                return Ok(Opened::Tcp(Box::new(TcpConnection {
                    route,
                    io,
                    postgres,
                    bytes,
                    local,
                    admitted,
                })));
            }
            OverTls::Terminated(acceptor) => acceptor.clone(),
        };
        let acceptor = acceptor.ok_or_else(|| OpenError::Options(shown(&hello)))?;
        let accepted = self.accept(&acceptor, stream, hello, &bytes).await?;
        let io = Io::Other(accepted.stream);
        let bytes = Vec::new();
        Ok(Opened::Tcp(Box::new(TcpConnection { route, io, postgres: false, bytes, local, admitted })))
    }

    async fn accept(
        &self,
        acceptor: &Acceptor,
        stream: TcpStream,
        hello: Box<ClientHello>,
        bytes: &[u8],
    ) -> Result<Accepted, OpenError> {
        let local = local_address(&stream).ip();
        let received = Received { hello, bytes };
        let handshake = acceptor.accept(Io::Tcp(stream), received, local, self.deadline.into_std());
        // Boxed, as it is large and stands in several places.
        Ok(Box::pin(handshake).await?)
    }
}

fn shown(hello: &ClientHello) -> String {
    hello.server_name().unwrap_or_default().to_owned()
}

/// Reads a ClientHello, and maybe what comes after it, into `bytes`. `None` when the client goes before it is whole.
async fn read_hello<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: &mut Vec<u8>,
) -> Result<Option<Box<ClientHello>>, OpenError> {
    let mut sniffer = Sniffer::default();
    loop {
        if stream.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
        match sniffer.read(bytes) {
            Ok(Sniffed::Hello(hello)) => return Ok(Some(hello)),
            Ok(Sniffed::Incomplete) => {}
            Ok(Sniffed::Plain | Sniffed::PostgresSslRequest) => return Err(OpenError::NotTls),
            Err(error) => {
                // The client may be gone, and there is nothing more to tell it.
                let _ = stream.write_all(error.alert()).await;
                return Err(error.into());
            }
        }
    }
}
