//! The servers behind TCP routers: they greet with their name and send back every byte.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::{CONNECTION_LIMIT, Stream};

/// Serves a connection until the client has sent everything.
pub(super) async fn serve(stream: TcpStream, name: &str, greets: bool) {
    let greeting = if greets { format!("{name}\n") } else { String::new() };
    // What goes wrong on a connection is the peer's doing; the case sees it in the answer.
    let _ = timeout(CONNECTION_LIMIT, echo(stream, &greeting)).await;
}

/// The same over TLS. The greeting also tells the server name and the application protocol.
pub(super) async fn serve_tls(stream: TcpStream, name: &str, acceptor: &TlsAcceptor) {
    let Ok(Ok(stream)) = timeout(CONNECTION_LIMIT, acceptor.accept(stream)).await else { return };
    let connection = stream.get_ref().1;
    let sni = connection.server_name().unwrap_or("-").to_owned();
    let alpn = connection.alpn_protocol().map_or_else(|| "-".to_owned(), crate::text::text);
    let _ = timeout(CONNECTION_LIMIT, echo(stream, &format!("{name} sni={sni} alpn={alpn}\n"))).await;
}

async fn echo<S: Stream>(mut stream: S, greeting: &str) -> io::Result<()> {
    stream.write_all(greeting.as_bytes()).await?;
    stream.flush().await?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return stream.shutdown().await;
        }
        stream.write_all(&buffer[..length]).await?;
        stream.flush().await?;
    }
}
