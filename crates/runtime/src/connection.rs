//! A connection from its first byte to the protocol that it speaks.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use ferroway_core::{ConnInfo, Connection, Io, Phase};
use ferroway_http::server::Settings;
use ferroway_http::{h1, h2};
use ferroway_listener::proxy_protocol::read_header;
use ferroway_tls::{AcceptError, Accepted, Received, Sniffed, Sniffer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::entry_point::Trust;
use crate::handler::EntryHandler;
use crate::snapshot::Acceptors;

/// How long a handshake may take where the entry point has no read timeout.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// First bytes of TLS: a record with a handshake, and SSLv2, which is refused.
const TLS: [u8; 2] = [0x16, 0x80];

/// What an entry point does with connections before there are requests.
#[derive(Debug, Clone)]
pub struct Transport {
    /// Limits and timeouts.
    pub settings: Settings,
    /// Limits of HTTP/2.
    pub http2: h2::server::Limits,
    /// Whose PROXY protocol headers are believed; `None` is nobody's, and none is looked for.
    pub proxy_protocol: Option<Trust>,
}

/// What a connection turned out to be.
enum Opened {
    Plain(TcpStream),
    Tls(Box<Accepted>),
}

/// Serves a connection until it ends.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) {
    let entry_point = &*handler.entry_point.name;
    let Some(peer) = client_of(&stream, peer, transport, entry_point).await else { return };
    let mut conn = ConnInfo::new(handler.entry_point.name.clone(), peer);
    let opened = match handler.acceptors() {
        None => Opened::Plain(stream),
        // Boxed, so that entry points without TLS have no room for it.
        Some(acceptors) => match Box::pin(open(stream, &acceptors, transport, registration)).await {
            Ok(Some(opened)) => opened,
            Ok(None) => return,
            Err(error) => {
                tracing::debug!(entryPointName = entry_point, clientAddr = %peer, %error, "closed a connection");
                return;
            }
        },
    };
    let (io, multiplexed) = match opened {
        Opened::Plain(stream) => (Io::Tcp(stream), false),
        Opened::Tls(accepted) => {
            let Accepted { stream, info } = *accepted;
            conn.tls = Some(info);
            let multiplexed = match stream.alpn() {
                Some(b"h2") => true,
                Some(b"http/1.1" | b"http/1.0") | None => false,
                // Agreed on, as the options have it, and nothing that HTTP could be spoken over.
                Some(_) => return,
            };
            (Io::Other(Box::new(stream)), multiplexed)
        }
    };
    let (conn, settings) = (Rc::new(conn), &transport.settings);
    let other = if multiplexed {
        Some(io)
    } else {
        h1::server::serve(io, conn.clone(), settings, handler, registration).await
    };
    // Over TLS, HTTP/2 has to be agreed on (RFC 9113 section 3.2).
    if let Some(io) = other.filter(|_| multiplexed || !conn.is_tls()) {
        // Boxed, so that connections of HTTP/1.1 have no room for it.
        Box::pin(h2::server::serve(io, conn, settings, &transport.http2, handler, registration)).await;
    }
}

/// The client: the peer, or whom a trusted proxy names in its PROXY protocol header. `None` when the connection
/// is of no use.
async fn client_of(
    stream: &TcpStream,
    peer: SocketAddr,
    transport: &Transport,
    entry_point: &str,
) -> Option<SocketAddr> {
    let Some(trust) = &transport.proxy_protocol else { return Some(peer) };
    // Traefik: a header of somebody who is not trusted is taken off too, and not believed.
    let deadline = transport.settings.read_timeout.map(|timeout| Instant::now() + timeout);
    match Box::pin(read_header(stream, deadline)).await {
        Ok(Some(addresses)) if trust.includes(peer.ip()) => Some(addresses.source),
        Ok(_) => Some(peer),
        Err(error) => {
            tracing::debug!(entryPointName = entry_point, clientAddr = %peer, %error, "closed a connection");
            None
        }
    }
}

/// Why a connection did not get as far as its protocol.
#[derive(Debug, thiserror::Error)]
enum OpenError {
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
}

/// Finds out whether a client speaks TLS, and does the handshake if so; `None` when it goes without a word, or
/// ferroway is about to end.
async fn open(
    stream: TcpStream,
    acceptors: &Acceptors,
    transport: &Transport,
    registration: &Connection,
) -> Result<Option<Opened>, OpenError> {
    let timeout = transport.settings.read_timeout.unwrap_or(HANDSHAKE_TIMEOUT);
    let deadline = Instant::now() + timeout;
    let opening = open_within(stream, acceptors, deadline);
    let mut opening = std::pin::pin!(tokio::time::timeout_at(deadline, opening));
    std::future::poll_fn(|cx| {
        if let std::task::Poll::Ready(result) = opening.as_mut().poll(cx) {
            return std::task::Poll::Ready(result.unwrap_or(Err(OpenError::Timeout)));
        }
        // Who has not made a connection yet has no request that could be lost.
        if registration.phase(cx.waker()) >= Phase::Draining {
            return std::task::Poll::Ready(Ok(None));
        }
        std::task::Poll::Pending
    })
    .await
}

async fn open_within(
    mut stream: TcpStream,
    acceptors: &Acceptors,
    deadline: Instant,
) -> Result<Option<Opened>, OpenError> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(None);
    }
    if !TLS.contains(&first[0]) {
        return Ok(Some(Opened::Plain(stream)));
    }
    let mut bytes = Vec::with_capacity(2048);
    let mut sniffer = Sniffer::default();
    let hello = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        match sniffer.read(&bytes) {
            Ok(Sniffed::Hello(hello)) => break *hello,
            Ok(Sniffed::Incomplete) => {}
            Ok(Sniffed::Plain | Sniffed::PostgresSslRequest) => {
                unreachable!("the first byte is one of TLS")
            }
            Err(error) => {
                // The client may be gone, and there is nothing more to tell it.
                let _ = stream.write_all(error.alert()).await;
                return Err(error.into());
            }
        }
    };
    let Some(acceptor) = acceptors.get(hello.server_name()) else {
        return Err(OpenError::Options(hello.server_name().unwrap_or_default().to_owned()));
    };
    let local = stream.local_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let received = Received { hello, bytes: &bytes };
    let accepted = acceptor.accept(Io::Tcp(stream), received, local, deadline.into_std()).await?;
    Ok(Some(Opened::Tls(Box::new(accepted))))
}
