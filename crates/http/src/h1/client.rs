//! The side towards servers: one connection, one request at a time.
//!
//! The connection itself is the response's body: no allocation per request. While the body is read
//! the rest of the request body goes on being sent, so both directions may stream at once.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ferroway_core::{
    Body, BodyError, BodyStream, Duplex, HeaderList, InterimQueue, Io, ReadBuffer, RequestHead, clock,
};
use http::{Method, StatusCode};
use tokio::time::Sleep;

use super::decode::{Decoded, Decoder};
use super::encode::{MessageWriter, WriteError, request_framing, write_request_head};
use super::head::{Framing, HeadError, ParsedResponse, end_of_head, parse_response};
use super::tunnel::Rewound;

/// Largest response head.
pub const MAX_RESPONSE_HEAD: usize = 1024 * 1024;

/// Most interim responses before the final one.
const MAX_INTERIM: u32 = 64;

/// A server that refuses a request with a body larger than this may have left it unread, and would take
/// the rest of it for the next request: its connection is not used again.
const LARGE_BODY: u64 = 16 * 1024;

/// How long the body of a request with `Expect: 100-continue` waits for the server's word.
const CONTINUE_TIMEOUT: Duration = Duration::from_secs(1);

/// Where a connection goes when its response was read whole and it may be used again.
pub trait Home {
    /// Takes the connection back.
    fn give_back(&self, conn: Box<ClientConn>);
}

