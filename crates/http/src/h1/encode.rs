//! Messages onto the wire: heads in Go's spelling, bodies pumped from their source to the
//! connection. One writer serves responses to clients and requests to servers.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ferroway_core::header::write_canonical;
use ferroway_core::{Body, BodyError, HeaderList, RequestHead};
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderValue, Method, StatusCode, Version};
use tokio::io::AsyncWrite;

use crate::buffer::{give_scratch, take_scratch};

/// Up to here data is copied behind what is already waiting, so that a small message takes one write.
const COALESCE: usize = 8 * 1024;

/// How a body goes onto the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutFraming {
    /// No body follows.
    None,
    /// No body follows, but this is how long it would be (`HEAD`).
    Told(u64),
    /// This many bytes.
    Length(u64),
    /// Chunks, and trailer fields.
    Chunked,
    /// Until the connection is closed.
    UntilClose,
}

/// Which side failed while a body was pumped.
#[derive(Debug)]
pub enum WriteError {
    /// The body's source.
    Source(BodyError),
    /// The connection written to.
    Sink(io::Error),
}

/// Pumps one message to a connection.
#[derive(Debug)]
pub struct MessageWriter {
    /// Framing and coalesced data that are not yet written.
    out: Vec<u8>,
    written: usize,
    framing: OutFraming,
    /// Bytes of the present chunk that are still to be taken from the source.
    chunk_left: usize,
    source_done: bool,
    /// The last write has to wait for the peer.
    blocked: bool,
    /// Bytes of the body taken from the source so far.
    pub body_bytes: u64,
    /// Bytes handed to the socket so far: grows as long as the peer reads.
    pub progress: u64,
}

impl MessageWriter {
    /// A writer that has nothing to do.
    pub fn idle() -> Self {
        Self {
            out: Vec::new(),
            written: 0,
            framing: OutFraming::None,
            chunk_left: 0,
            source_done: true,
            blocked: false,
            body_bytes: 0,
            progress: 0,
        }
    }

    /// Starts a message: `write_head` appends its head, and the body follows in `framing`.
    pub fn start(&mut self, framing: OutFraming, write_head: impl FnOnce(&mut Vec<u8>)) {
        if self.out.capacity() == 0 {
            self.out = take_scratch();
        }
        write_head(&mut self.out);
        self.framing = framing;
        self.source_done = matches!(framing, OutFraming::None | OutFraming::Told(_));
        (self.chunk_left, self.body_bytes, self.progress) = (0, 0, 0);
    }

    /// Appends an interim response to what is waiting to be written.
    pub fn interject(&mut self, write_head: impl FnOnce(&mut Vec<u8>)) {
        if self.out.capacity() == 0 {
            self.out = take_scratch();
        }
        write_head(&mut self.out);
    }

    /// Whether everything was written.
    pub fn is_done(&self) -> bool {
        self.source_done && self.out.is_empty()
    }

