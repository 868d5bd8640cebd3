//! Opening connections: PROXY protocol header, STARTTLS and TLS handshake, as a case wants them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

use super::{Client, Failure, Stream, TlsSeen, failure, tls};
use crate::request::{StartTls, TlsChoice};

/// How a connection is opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The entry point.
    pub entry_point: &'a str,
    /// The client's address, when it is not to be 127.0.0.1.
    pub source: Option<IpAddr>,
    /// Bytes sent before everything else.
    pub preface: &'a [u8],
    /// Ask for TLS in the way of another protocol.
    pub start_tls: Option<&'a StartTls>,
    /// Speak TLS.
    pub tls: Option<&'a TlsChoice>,
}

/// An open connection.
pub struct Link {
    /// The bytes.
    pub(super) stream: Box<dyn Stream>,
    /// The port of our end.
    pub(super) local_port: u16,
    /// What was agreed on, with TLS.
    pub(super) tls: Option<TlsSeen>,
}

impl Client {
    /// Opens a connection.
    pub(super) async fn open(&self, opening: &Opening<'_>, deadline: Instant) -> Result<Link, Failure> {
        let outcome = timeout_at(deadline, async {
            let stream = self.prepare(opening).await?;
            let local_port = stream.local_addr().map_or(0, |address| address.port());
            let Some(choice) = opening.tls else {
                return Ok(Link { stream: Box::new(stream), local_port, tls: None });
            };
            let connector = tls::connector(choice).map_err(|e| Failure::Wrong(e.to_string()))?;
            let mut shaken = tls::handshake(stream, &connector, choice).await;
            if choice.resume {
                tls::wait_for_ticket(shaken.map_err(|e| handshake_failure(&e))?.0).await;
                shaken = tls::handshake(self.prepare(opening).await?, &connector, choice).await;
            }
            let (stream, seen) = shaken.map_err(|e| handshake_failure(&e))?;
            Ok(Link { stream: Box::new(stream), local_port, tls: Some(seen) })
        });
        outcome.await.unwrap_or(Err(Failure::Timeout))
    }

    /// Connects and does what comes before TLS.
    async fn prepare(&self, opening: &Opening<'_>) -> Result<TcpStream, Failure> {
        let connecting = self.connect(opening.entry_point, opening.source).await;
        let mut stream = connecting.map_err(|e| failure(&e))?;
        stream.write_all(opening.preface).await.map_err(|_| Failure::Closed)?;
        if let Some(ask) = opening.start_tls {
            ask_for_tls(&mut stream, ask).await?;
        }
        Ok(stream)
    }

    async fn connect(&self, entry_point: &str, source: Option<IpAddr>) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(source) = source {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(self.address(entry_point)?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Where an entry point listens.
    pub(super) fn address(&self, entry_point: &str) -> io::Result<SocketAddr> {
        let port = self.entry_points.get(entry_point);
        let port =
            *port.ok_or_else(|| io::Error::other(format!("no entry point is called {entry_point:?}")))?;
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
}

/// Why a handshake failed.
fn handshake_failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => Failure::Closed,
        _ => Failure::Tls(tls::alert(error)),
    }
}

/// Asks for TLS and reads one byte, which must be the expected one.
async fn ask_for_tls(stream: &mut TcpStream, ask: &StartTls) -> Result<(), Failure> {
    stream.write_all(&ask.send).await.map_err(|e| failure(&e))?;
    let answer = stream.read_u8().await.map_err(|e| failure(&e))?;
    if answer == ask.expect { Ok(()) } else { Err(Failure::StartTls(format!("{answer:02x}"))) }
}
