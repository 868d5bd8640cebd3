//! A body onto a stream, no faster than the peer's windows allow.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use ferroway_core::{Body, BodyError};
use h2::{Reason, SendStream};

use super::SEND_BUFFER;
use super::fields::trailers_to_map;

/// Which side failed while a body was pumped.
#[derive(Debug)]
pub(super) enum SendError {
    /// The body's source.
    Source(BodyError),
    /// The stream, or the connection below it.
    Sink,
}

/// Pumps one body onto a stream.
pub(super) struct BodyWriter {
    stream: SendStream<Bytes>,
    /// What `Content-Length` said.
    length: Option<u64>,
    done: bool,
    /// Data is there, and the peer has to make room first.
    blocked: bool,
    /// Bytes taken from the body so far.
    pub(super) bytes: u64,
}

impl BodyWriter {
    /// For a stream whose head was sent and is followed by a body of this length, if it is known.
    pub(super) fn new(stream: SendStream<Bytes>, length: Option<u64>) -> Self {
        Self { stream, length, done: false, blocked: false, bytes: 0 }
    }

    /// For a stream that was ended with its head.
    pub(super) fn ended(stream: SendStream<Bytes>) -> Self {
        Self { done: true, ..Self::new(stream, None) }
    }

    /// Whether everything was handed over.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether the peer has to read before more can be sent.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Ends the stream in a way that the peer cannot take for the end of the message.
    pub(super) fn reset(&mut self, reason: Reason) {
        self.done = true;
        self.stream.send_reset(reason);
    }

    /// Ready once the peer has reset the stream, or the connection is gone.
    pub(super) fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.stream.poll_reset(cx).map(|_| ())
    }

    /// Pumps until the whole body and its trailers were handed over.
    pub(super) fn poll(&mut self, body: &mut Body, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.blocked = false;
        while !self.done {
            let available = ready!(body.poll_fill(cx)).map_err(SendError::Source)?;
            let wanted = self.wanted(available);
            if wanted == 0 {
                self.check_length()?;
                self.end(Bytes::new(), body)?;
                break;
            }
            let room = ready!(self.poll_room(wanted, cx))?;
            let chunk = take(body, wanted.min(room));
            self.bytes += chunk.len() as u64;
            self.pass_on(chunk, body, cx)?;
        }
        Poll::Ready(Ok(()))
    }

    /// How much of what is available belongs to the message.
    fn wanted(&self, available: usize) -> usize {
        let left = self.length.map_or(u64::MAX, |length| length - self.bytes);
        available.min(usize::try_from(left).unwrap_or(usize::MAX)).min(SEND_BUFFER)
    }

    /// Waits for room in the windows of stream and connection, and in the buffer below.
    fn poll_room(&mut self, wanted: usize, cx: &mut Context<'_>) -> Poll<Result<usize, SendError>> {
        self.stream.reserve_capacity(wanted);
        loop {
            let room = self.stream.capacity();
            if room > 0 {
                return Poll::Ready(Ok(room));
            }
            match self.stream.poll_capacity(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(_) => return Poll::Ready(Err(SendError::Sink)),
                Poll::Pending => {
                    self.blocked = true;
                    return Poll::Pending;
                }
            }
        }
    }

    /// Hands a chunk over. A look at what comes behind it makes the last frame of a message its end too.
    fn pass_on(&mut self, chunk: Bytes, body: &mut Body, cx: &mut Context<'_>) -> Result<(), SendError> {
        match body.poll_fill(cx) {
            Poll::Ready(Ok(more)) if self.wanted(more) == 0 => {
                self.check_length()?;
                self.end(chunk, body)
            }
            Poll::Ready(Err(error)) => {
                let _ = self.stream.send_data(chunk, false);
                Err(SendError::Source(error))
            }
            _ => self.stream.send_data(chunk, false).map_err(|_| SendError::Sink),
        }
    }

    fn check_length(&self) -> Result<(), SendError> {
        if self.length.is_some_and(|length| self.bytes < length) {
            return Err(SendError::Source(BodyError::UpstreamClosed));
        }
        Ok(())
    }

    /// Sends the last data, and the trailers.
    fn end(&mut self, last: Bytes, body: &mut Body) -> Result<(), SendError> {
        self.done = true;
        let trailers = body.trailers().filter(|trailers| !trailers.is_empty());
        let trailers = trailers.map(|trailers| trailers_to_map(&trailers)).transpose();
        let sent = match trailers.map_err(|_| SendError::Sink)? {
            None => self.stream.send_data(last, true),
            Some(trailers) if last.is_empty() => self.stream.send_trailers(trailers),
            Some(trailers) => {
                self.stream.send_data(last, false).and_then(|()| self.stream.send_trailers(trailers))
            }
        };
        sent.map_err(|_| SendError::Sink)
    }
}

/// Takes bytes out of a body: those in memory as they are, others with the one copy that `h2` needs.
fn take(body: &mut Body, n: usize) -> Bytes {
    if let Body::Full(bytes) = body {
        return bytes.split_to(n);
    }
    let chunk = Bytes::copy_from_slice(&body.data()[..n]);
    body.consume(n);
    chunk
}
