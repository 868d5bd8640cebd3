//! Message bodies: pulled by whoever writes them out, borrowed chunk by chunk, so that relaying
//! bytes costs no allocation.

use std::io;
use std::task::{Context, Poll};

use crate::HeaderList;
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

/// A two-way byte stream: TLS, what remains of a connection after `101 Switching Protocols`, a test's pipe.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin {
    /// Waits until a read would not block, so that nobody needs a buffer before there is something for it.
    /// Streams that cannot tell say yes.
    ///
    /// # Errors
    /// The stream's error.
    fn poll_readable(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Duplex for tokio::net::TcpStream {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(cx)
    }
}

impl Duplex for tokio::io::DuplexStream {}
impl Duplex for tokio::io::Empty {}
impl Duplex for io::Cursor<Vec<u8>> {}

/// The body of a request or a response.
#[derive(Default)]
pub enum Body {
    /// No body at all.
    #[default]
    Empty,
    /// A body that is in memory.
    Full(Bytes),
    /// A body that arrives piece by piece.
    Stream(Box<dyn BodyStream>),
    /// Not a body: after a `101` response both sides exchange raw bytes.
    Tunnel(Box<dyn Duplex>),
}

/// A source of body bytes, in the manner of a buffered reader.
pub trait BodyStream {
    /// Waits until there are bytes in [`data`](Self::data) and tells how many; 0 is the end.
    ///
    /// # Errors
    /// The body broke off or is malformed; nothing more will come.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>>;

    /// The bytes that are there; they stay until they are consumed.
    fn data(&self) -> &[u8];

    /// Drops the first `n` bytes of the data.
    fn consume(&mut self, n: usize);

    /// The trailer fields, once the end was seen.
    fn trailers(&mut self) -> Option<HeaderList> {
        None
    }

    /// The exact number of bytes that are still to come, where it is known.
    fn length(&self) -> Option<u64>;

    /// Called instead of a plain drop when the end was seen and everything was passed on: the
    /// place to give a connection back. Without it the stream is abandoned.
    fn finish(self: Box<Self>) {}
}

/// Why a body broke off.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The client's bytes are not a valid body (RFC 9112 section 7.1).
    #[error("malformed request body: {0}")]
    ClientMalformed(&'static str),
    /// The client stopped sending before the end.
    #[error("the client closed the connection before the end of the request body")]
    ClientClosed,
    /// The client took longer than the read timeout.
    #[error("the request body did not arrive within the read timeout")]
    ClientTimeout,
    /// The body is larger than something on the way allows.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// The server's bytes are not a valid body.
    #[error("malformed response body: {0}")]
    UpstreamMalformed(&'static str),
    /// The server stopped sending before the end.
    #[error("the server closed the connection before the end of the response body")]
    UpstreamClosed,
    /// Reading failed.
    #[error("reading the body failed: {0}")]
    Io(#[from] std::io::Error),
}

impl Body {
    /// A body of these bytes.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        if bytes.is_empty() { Self::Empty } else { Self::Full(bytes) }
    }

    /// The exact number of bytes that are still to come, where it is known.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Full(bytes) => Some(bytes.len() as u64),
            Self::Stream(stream) => stream.length(),
            Self::Tunnel(_) => None,
        }
    }

    /// Whether there is certainly nothing in it.
    pub fn is_empty(&self) -> bool {
        self.length() == Some(0)
    }

    /// See [`BodyStream::poll_fill`].
    ///
    /// # Errors
    /// As there. A tunnel has no body bytes.
    pub fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        match self {
            Self::Empty | Self::Tunnel(_) => Poll::Ready(Ok(0)),
            Self::Full(bytes) => Poll::Ready(Ok(bytes.len())),
            Self::Stream(stream) => stream.poll_fill(cx),
        }
    }

    /// See [`BodyStream::data`].
    pub fn data(&self) -> &[u8] {
        match self {
            Self::Empty | Self::Tunnel(_) => &[],
            Self::Full(bytes) => bytes,
            Self::Stream(stream) => stream.data(),
        }
    }

    /// See [`BodyStream::consume`].
    pub fn consume(&mut self, n: usize) {
        match self {
            Self::Empty | Self::Tunnel(_) => {}
            Self::Full(bytes) => bytes::Buf::advance(bytes, n),
            Self::Stream(stream) => stream.consume(n),
        }
    }

    /// See [`BodyStream::trailers`].
    pub fn trailers(&mut self) -> Option<HeaderList> {
        match self {
            Self::Stream(stream) => stream.trailers(),
            _ => None,
        }
    }

    /// See [`BodyStream::finish`].
    pub fn finish(self) {
        if let Self::Stream(stream) = self {
            stream.finish();
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::Stream(stream) => write!(f, "Stream({:?})", stream.length()),
            Self::Tunnel(_) => f.write_str("Tunnel"),
        }
    }
}
