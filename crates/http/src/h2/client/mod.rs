//! The side towards servers: one connection, many requests at once.
//!
//! A task of its own, the driver, reads and writes the connection. A request is driven by whoever waits for its
//! response; while the response's body is read the rest of the request's goes on being sent, so both directions
//! may stream at once.

mod driver;
mod exchange;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use ferroway_core::{Body, BodyError, InterimQueue, Io, RequestHead, Response};
use h2::client::{Builder, SendRequest};
use http::uri::Scheme;

use self::driver::drive;
use self::exchange::Exchange;
use super::SEND_BUFFER;
use super::metered::Metered;
use crate::h1::client::MAX_RESPONSE_HEAD;

/// Bytes of one response that a server may send before they are read.
const STREAM_WINDOW: u32 = 256 * 1024;

/// The same for all responses of a connection: so many that slow clients do not hold up the others.
const CONNECTION_WINDOW: u32 = 64 * 1024 * 1024;

/// What DATA frames that were not yet read may cost beyond their bytes, over all streams: small messages of gRPC
/// to slow clients must have room.
const DATA_FRAME_BUDGET: usize = 16 * 1024 * 1024;

/// Streams that a server which has not told its limit yet is taken to allow: the crate's figure, and the RFC's
/// advice.
const INITIAL_MAX_STREAMS: usize = 100;

/// What a connection is told besides its bytes.
#[derive(Debug, Clone)]
pub struct Options {
    /// What `:scheme` says.
    pub scheme: Scheme,
    /// After how long without a byte from the server it is asked whether it is still there
    /// (`forwardingTimeouts.readIdleTimeout`).
    pub read_idle_timeout: Option<Duration>,
    /// How long it then has for an answer (`forwardingTimeouts.pingTimeout`).
    pub ping_timeout: Duration,
}

impl Options {
    /// Without health checks.
    pub fn new(scheme: Scheme) -> Self {
        Self { scheme, read_idle_timeout: None, ping_timeout: Duration::from_secs(15) }
    }
}

/// Why no response came.
#[derive(Debug, thiserror::Error)]
pub enum H2Error {
    /// The connection ended, or the server reset the stream without a fault of ours.
    #[error("the server closed the connection before it answered")]
    Closed,
    /// The connection failed.
    #[error("the connection to the server failed: {0}")]
    Io(#[from] io::Error),
    /// The server has not looked at the request (`REFUSED_STREAM`, or `GOAWAY`).
    #[error("the server refused the request: {0}")]
    Refused(h2::Reason),
    /// The server gave the request up.
    #[error("the server reset the stream: {0}")]
    Reset(h2::Reason),
    /// What the server sent is not HTTP/2, or not a response.
    #[error("malformed response: {0}")]
    Malformed(h2::Reason),
    /// The server had the whole request for as long as it may take, and did not answer.
    #[error("no response head came within the response header timeout")]
    HeaderTimeout,
    /// Too many interim responses came.
    #[error("the response head is too large")]
    TooLarge,
    /// The request cannot be written as one of HTTP/2.
    #[error("the request cannot be sent over HTTP/2: {0}")]
    Request(&'static str),
    /// The request's body broke off: the client's doing.
    #[error("{0}")]
    RequestBody(BodyError),
}

/// A request that failed.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// Why.
    pub error: H2Error,
    /// The whole request body, where nothing of it is lost.
    pub body: Option<Body>,
    /// Whether the server has certainly not acted on the request.
    pub unprocessed: bool,
}

/// A connection to a server; clones are the same connection.
#[derive(Clone)]
pub struct H2Conn(Rc<Inner>);

struct Inner {
    send: SendRequest<Bytes>,
    scheme: Scheme,
    /// Requests under way.
    streams: Cell<usize>,
}

/// Starts a connection: the handle, and the future that has to run for as long as the connection lives. It ends
/// when the connection does, or when there are neither handles nor requests any more.
///
/// # Errors
/// The first bytes could not be written.
pub async fn handshake(io: Io, options: Options) -> Result<(H2Conn, impl Future<Output = ()>), H2Error> {
    let (io, meter) = Metered::server(io);
    let mut builder = Builder::new();
    builder
        .enable_push(false)
        .initial_max_send_streams(INITIAL_MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_RESPONSE_HEAD).expect("1 MiB"))
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .data_frame_budget(DATA_FRAME_BUDGET)
        .max_send_buffer_size(SEND_BUFFER);
    let (send, connection) = builder.handshake(io).await.map_err(exchange::error)?;
    let driver = drive(connection, meter, options.read_idle_timeout, options.ping_timeout);
    Ok((H2Conn(Rc::new(Inner { send, scheme: options.scheme, streams: Cell::new(0) })), driver))
}

impl H2Conn {
    /// Whether requests can still be sent: the connection has not failed, and the server has not asked to leave it.
    pub fn is_usable(&self) -> bool {
        let cx = &mut Context::from_waker(Waker::noop());
        !matches!(self.0.send.clone().poll_ready(cx), Poll::Ready(Err(_)))
    }

    /// Requests under way.
    pub fn streams(&self) -> usize {
        self.0.streams.get()
    }

    /// Whether the server lets another request begin at once.
    pub fn has_room(&self) -> bool {
        self.0.streams.get() < self.0.send.current_max_send_streams()
    }

    /// Sends a request and waits for the final response's head. Interim responses go to `interim`. Dropping the
    /// future, or the response's body before its end, resets the stream. The server has `limit` to answer, from
    /// when the request was sent.
    ///
    /// # Errors
    /// No response came.
    pub async fn request(
        &self,
        head: &RequestHead,
        body: Body,
        interim: &InterimQueue,
        limit: Option<Duration>,
    ) -> Result<Response, Failure> {
        let mut exchange = Exchange::start(&self.0, head, body)?;
        let mut timer = None;
        let answered = std::future::poll_fn(|cx| {
            if let Poll::Ready(answered) = exchange.poll_response(interim, cx) {
                return Poll::Ready(answered);
            }
            let Some(limit) = limit.filter(|_| exchange.is_sent()) else { return Poll::Pending };
            let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
            timer.as_mut().poll(cx).map(|()| Err(H2Error::HeaderTimeout))
        });
        match answered.await {
            Ok(response) => Ok(exchange.into_response(response)),
            Err(error) => Err(exchange.fail(error)),
        }
    }
}

impl std::fmt::Debug for H2Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("H2Conn").field("streams", &self.streams()).finish_non_exhaustive()
    }
}
