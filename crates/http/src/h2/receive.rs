//! A body from a stream. The peer gets credit for bytes once they are consumed, so what waits is bounded by
//! the window.

use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use ferroway_core::{BodyError, HeaderList};
use h2::{Reason, RecvStream};

use super::fields::trailers_from_map;

/// Whose message a body belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// A client.
    Client,
    /// A server.
    Server,
}

/// What arrives on a stream behind its head.
pub(super) struct Incoming {
    stream: RecvStream,
    sender: Sender,
    /// What has arrived and was not yet consumed.
    chunk: Bytes,
    trailers: Option<HeaderList>,
    ended: bool,
    /// What `Content-Length` says is still to be consumed; `h2` holds the peer to it.
    left: Option<u64>,
}

impl Incoming {
    pub(super) fn new(stream: RecvStream, sender: Sender, length: Option<u64>) -> Self {
        Self { stream, sender, chunk: Bytes::new(), trailers: None, ended: false, left: length }
    }

    /// See [`ferroway_core::BodyStream::poll_fill`].
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        while self.chunk.is_empty() && !self.ended {
            match ready!(self.stream.poll_data(cx)) {
                Some(Ok(chunk)) => self.chunk = chunk,
                Some(Err(error)) => return Poll::Ready(Err(self.broken(error))),
                None => {
                    let trailers = ready!(self.stream.poll_trailers(cx));
                    let trailers = trailers.map_err(|error| self.broken(error))?;
                    self.trailers = trailers.map(trailers_from_map);
                    self.ended = true;
                }
            }
        }
        Poll::Ready(Ok(self.chunk.len()))
    }

    pub(super) fn data(&self) -> &[u8] {
        &self.chunk
    }

    pub(super) fn consume(&mut self, n: usize) {
        self.chunk.advance(n);
        self.left = self.left.map(|left| left.saturating_sub(n as u64));
        // It fails for a stream that has ended in the meantime, whose credit is nobody's.
        let _ = self.stream.flow_control().release_capacity(n);
    }

    pub(super) fn trailers(&mut self) -> Option<HeaderList> {
        self.trailers.take()
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.left
    }

    fn broken(&self, error: h2::Error) -> BodyError {
        const MALFORMED: &str = "the stream is not a valid message";
        let malformed = error.is_library() && error.reason() == Some(Reason::PROTOCOL_ERROR);
        match (self.sender, error.is_io()) {
            (_, true) => match error.into_io() {
                Some(error) => BodyError::Io(error),
                None => BodyError::Io(std::io::ErrorKind::Other.into()),
            },
            (Sender::Client, _) if malformed => BodyError::ClientMalformed(MALFORMED),
            (Sender::Client, _) => BodyError::ClientClosed,
            (Sender::Server, _) if malformed => BodyError::UpstreamMalformed(MALFORMED),
            (Sender::Server, _) => BodyError::UpstreamClosed,
        }
    }
}