    /// Whether the peer has to read before more can be written.
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Writes what waits, without asking any source.
    ///
    /// # Errors
    /// The connection's error.
    pub fn poll_flush<W: AsyncWrite + Unpin>(
        &mut self,
        io: &mut W,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let n = ready!(Pin::new(&mut *io).poll_write(cx, &self.out[self.written..]))?;
            self.advance(n, n)?;
        }
        Poll::Ready(Ok(()))
    }

    /// Pumps until the whole message was written.
    ///
    /// # Errors
    /// The first failure of either side. The message cannot be continued.
    pub fn poll<W: AsyncWrite + Unpin>(
        &mut self,
        io: &mut W,
        body: &mut Body,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WriteError>> {
        loop {
            let ready = if self.source_done { 0 } else { self.pull(body, cx)? };
            let waiting = self.out.len() - self.written;
            if waiting == 0 && ready == 0 {
                return if self.source_done { Poll::Ready(Ok(())) } else { Poll::Pending };
            }
            let data = &body.data()[..ready];
            if ready > 0 && waiting + ready <= COALESCE {
                self.out.extend_from_slice(data);
                self.took(ready);
                body.consume(ready);
                continue;
            }
            let out = &self.out[self.written..];
            let io = Pin::new(&mut *io);
            // One slice goes by `send`, which the kernel serves faster than `writev`.
            let polled = match (waiting, ready) {
                (_, 0) => io.poll_write(cx, out),
                (0, _) => io.poll_write(cx, data),
                _ => io.poll_write_vectored(cx, &[IoSlice::new(out), IoSlice::new(data)]),
            };
            self.blocked = polled.is_pending();
            let n = ready!(polled).map_err(WriteError::Sink)?;
            let framing = n.min(waiting);
            self.advance(n, framing).map_err(WriteError::Sink)?;
            let taken = n - framing;
            if taken > 0 {
                self.took(taken);
                body.consume(taken);
            }
        }
    }

    /// Asks the source, puts framing in front, and tells how many bytes of its data may be sent now.
    fn pull(&mut self, body: &mut Body, cx: &mut Context<'_>) -> Result<usize, WriteError> {
        if self.framing == OutFraming::Length(self.body_bytes) {
            // Everything that was announced was taken: what a source has beyond that has no place.
            self.source_done = true;
            return Ok(0);
        }
        match body.poll_fill(cx) {
            Poll::Pending => Ok(0),
            Poll::Ready(Err(error)) => Err(WriteError::Source(error)),
            Poll::Ready(Ok(0)) => self.end(body).map(|()| 0),
            Poll::Ready(Ok(available)) => Ok(self.frame(available)),
        }
    }

    /// How many of the available bytes may be sent now.
    fn frame(&mut self, available: usize) -> usize {
        match self.framing {
            OutFraming::Length(length) => {
                let left = usize::try_from(length - self.body_bytes).unwrap_or(usize::MAX);
                available.min(left)
            }
            OutFraming::Chunked => {
                if self.chunk_left == 0 {
                    self.chunk_left = available;
                    push_hex(&mut self.out, available);
                    self.out.extend_from_slice(b"\r\n");
                }
                available.min(self.chunk_left)
            }
            OutFraming::UntilClose | OutFraming::None | OutFraming::Told(_) => available,
        }
    }

    /// `n` bytes of data were taken from the source.
    fn took(&mut self, n: usize) {
        self.body_bytes += n as u64;
        if self.framing == OutFraming::Chunked {
            self.chunk_left -= n;
            if self.chunk_left == 0 {
                self.out.extend_from_slice(b"\r\n");
            }
        }
    }

    /// The source came to its end.
    fn end(&mut self, body: &mut Body) -> Result<(), WriteError> {
        self.source_done = true;
        match self.framing {
            OutFraming::Length(length) if self.body_bytes < length => {
                Err(WriteError::Source(BodyError::UpstreamClosed))
            }
            OutFraming::Chunked => {
                self.out.extend_from_slice(b"0\r\n");
                if let Some(trailers) = body.trailers() {
                    write_fields(&mut self.out, &trailers);
                }
                self.out.extend_from_slice(b"\r\n");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The socket took `n` bytes, the first `framing` of them out of `out`.
    fn advance(&mut self, n: usize, framing: usize) -> io::Result<()> {
        if n == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.progress += n as u64;
        self.written += framing;
        if self.written == self.out.len() {
            give_scratch(std::mem::take(&mut self.out));
            self.written = 0;
        }
        Ok(())
    }
}

fn push_hex(out: &mut Vec<u8>, n: usize) {
    let digits = (usize::BITS - n.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        let nibble = u32::try_from((n >> (4 * digit)) & 15).unwrap_or_default();
        out.extend(char::from_digit(nibble, 16).map(|digit| digit as u8));
    }
}

fn push_number(out: &mut Vec<u8>, n: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
}

fn write_fields(out: &mut Vec<u8>, headers: &HeaderList) {
    for (name, value) in headers {
        write_canonical(name, out);
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// How a request's body goes to a server.
pub fn request_framing(method: &Method, body: &Body) -> OutFraming {
    match body.length() {
        Some(0) if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => OutFraming::Length(0),
        Some(0) => OutFraming::None,
        Some(length) => OutFraming::Length(length),
        None => OutFraming::Chunked,
    }
}

/// Appends a request head.
pub fn write_request_head(out: &mut Vec<u8>, head: &RequestHead, framing: OutFraming) {
    out.extend_from_slice(head.method.as_str().as_bytes());
    out.push(b' ');
    let target = head.target.as_str();
    if !target.starts_with('/') && target != "*" {
        out.push(b'/');
    }
    out.extend_from_slice(target.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\nHost: ");
    out.extend_from_slice(head.host.as_bytes());
    out.extend_from_slice(b"\r\n");
    write_message_fields(out, &head.headers, framing, head.upgrade.as_ref(), true);
    if head.accepts_trailers {
        out.extend_from_slice(b"Te: trailers\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// The fields of a message: those of the map, and the codec's own.
fn write_message_fields(
    out: &mut Vec<u8>,
    headers: &HeaderList,
    framing: OutFraming,
    upgrade: Option<&HeaderValue>,
    skip_length: bool,
) {
    for (name, value) in headers {
        // Framing and connection are the codec's: nothing in the map can change them.
        if name == TRANSFER_ENCODING
            || name == CONNECTION
            || name == UPGRADE
            || (skip_length && name == CONTENT_LENGTH)
        {
            continue;
        }
        write_canonical(name, out);
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    match framing {
        OutFraming::Length(length) | OutFraming::Told(length) => {
            out.extend_from_slice(b"Content-Length: ");
            push_number(out, length);
            out.extend_from_slice(b"\r\n");
        }
        OutFraming::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        OutFraming::None | OutFraming::UntilClose => {}
    }
    if let Some(protocol) = upgrade {
        out.extend_from_slice(b"Connection: Upgrade\r\nUpgrade: ");
        out.extend_from_slice(protocol.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// What decides the form of a response besides its own head.
#[derive(Debug, Clone, Copy)]
pub struct ResponseForm {
    /// The version that the client speaks.
    pub version: Version,
    /// Whether the request was a `HEAD`.
    pub to_head: bool,
    /// Whether the connection lives on.
    pub keep_alive: bool,
}

/// How a response's body goes to the client.
pub fn response_framing(status: StatusCode, body: &Body, form: ResponseForm) -> OutFraming {
    let bodiless =
        status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    match body.length() {
        _ if bodiless => OutFraming::None,
        Some(length @ 1..) if form.to_head => OutFraming::Told(length),
        _ if form.to_head => OutFraming::None,
        Some(length) => OutFraming::Length(length),
        None if form.version == Version::HTTP_11 => OutFraming::Chunked,
        None => OutFraming::UntilClose,
    }
}

/// Appends a response head. `date` is asked where the response has none.
pub fn write_response_head(
    out: &mut Vec<u8>,
    status: StatusCode,
    headers: &HeaderList,
    framing: OutFraming,
    form: ResponseForm,
    date: impl FnOnce() -> HeaderValue,
) {
    write_status_line(out, status, form.version);
    // A length in the map tells of a body that does not follow (`HEAD`, 304).
    let skip_length = framing != OutFraming::None || status == StatusCode::NO_CONTENT;
    let upgrade = headers.get(&UPGRADE).filter(|_| status == StatusCode::SWITCHING_PROTOCOLS);
    write_message_fields(out, headers, framing, upgrade, skip_length);
    if !headers.contains(&DATE) && status != StatusCode::SWITCHING_PROTOCOLS {
        out.extend_from_slice(b"Date: ");
        out.extend_from_slice(date().as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if status != StatusCode::SWITCHING_PROTOCOLS {
        match (form.keep_alive, form.version) {
            (false, Version::HTTP_11) => out.extend_from_slice(b"Connection: close\r\n"),
            (true, Version::HTTP_10) => out.extend_from_slice(b"Connection: keep-alive\r\n"),
            _ => {}
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends an interim response.
pub fn write_interim(out: &mut Vec<u8>, status: StatusCode, headers: &HeaderList) {
    write_status_line(out, status, Version::HTTP_11);
    write_message_fields(out, headers, OutFraming::None, None, true);
    out.extend_from_slice(b"\r\n");
}

fn write_status_line(out: &mut Vec<u8>, status: StatusCode, version: Version) {
    let version: &[u8] = if version == Version::HTTP_10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " };
    out.extend_from_slice(version);
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    match status.canonical_reason() {
        Some(phrase) => out.extend_from_slice(phrase.as_bytes()),
        None => {
            out.extend_from_slice(b"status code ");
            out.extend_from_slice(status.as_str().as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}
