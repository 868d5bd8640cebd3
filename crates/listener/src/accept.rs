//! Accepting, with patience for a machine that is short of something.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// Pause after an error that another try at once would only repeat (no free descriptors).
const PAUSE: Duration = Duration::from_millis(50);

/// The next connection. Errors of a single connection are passed over; those of the machine are
/// logged and waited out.
pub async fn accept(listener: &TcpListener, entry_point: &str) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::error!(entryPointName = entry_point, %error, "cannot accept connections");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
