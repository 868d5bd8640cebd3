//! Exchanges of datagrams, for UDP routers.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Result;
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use super::Client;
use crate::cases::Datagrams;
use crate::text::text;

impl Client {
    /// Sends datagrams one after the other, from so many sockets in turn, and waits for an answer to each.
    ///
    /// # Errors
    /// When a socket cannot be made.
    pub async fn datagrams(&self, datagrams: &Datagrams) -> Result<Vec<String>> {
        let address = self.address(&datagrams.entry_point)?;
        let mut sockets = Vec::new();
        for _ in 0..datagrams.sockets {
            let source = datagrams.source.unwrap_or(Ipv4Addr::LOCALHOST.into());
            sockets.push(UdpSocket::bind(SocketAddr::new(source, 0)).await?);
        }
        let patience = Duration::try_from_secs_f64(datagrams.timeout)?;
        let pause = Duration::try_from_secs_f64(datagrams.pause)?;
        let mut got = Vec::new();
        for (socket, data) in sockets.iter().cycle().zip(&datagrams.send) {
            let mut buffer = vec![0; 64 * 1024];
            let data = data.repeat(datagrams.repeat);
            let outcome = async {
                socket.send_to(data.as_bytes(), address).await?;
                socket.recv(&mut buffer).await
            };
            got.push(match timeout(patience, outcome).await {
                Err(_) => "{nothing}".to_owned(),
                Ok(Err(_)) => "{refused}".to_owned(),
                Ok(Ok(length)) if length > 200 => format!("{{{length} bytes}}"),
                Ok(Ok(length)) => text(&buffer[..length]),
            });
            sleep(pause).await;
        }
        Ok(got)
    }
}
