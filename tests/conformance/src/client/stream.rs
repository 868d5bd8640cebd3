//! Exchanges of plain bytes, for TCP routers.

use std::collections::HashMap;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::connect::Link;
use super::{Client, Failure, TlsSeen, failure};
use crate::cases::Exchange;
use crate::text::{text, to_hex};

/// The most that is read.
const LIMIT: usize = 256 * 1024;

/// How long the other side may take to greet before a probe takes it for an HTTP server.
const GREETING: Duration = Duration::from_millis(150);

/// How long a probe waits for an answer to its HTTP request.
const PROBE: Duration = Duration::from_secs(3);

/// What an exchange brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanged {
    /// Everything that came, as text or in hexadecimal.
    pub got: String,
    /// Whether the peer closed the connection, where reading went on until that or a pause.
    pub closed: Option<bool>,
    /// The TLS connection.
    pub tls: Option<TlsSeen>,
}

/// Connections that stay open between the steps of a case, by the names that the steps give them.
#[derive(Default)]
pub struct Held(HashMap<String, Link>);

impl Client {
    /// Sends bytes and reads until the peer closes, nothing comes any more or what is wanted has come.
    ///
    /// # Errors
    /// When the connection cannot be made, or is reset.
    pub async fn exchange(&self, exchange: &Exchange, held: &mut Held) -> Result<Exchanged, Failure> {
        let mut link = match exchange.connection.as_ref().and_then(|name| held.0.remove(name)) {
            Some(link) => link,
            None => self.open(&exchange.opening(), Instant::now() + exchange.patience()).await?,
        };
        let outcome = self.talk_bytes(&mut link, exchange).await;
        if let Some(name) = &exchange.connection {
            held.0.insert(name.clone(), link);
        }
        outcome
    }

    async fn talk_bytes(&self, link: &mut Link, exchange: &Exchange) -> Result<Exchanged, Failure> {
        let mut seen = Exchanged { got: String::new(), closed: None, tls: link.tls.clone() };
        if exchange.probe {
            seen.got = probe(link).await?;
            return Ok(seen);
        }
        let write = async {
            link.stream.write_all(&exchange.send).await?;
            link.stream.flush().await?;
            if exchange.half_close { link.stream.shutdown().await } else { Ok(()) }
        };
        // Whether the end comes with a reset or without is a matter of timing.
        let outcome = match write.await {
            Ok(()) => read(link, exchange).await,
            Err(error) => Err(failure(&error)),
        };
        let (got, closed) = match outcome {
            Err(Failure::Closed) => (Vec::new(), Some(true)),
            outcome => outcome?,
        };
        seen.closed = closed;
        seen.got = if exchange.hex { to_hex(&got) } else { text(&got) };
        if exchange.mask_port {
            let entry = self.address(&exchange.entry_point).map_or(0, |address| address.port());
            seen.got = mask_ports(&seen.got, link.local_port, entry);
        }
        Ok(seen)
    }
}

/// Reads as far as an exchange wants, and tells how it ended.
async fn read(link: &mut Link, exchange: &Exchange) -> Result<(Vec<u8>, Option<bool>), Failure> {
    let mut got = Vec::new();
    loop {
        let line_came = exchange.line && got.contains(&b'\n');
        if line_came || exchange.want.is_some_and(|want| got.len() >= want) || got.len() >= LIMIT {
            return Ok((got, None));
        }
        match timeout(exchange.pause(), link.stream.read_buf(&mut got)).await {
            Err(_) => return Ok((got, Some(false))),
            Ok(Ok(0)) => return Ok((got, Some(true))),
            Ok(Ok(_)) => {}
            // An alert after what came, or a reset, ends the connection too.
            Ok(Err(_)) if !got.is_empty() => return Ok((got, Some(true))),
            Ok(Err(error)) => return Err(failure(&error)),
        }
    }
}

/// The first line that a server which greets sends, or the status line of an HTTP server.
async fn probe(link: &mut Link) -> Result<String, Failure> {
    let mut got = Vec::new();
    let greeting = timeout(GREETING, link.stream.read_buf(&mut got)).await;
    if greeting.is_err() {
        let request = b"GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n";
        link.stream.write_all(request).await.map_err(|e| failure(&e))?;
        link.stream.flush().await.map_err(|e| failure(&e))?;
        let answer = timeout(PROBE, link.stream.read_buf(&mut got)).await.map_err(|_| Failure::Timeout)?;
        answer.map_err(|e| failure(&e))?;
    } else if let Ok(Err(error)) = greeting {
        return Err(failure(&error));
    }
    if got.is_empty() {
        return Err(Failure::Closed);
    }
    if got[0] == 0 {
        // The first frame of an HTTP/2 server.
        return Ok("HTTP/2".to_owned());
    }
    let line = text(&got);
    let line = line.lines().next().unwrap_or_default();
    let words = if line.starts_with("HTTP/") { 2 } else { usize::MAX };
    Ok(line.split(' ').take(words).collect::<Vec<_>>().join(" "))
}

/// Gives the ports in a PROXY protocol header neutral names, in text or in hexadecimal.
fn mask_ports(got: &str, client: u16, entry: u16) -> String {
    got.replace(&format!(" {client} "), " {client} ")
        .replace(&format!("{client:04x}{entry:04x}"), "{client}{entry point}")
}
