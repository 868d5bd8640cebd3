//! A connection from its first byte to the protocol that it speaks.

use std::net::SocketAddr;
use std::rc::Rc;

use ferroway_core::{ConnInfo, Connection, Io};
use ferroway_http::h1::server::Other;
use ferroway_http::server::Settings;
use ferroway_http::{h1, h2};
use ferroway_listener::proxy_protocol::read_header;
use ferroway_tls::Accepted;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::entry_point::Trust;
use crate::handler::EntryHandler;
use crate::opening::{OpenError, Opened, accept_default, open};
use crate::tcp::Ends;

/// What an entry point does with connections before there are requests.
#[derive(Debug, Clone)]
pub struct Transport {
    /// Limits and timeouts.
    pub settings: Settings,
    /// Limits of HTTP/2.
    pub http2: h2::server::Limits,
    /// Whose PROXY protocol headers are believed; `None` is nobody's, and none is looked for.
    pub proxy_protocol: Option<Trust>,
    /// Whether servers answer ACME's challenges over TLS, and not ferroway (`allowACMEByPass`).
    pub acme_by_servers: bool,
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
    let Some(ends) = ends_of(&stream, peer, transport, entry_point).await else { return };
    let peer = ends.source;
    let opened = match opened(stream, peer, transport, handler, registration).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return,
        Err(error) => return tell(handler, peer, &error),
    };
    let io = match opened {
        Opened::Plain(stream) => Io::Tcp(stream),
        Opened::Tls(accepted) => return over_tls(*accepted, peer, transport, handler, registration).await,
        Opened::Tcp(connection) => return connection.serve(ends, registration).await,
    };
    let conn = Rc::new(ConnInfo::new(handler.entry_point.name.clone(), peer));
    let settings = &transport.settings;
    match h1::server::serve(io, conn.clone(), settings, handler, registration).await {
        None => {}
        Some(Other::Http2(io)) => http2(io, conn, transport, handler, registration).await,
        // Boxed, so that other connections have no room for it.
        Some(Other::Tls(io)) => {
            Box::pin(unexpected_tls(io, peer, transport, handler, registration)).await;
        }
    }
}

/// Serves a connection of HTTP over TLS.
async fn over_tls(
    accepted: Accepted,
    peer: SocketAddr,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) {
    let Accepted { stream, info } = accepted;
    let multiplexed = match stream.alpn() {
        Some(b"h2") => true,
        Some(b"http/1.1" | b"http/1.0") | None => false,
        // Agreed on, as the options have it, and nothing that HTTP could be spoken over.
        Some(_) => return,
    };
    let conn = ConnInfo { tls: Some(info), ..ConnInfo::new(handler.entry_point.name.clone(), peer) };
    let (io, conn) = (Io::Other(Box::new(stream)), Rc::new(conn));
    if multiplexed {
        http2(io, conn, transport, handler, registration).await;
    } else {
        // HTTP/2 has to be agreed on (RFC 9113 section 3.2): who begins with it nevertheless is cut off.
        h1::server::serve(io, conn, &transport.settings, handler, registration).await;
    }
}

async fn http2(
    io: Io,
    conn: Rc<ConnInfo>,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) {
    // Boxed, so that connections of HTTP/1.1 have no room for it.
    Box::pin(h2::server::serve(io, conn, &transport.settings, &transport.http2, handler, registration)).await;
}

/// A client that speaks TLS on an entry point where nothing answers over it: it is told that, over TLS.
async fn unexpected_tls(
    io: Io,
    peer: SocketAddr,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) {
    let Some(acceptor) = handler.snapshot.get().default_acceptor.clone() else { return };
    match accept_default(io, &acceptor, transport, registration).await {
        Ok(Some(accepted)) => over_tls(accepted, peer, transport, handler, registration).await,
        Ok(None) => {}
        Err(error) => tell(handler, peer, &error),
    }
}

/// Tells why a connection was closed before there was a request.
fn tell(handler: &EntryHandler, peer: SocketAddr, error: &OpenError) {
    let entry_point = &*handler.entry_point.name;
    tracing::debug!(entryPointName = entry_point, clientAddr = %peer, %error, "closed a connection");
}

/// What a connection is. Most are HTTP without TLS, on entry points that have nothing else.
async fn opened(
    stream: TcpStream,
    peer: SocketAddr,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) -> Result<Option<Opened>, OpenError> {
    let snapshot = handler.snapshot.get();
    match snapshot.entry_points.get(handler.number) {
        Some(entry) if entry.acceptors.is_some() || entry.tcp.is_some() => {
            // Boxed, so that other entry points have no room for it.
            Box::pin(open(stream, peer, entry, transport, registration)).await
        }
        _ => Ok(Some(Opened::Plain(stream))),
    }
}

/// The ends of the connection: its own, or those that a trusted proxy names in its PROXY protocol header. `None`
/// when the connection is of no use.
async fn ends_of(
    stream: &TcpStream,
    peer: SocketAddr,
    transport: &Transport,
    entry_point: &str,
) -> Option<Ends> {
    let own = Ends { source: peer, destination: None };
    let Some(trust) = &transport.proxy_protocol else { return Some(own) };
    // Traefik: a header of somebody who is not trusted is taken off too, and not believed.
    let deadline = transport.settings.read_timeout.map(|timeout| Instant::now() + timeout);
    match Box::pin(read_header(stream, deadline)).await {
        Ok(Some(addresses)) if trust.includes(peer.ip()) => {
            Some(Ends { source: addresses.source, destination: Some(addresses.destination) })
        }
        Ok(_) => Some(own),
        Err(error) => {
            tracing::debug!(entryPointName = entry_point, clientAddr = %peer, %error, "closed a connection");
            None
        }
    }
}
