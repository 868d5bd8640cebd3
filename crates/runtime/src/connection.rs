//! A connection from its first byte to the protocol that it speaks.

use std::net::SocketAddr;
use std::rc::Rc;

use ferroway_core::{ConnInfo, Connection, Io};
use ferroway_http::server::Settings;
use ferroway_http::{h1, h2};
use ferroway_listener::proxy_protocol::read_header;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::entry_point::Trust;
use crate::handler::EntryHandler;

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

/// Serves a connection until it ends.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    transport: &Transport,
    handler: &EntryHandler,
    registration: &Connection,
) {
    let Some(peer) = client_of(&stream, peer, transport, &handler.entry_point.name).await else { return };
    let conn = Rc::new(ConnInfo::new(handler.entry_point.name.clone(), peer));
    let settings = &transport.settings;
    let other = h1::server::serve(Io::Tcp(stream), conn.clone(), settings, handler, registration).await;
    if let Some(io) = other {
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
