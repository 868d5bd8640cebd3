//! Making a connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ferroway_core::{Error, Io, Reason};
use tokio::net::TcpStream;

use crate::Endpoint;

/// Pause between TCP keep-alive probes, and before the first one.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Connects to a server.
///
/// # Errors
/// The name cannot be resolved, no address accepts, or it took longer than the dial timeout.
pub(crate) async fn dial(endpoint: &Endpoint) -> Result<Io, Error> {
    let key = endpoint.key();
    let connecting = connect(endpoint);
    let Some(limit) = key.transport.dial_timeout else { return connecting.await };
    match tokio::time::timeout(limit, connecting).await {
        Ok(result) => result,
        Err(_) => Err(Error::before_sending(
            Reason::ConnectTimeout,
            format!("{}:{} did not accept a connection within {limit:?}", key.host, key.port),
        )),
    }
}

async fn connect(endpoint: &Endpoint) -> Result<Io, Error> {
    let key = endpoint.key();
    if let Some(ip) = endpoint.ip {
        return open(SocketAddr::new(ip, key.port)).await.map_err(|error| failed(endpoint, &error));
    }
    let addresses = tokio::net::lookup_host((key.host.as_str(), key.port)).await.map_err(|error| {
        Error::before_sending(Reason::DnsFailed, format!("the name {} cannot be resolved: {error}", key.host))
    })?;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match open(address).await {
            Ok(io) => return Ok(io),
            Err(error) => last = error,
        }
    }
    Err(failed(endpoint, &last))
}

fn failed(endpoint: &Endpoint, error: &io::Error) -> Error {
    let key = endpoint.key();
    let reason =
        if error.kind() == io::ErrorKind::TimedOut { Reason::ConnectTimeout } else { Reason::ConnectFailed };
    Error::before_sending(reason, format!("connecting to {}:{} failed: {error}", key.host, key.port))
}

async fn open(address: SocketAddr) -> io::Result<Io> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let probes = socket2::TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE);
    socket2::SockRef::from(&stream).set_tcp_keepalive(&probes)?;
    Ok(Io::Tcp(stream))
}