/// Why no response came.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection ended before a byte of a response.
    #[error("the server closed the connection before it answered")]
    Closed,
    /// The connection ended within the response head.
    #[error("the server closed the connection within the response head")]
    Truncated,
    /// The connection failed.
    #[error("the connection to the server failed: {0}")]
    Io(#[from] io::Error),
    /// The head is malformed.
    #[error("malformed response: {0}")]
    Malformed(#[from] HeadError),
    /// The head is larger than [`MAX_RESPONSE_HEAD`], or too many interim responses came.
    #[error("the response head is too large")]
    TooLarge,
    /// The request's body broke off: the client's doing.
    #[error("{0}")]
    RequestBody(BodyError),
}

/// A connection to a server.
pub struct ClientConn {
    io: Io,
    buffer: ReadBuffer,
    writer: MessageWriter,
    request_body: Body,
    /// Whether the request has `Expect: 100-continue`.
    expects_continue: bool,
    /// Set while the request body waits for `100 Continue`.
    awaiting_continue: Option<Pin<Box<Sleep>>>,
    /// Writing failed; the response may still come.
    write_failed: bool,
    decoder: Decoder,
    /// Data at the front of the buffer that `poll_fill` has reported.
    available: usize,
    searched: usize,
    interim_seen: u32,
    to_head: bool,
    keep_alive: bool,
    home: Option<Rc<dyn Home>>,
    /// How many requests it has carried.
    pub requests: u64,
    /// When it was last given back, to the second.
    pub idle_since: Instant,
}

impl ClientConn {
    /// A connection that has carried nothing yet.
    pub fn new(io: Io, home: Option<Rc<dyn Home>>) -> Box<Self> {
        Box::new(Self {
            io,
            buffer: ReadBuffer::default(),
            writer: MessageWriter::idle(),
            request_body: Body::Empty,
            expects_continue: false,
            awaiting_continue: None,
            write_failed: false,
            decoder: Decoder::new(Framing::Length(0)),
            available: 0,
            searched: 0,
            interim_seen: 0,
            to_head: false,
            keep_alive: true,
            home,
            requests: 0,
            idle_since: clock::coarse(),
        })
    }

    /// Whether an idle connection can still be used: neither ended nor with bytes that nobody asked for.
    pub fn is_alive(&mut self) -> bool {
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        self.buffer.is_empty() && self.buffer.poll_read(&mut self.io, cx).is_pending()
    }

    /// The same, asked of the kernel and not of what is known of it: for requests that cannot be sent twice.
    pub fn is_surely_alive(&mut self) -> bool {
        self.is_alive()
            && match &self.io {
                Io::Tcp(stream) => {
                    let mut byte = [std::mem::MaybeUninit::uninit()];
                    let peeked = socket2::SockRef::from(stream).peek(&mut byte);
                    peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
                }
                Io::Other(_) => true,
            }
    }

    /// Starts a request. Nothing is written before the first [`poll_response`](Self::poll_response).
    pub fn start(&mut self, head: &RequestHead, body: Body) {
        let framing = request_framing(&head.method, &body);
        self.writer.start(framing, |out| write_request_head(out, head, framing));
        self.expects_continue = !body.is_empty() && head.headers.contains(&http::header::EXPECT);
        self.awaiting_continue =
            self.expects_continue.then(|| Box::pin(tokio::time::sleep(CONTINUE_TIMEOUT)));
        self.request_body = body;
        self.write_failed = false;
        (self.searched, self.interim_seen, self.available) = (0, 0, 0);
        self.to_head = head.method == Method::HEAD;
        self.requests += 1;
    }

    /// Whether there is nothing more to send of the request: all of it was sent, or the server takes no more.
    pub fn request_is_sent(&self) -> bool {
        self.writer.is_done() || self.write_failed
    }

    /// Takes back what was not sent of the request body, whole where `true` comes with it.
    pub fn reclaim_request_body(&mut self) -> (Body, bool) {
        (std::mem::take(&mut self.request_body), self.writer.body_bytes == 0)
    }

    /// Sends the request and waits for the final response's head. Interim responses go to `interim`.
    ///
    /// # Errors
    /// No response came; the connection is of no further use.
    pub fn poll_response(
        &mut self,
        interim: &InterimQueue,
        cx: &mut Context<'_>,
    ) -> Poll<Result<ParsedResponse, ClientError>> {
        self.pump_request(cx).map_err(ClientError::RequestBody)?;
        loop {
            if let Some(end) = end_of_head(self.buffer.unread(), self.searched)? {
                let parsed = parse_response(&self.buffer.unread()[..end], self.to_head)?;
                self.buffer.consume(end);
                self.searched = 0;
                if parsed.status.is_informational() && parsed.status != StatusCode::SWITCHING_PROTOCOLS {
                    self.take_interim(parsed, interim, cx)?;
                    continue;
                }
                self.decoder = Decoder::new(parsed.framing);
                let refused = parsed.status.is_client_error() || parsed.status.is_server_error();
                self.keep_alive = parsed.keep_alive && !(refused && self.writer.body_bytes > LARGE_BODY);
                return Poll::Ready(Ok(parsed));
            }
            self.searched = self.buffer.unread().len();
            if self.searched > MAX_RESPONSE_HEAD {
                return Poll::Ready(Err(ClientError::TooLarge));
            }
            match std::task::ready!(self.buffer.poll_read(&mut self.io, cx)) {
                Ok(0) if self.searched == 0 => return Poll::Ready(Err(ClientError::Closed)),
                Ok(0) if !b"HTTP/1.".starts_with(&self.buffer.unread()[..self.searched.min(7)]) => {
                    return Poll::Ready(Err(ClientError::Malformed(HeadError::StartLine)));
                }
                Ok(0) => return Poll::Ready(Err(ClientError::Truncated)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(ClientError::Io(error))),
            }
        }
    }

    fn take_interim(
        &mut self,
        parsed: ParsedResponse,
        interim: &InterimQueue,
        cx: &mut Context<'_>,
    ) -> Result<(), ClientError> {
        self.interim_seen += 1;
        if self.interim_seen > MAX_INTERIM {
            return Err(ClientError::TooLarge);
        }
        if parsed.status == StatusCode::CONTINUE && self.expects_continue {
            // The client gets its own when its body is read.
            self.awaiting_continue = None;
            return self.pump_request(cx).map_err(ClientError::RequestBody);
        }
        interim.push(parsed.status, parsed.headers);
        Ok(())
    }

    /// Sends what can be sent of the request. A server that stops reading may still answer.
    fn pump_request(&mut self, cx: &mut Context<'_>) -> Result<(), BodyError> {
        if self.writer.is_done() || self.write_failed {
            return Ok(());
        }
        if let Some(timer) = &mut self.awaiting_continue {
            if timer.as_mut().poll(cx).is_pending() {
                self.write_failed = matches!(self.writer.poll_flush(&mut self.io, cx), Poll::Ready(Err(_)));
                return Ok(());
            }
            self.awaiting_continue = None;
        }
        match self.writer.poll(&mut self.io, &mut self.request_body, cx) {
            Poll::Ready(Ok(())) => std::mem::take(&mut self.request_body).finish(),
            Poll::Ready(Err(WriteError::Source(error))) => return Err(error),
            Poll::Ready(Err(WriteError::Sink(_))) => self.write_failed = true,
            Poll::Pending => {}
        }
        Ok(())
    }

    /// The response's body. A connection whose response has none goes home at once.
    pub fn into_body(self: Box<Self>) -> Body {
        if self.decoder.is_done() {
            self.finish();
            Body::Empty
        } else {
            Body::Stream(self)
        }
    }

    /// The raw connection, after `101 Switching Protocols`.
    pub fn into_tunnel(self: Box<Self>) -> Box<dyn Duplex> {
        Box::new(Rewound::new(self.buffer, self.io))
    }
}

impl BodyStream for ClientConn {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        self.pump_request(cx)?;
        loop {
            match self.decoder.decode(&mut self.buffer).map_err(BodyError::UpstreamMalformed)? {
                Decoded::Data(n) => {
                    self.available = n;
                    return Poll::Ready(Ok(n));
                }
                Decoded::End => return Poll::Ready(Ok(0)),
                Decoded::NeedMore => {}
            }
            match std::task::ready!(self.buffer.poll_read(&mut self.io, cx)) {
                Ok(0) if self.decoder.finish_at_close() => return Poll::Ready(Ok(0)),
                Ok(0) => return Poll::Ready(Err(BodyError::UpstreamClosed)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(BodyError::Io(error))),
            }
        }
    }

    fn data(&self) -> &[u8] {
        &self.buffer.unread()[..self.available]
    }

    fn consume(&mut self, n: usize) {
        self.available -= n;
        self.decoder.consume(&mut self.buffer, n);
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.decoder.take_trailers()
    }

    fn length(&self) -> Option<u64> {
        self.decoder.length()
    }

    fn finish(mut self: Box<Self>) {
        // Bytes behind the response belong to nobody: such a connection is not used again.
        let reusable = self.keep_alive
            && self.decoder.is_done()
            && self.writer.is_done()
            && !self.write_failed
            && self.buffer.is_empty();
        if reusable && let Some(home) = self.home.clone() {
            self.idle_since = clock::coarse();
            home.give_back(self);
        }
    }
}
