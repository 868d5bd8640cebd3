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
use crate::tcp::{Ends, TcpConnection};

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
    // Boxed, so that connections have no room for what comes before their requests while these are served, or
    // wait.
    let http = if handler.has_more_than_http() || transport.proxy_protocol.is_some() {
        match Box::pin(begin(stream, peer, transport, handler, registration)).await {
            Begun::Http(http) => http,
            Begun::Tcp(connection, ends) => return Box::pin(connection.serve(ends, registration)).await,
            Begun::Over => return,
        }
    } else {
        Http::plain(stream, peer, handler)
    };
    let Http { io, conn, spoken } = http;
    if spoken == Spoken::Http2 {
        return http2(io, conn, transport, handler, registration).await;
    }
    let peer = conn.peer;
    match h1::server::serve(io, conn.clone(), &transport.settings, handler, registration).await {
        Some(Other::Http2(io)) if spoken == Spoken::NotAgreed => {
            http2(io, conn, transport, handler, registration).await;
        }
        Some(Other::Tls(io)) if spoken == Spoken::NotAgreed => {
            Box::pin(unexpected_tls(io, peer, transport, handler, registration)).await;
        }
        // HTTP/2 over TLS has to be agreed on (RFC 9113 section 3.2): who begins with it nevertheless is cut off.
        _ => {}
    }
}

/// What a connection turned out to be.
enum Begun {
    Http(Http),
    Tcp(Box<TcpConnection>, Ends),
    /// It is of no use.
    Over,
}

/// A connection of HTTP.
struct Http {
    io: Io,
    conn: Rc<ConnInfo>,
    spoken: Spoken,
}

/// Which version of HTTP a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoken {
    /// Its first bytes tell: there is no TLS in which it would have been agreed on.
    NotAgreed,
    Http1,
    Http2,
}

impl Http {
    fn plain(stream: TcpStream, peer: SocketAddr, handler: &EntryHandler) -> Self {
        let conn = Rc::new(ConnInfo::new(handler.entry_point.name.clone(), peer));
        Self { io: Io::Tcp(stream), conn, spoken: Spoken::NotAgreed }
    }

    /// A connection after its handshake; `None` when something was agreed on, as the options have it, that HTTP
    /// cannot be spoken over.
    fn over_tls(accepted: Accepted, peer: SocketAddr, handler: &EntryHandler) -> Option<Self> {
        let Accepted { stream, info } = accepted;
        let spoken = match stream.alpn() {
            Some(b"h2") => Spoken::Http2,
            Some(b"http/1.1" | b"http/1.0") | None => Spoken::Http1,
            Some(_) => return None,
        };
        let conn = ConnInfo { tls: Some(info), ..ConnInfo::new(handler.entry_point.name.clone(), peer) };
        Some(Self { io: Io::Other(stream), conn: Rc::new(conn), spoken })
    }
}

/// Finds out what a connection is on an entry point where not all are HTTP without TLS.
async fn begin(
    stream: TcpStream,
    peer: SocketAddr,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) -> Begun {
    let entry_point = &*handler.entry_point.name;
    let Some(ends) = ends_of(&stream, peer, transport, entry_point).await else { return Begun::Over };
    let peer = ends.source;
    let snapshot = handler.snapshot.get();
    let entry = snapshot.entry_points.get(handler.number).filter(|entry| entry.has_more_than_http());
    let Some(entry) = entry else { return Begun::Http(Http::plain(stream, peer, handler)) };
    match open(stream, peer, entry, transport, registration).await {
        Ok(Some(Opened::Plain(stream))) => Begun::Http(Http::plain(stream, peer, handler)),
        Ok(Some(Opened::Tls(accepted))) => {
            Http::over_tls(accepted, peer, handler).map_or(Begun::Over, Begun::Http)
        }
        Ok(Some(Opened::Tcp(connection))) => Begun::Tcp(connection, ends),
        Ok(None) => Begun::Over,
        Err(error) => {
            tell(handler, peer, &error);
            Begun::Over
        }
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
        Ok(Some(accepted)) => {
            let Some(Http { io, conn, spoken }) = Http::over_tls(accepted, peer, handler) else { return };
            if spoken == Spoken::Http2 {
                http2(io, conn, transport, handler, registration).await;
            } else {
                h1::server::serve(io, conn, &transport.settings, handler, registration).await;
            }
        }
        Ok(None) => {}
        Err(error) => tell(handler, peer, &error),
    }
}

/// Tells why a connection was closed before there was a request.
fn tell(handler: &EntryHandler, peer: SocketAddr, error: &OpenError) {
    let entry_point = &*handler.entry_point.name;
    tracing::debug!(entryPointName = entry_point, clientAddr = %peer, %error, "closed a connection");
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a connection holds while it waits, besides what is allocated for it.
    fn size<F: Future>(
        _: impl Fn(TcpStream, SocketAddr, &'static Transport, &'static EntryHandler, &'static Connection) -> F,
    ) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_waiting_connection_has_no_room_for_what_it_does_not_need() {
        // With what tokio needs for a task this comes to 1 KiB.
        assert!(size(serve) <= 768, "{}", size(serve));
    }
}
