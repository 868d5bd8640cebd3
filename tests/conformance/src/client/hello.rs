//! Sends a ClientHello and reads what the server chooses.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Client, Failure, Opening, failure};
use crate::hello::{Choice, Hello, NotTls, choice};
use crate::text::{latin1, text};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// The pause between two pieces, long enough for the other side to see the first one alone.
const PAUSE: Duration = Duration::from_millis(20);

impl Client {
    /// Sends a hello and reads the answer to it.
    ///
    /// # Errors
    /// When there is none, or it is not TLS.
    pub async fn hello(&self, hello: &Hello) -> Result<Choice, Failure> {
        let deadline = Instant::now() + PATIENCE;
        let preface = hello.proxy_header.as_deref().map(latin1).transpose().map_err(Failure::Wrong)?;
        let preface = preface.unwrap_or_default();
        let source = hello.source;
        let entry_point = &hello.entry_point;
        let opening = Opening { entry_point, source, preface: &preface, start_tls: None, tls: None };
        let mut stream = self.open(&opening, deadline).await?.stream;
        let bytes = hello.bytes().map_err(Failure::Wrong)?;
        let mut rest = &bytes[..];
        for size in &hello.pieces {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            stream.write_all(piece).await.map_err(|e| failure(&e))?;
            sleep(PAUSE).await;
            rest = after;
        }
        stream.write_all(rest).await.map_err(|e| failure(&e))?;
        let mut got = Vec::new();
        loop {
            let read = timeout_at(deadline, stream.read_buf(&mut got)).await;
            match read.map_err(|_| Failure::Timeout)? {
                Ok(0) => return Err(Failure::Closed),
                Ok(_) => {}
                Err(error) => return Err(failure(&error)),
            }
            match choice(&got) {
                Ok(Some(choice)) => return Ok(choice),
                Ok(None) => {}
                Err(NotTls) => return Err(Failure::NotTls(first_line(&got))),
            }
        }
    }
}

/// Enough to recognise what came instead.
fn first_line(got: &[u8]) -> String {
    text(got).lines().next().unwrap_or_default().chars().take(40).collect()
}
