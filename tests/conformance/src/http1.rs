//! Reading HTTP/1.1 messages, for the client and the backends of the runner.
//!
//! It takes what it gets: judging messages is the router's business.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

use crate::text::text;

/// Header fields in the order of the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// A buffered stream of messages, which must be read until a deadline.
#[derive(Debug)]
pub struct Reader<S> {
    stream: S,
    buffer: Vec<u8>,
    deadline: Instant,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    /// Reads from `stream`, for `limit` in all.
    pub fn new(stream: S, limit: Duration) -> Self {
        Self::until(stream, Instant::now() + limit)
    }

    /// Reads from `stream`, until `deadline`.
    pub fn until(stream: S, deadline: Instant) -> Self {
        Self { stream, buffer: Vec::new(), deadline }
    }

    /// The stream itself, for writing.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Waits until something is there to read and shows it.
    ///
    /// # Errors
    /// As those of [`Reader::line`].
    pub async fn peek(&mut self) -> io::Result<&[u8]> {
        if self.buffer.is_empty() {
            self.more().await?;
        }
        Ok(&self.buffer)
    }

    /// Reads more into the buffer.
    async fn more(&mut self) -> io::Result<()> {
        let read = timeout_at(self.deadline, self.stream.read_buf(&mut self.buffer)).await;
        match read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// A line without its end.
    ///
    /// # Errors
    /// `UnexpectedEof` at the end of the stream, `TimedOut` at the deadline, and what the stream reports.
    pub async fn line(&mut self) -> io::Result<String> {
        let mut searched = 0;
        loop {
            if let Some(at) = self.buffer[searched..].iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=searched + at).collect();
                let line = line.strip_suffix(b"\n").unwrap_or(&line);
                return Ok(text(line.strip_suffix(b"\r").unwrap_or(line)));
            }
            searched = self.buffer.len();
            self.more().await?;
        }
    }

    /// Appends exactly `count` bytes to `out`. What did arrive is appended in case of an error, too.
    ///
    /// # Errors
    /// As those of [`Reader::line`].
    pub async fn take(&mut self, count: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let wanted = out.len() + count;
        loop {
            let part = (wanted - out.len()).min(self.buffer.len());
            out.extend(self.buffer.drain(..part));
            if out.len() == wanted {
                return Ok(());
            }
            self.more().await?;
        }
    }

    /// Header or trailer fields up to the empty line.
    ///
    /// # Errors
    /// As those of [`Reader::line`].
    pub async fn fields(&mut self) -> io::Result<Fields> {
        let mut fields = Fields::default();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok(fields);
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            fields.push(name, value.trim_matches([' ', '\t']));
        }
    }

    /// A chunked body, appended to `out`, and its trailers.
    ///
    /// # Errors
    /// As those of [`Reader::line`]; `InvalidData` for a chunk size that is not one.
    pub async fn chunked(&mut self, out: &mut Vec<u8>) -> io::Result<Fields> {
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size =
                usize::from_str_radix(size, 16).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            if size == 0 {
                return self.fields().await;
            }
            self.take(size, out).await?;
            self.line().await?;
        }
    }

    /// Everything up to the end of the stream, appended to `out`.
    ///
    /// # Errors
    /// `TimedOut` at the deadline, and what the stream reports.
    pub async fn to_end(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        loop {
            out.append(&mut self.buffer);
            match self.more().await {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                other => other?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(bytes: &[u8]) -> Reader<&[u8]> {
        Reader::new(bytes, Duration::from_secs(1))
    }

    #[tokio::test]
    async fn a_chunked_message_is_read_with_its_trailers() {
        let mut reader = reader(b"A:  1 \r\nB: x:y\r\n\r\n2;e=1\r\nhi\r\n0\r\nT: 2\r\n\r\nrest");
        let fields = reader.fields().await.unwrap();
        assert_eq!((fields.get("a"), fields.get("B"), fields.get("c")), (Some("1"), Some("x:y"), None));
        let mut body = Vec::new();
        assert_eq!(reader.chunked(&mut body).await.unwrap().get("t"), Some("2"));
        assert_eq!(body, b"hi");
        reader.to_end(&mut body).await.unwrap();
        assert_eq!(body, b"hirest");
    }

    #[tokio::test]
    async fn what_arrived_before_the_end_is_kept() {
        let mut body = Vec::new();
        let error = reader(b"abc").take(5, &mut body).await.unwrap_err();
        assert_eq!((error.kind(), body.as_slice()), (io::ErrorKind::UnexpectedEof, &b"abc"[..]));
        assert_eq!(
            reader(b"zz\r\n").chunked(&mut body).await.unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }
}
