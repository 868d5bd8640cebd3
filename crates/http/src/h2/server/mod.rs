//! The side towards clients: one task for a connection and all its streams.
//!
//! Limits are the connection's: how many streams there are, how much their heads hold, how often a client may
//! give up requests that it has just made.

mod ending;
mod request_body;
mod stream;

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ferroway_core::{ConnInfo, Connection, Io, Phase, Reason, clock};
use futures_util::Stream;
use futures_util::stream::FuturesUnordered;

use self::stream::serve_stream;
use super::SEND_BUFFER;
use super::metered::{Meter, Metered};
use super::watch::{Oddity, Watch};
use crate::h1::timer::Timer;
use crate::server::{Handler, Settings};

/// What Go's server allows beyond `maxHeaderBytes`.
const HEAD_SLACK: usize = 320;

/// Bytes of all request bodies of a connection that clients may send before they are read: Go's.
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// The same for one stream: half of it, so that a body that nobody reads does not hold up the others.
const STREAM_WINDOW: u32 = CONNECTION_WINDOW / 2;

/// What DATA frames that were not yet read may cost beyond their bytes. Small messages of gRPC that fill a
/// stream's window must have room in it; the crate's own choice would close their connection.
const DATA_FRAME_BUDGET: usize = 4 * 1024 * 1024;

/// Streams that a client may open and reset in one go, before they were looked at.
const RESETS_AT_ONCE: usize = 100;

/// How many more requests a client may give up than it lets come to their end.
const MAX_RESETS: u32 = 200;

/// What the heads of all open streams may hold at least; otherwise it is twice that of one.
const HEADS: usize = 1024 * 1024;

/// How long a connection that is at its end is kept for the client to take leave.
const LINGER: Duration = Duration::from_secs(1);

/// Limits of an entry point's HTTP/2 connections (specification section 1.6).
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests under way on one connection (`http2.maxConcurrentStreams`).
    pub max_concurrent_streams: u32,
    /// Bytes of the table that clients compress their heads with (`http2.maxDecoderHeaderTableSize`).
    pub max_decoder_header_table_size: u32,
    /// Whether clients may open WebSockets (RFC 8441).
    pub extended_connect: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_concurrent_streams: 250, max_decoder_header_table_size: 4096, extended_connect: true }
    }
}

/// Serves a connection until it ends. The client's preface has not been read from it yet.
pub async fn serve<H: Handler>(
    io: Io,
    conn: Rc<ConnInfo>,
    settings: &Settings,
    limits: &Limits,
    handler: &H,
    registration: &Connection,
) {
    let table = usize::try_from(limits.max_decoder_header_table_size).unwrap_or(usize::MAX);
    let (io, meter) = Metered::client(io, Watch::new(table));
    let mut timer = Timer::default();
    // Boxed, as its room is needed but once.
    let handshake = Box::pin(handshake(io, &conn, settings, limits, &mut timer, registration));
    let h2 = match handshake.await {
        Handshake::Done(h2) => h2,
        Handshake::OtherProtocol => return ending::tell_and_close(&meter, registration).await,
        Handshake::Over => return,
    };
    let shared =
        Shared { handler, conn, settings, meter: meter.clone(), requests: Cell::new(0), heads: Cell::new(0) };
    let mut streams = pin!(FuturesUnordered::new());
    let mut driver = Driver {
        h2,
        timer,
        shared: &shared,
        registration,
        idle_since: shared.conn.since,
        resets: 0,
        leaving: None,
    };
    poll_fn(|cx| driver.poll(streams.as_mut(), cx, |accepted| serve_stream(&shared, accepted))).await;
    drop(driver);
    // Streams that are left have just been told that the connection is gone, and end without waiting.
    poll_fn(|cx| {
        while let Poll::Ready(Some(_)) = streams.as_mut().poll_next(cx) {}
        Poll::Ready(())
    })
    .await;
    ending::close(&meter, registration).await;
}

/// How a handshake ended.
enum Handshake {
    Done(Box<h2::server::Connection<Metered, Bytes>>),
    /// The client speaks something else.
    OtherProtocol,
    /// The client has gone, or has taken too long.
    Over,
}

/// Exchanges settings.
async fn handshake(
    io: Metered,
    conn: &ConnInfo,
    settings: &Settings,
    limits: &Limits,
    timer: &mut Timer,
    registration: &Connection,
) -> Handshake {
    let mut builder = h2::server::Builder::new();
    let head = u32::try_from(settings.max_header_bytes + HEAD_SLACK).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(limits.max_concurrent_streams)
        .header_table_size(limits.max_decoder_header_table_size)
        .max_header_list_size(head)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .data_frame_budget(DATA_FRAME_BUDGET)
        .max_pending_accept_reset_streams(RESETS_AT_ONCE)
        .max_send_buffer_size(SEND_BUFFER);
    if limits.extended_connect {
        builder.enable_connect_protocol();
    }
    let deadline = settings.read_timeout.map(|timeout| conn.since + timeout);
    let mut handshake = builder.handshake(io);
    poll_fn(|cx| {
        if let Poll::Ready(result) = Pin::new(&mut handshake).poll(cx) {
            return Poll::Ready(match result {
                Ok(h2) => Handshake::Done(Box::new(h2)),
                Err(error) if error.is_io() => Handshake::Over,
                Err(_) => Handshake::OtherProtocol,
            });
        }
        // A client that has not even said what it speaks is not waited for.
        if registration.phase(cx.waker()) >= Phase::Draining || timer.poll(deadline, cx).is_ready() {
            return Poll::Ready(Handshake::Over);
        }
        Poll::Pending
    })
    .await
}

/// A request that came in.
struct Accepted {
    request: http::Request<h2::RecvStream>,
    respond: h2::server::SendResponse<Bytes>,
    /// What its head is counted for.
    head_size: usize,
    /// Whether its path had a fragment.
    has_fragment: bool,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// With a response.
    Answered,
    /// The client gave the request up, or it was none.
    GivenUp,
}

/// What a connection and its streams share.
struct Shared<'a, H> {
    handler: &'a H,
    conn: Rc<ConnInfo>,
    settings: &'a Settings,
    meter: Rc<Meter>,
    /// Requests that were accepted.
    requests: Cell<u64>,
    /// What the heads of open streams hold.
    heads: Cell<usize>,
}

impl<H> Shared<'_, H> {
    /// Whether the connection's age and count allow another request.
    fn may_live_on(&self) -> bool {
        let age = || clock::now().saturating_duration_since(self.conn.since);
        let young = self.settings.keep_alive_max_time.is_none_or(|limit| age() < limit);
        let count = self.settings.keep_alive_max_requests.is_none_or(|limit| self.requests.get() < limit);
        young && count
    }

    /// Counts a head in; false if there is no room for it.
    fn admit(&self, size: usize) -> bool {
        let heads = self.heads.get() + size;
        let room = heads <= HEADS.max(2 * self.settings.max_header_bytes);
        if room {
            self.heads.set(heads);
        }
        room
    }
}

/// Why and since when a connection is about to end.
#[derive(Debug, Clone, Copy)]
enum Leaving {
    /// The client was asked to open no further streams.
    Gracefully(Instant),
    /// Nothing more is done for it.
    AtOnce(Instant),
}

/// Drives a connection.
struct Driver<'a, H> {
    h2: Box<h2::server::Connection<Metered, Bytes>>,
    timer: Timer,
    shared: &'a Shared<'a, H>,
    registration: &'a Connection,
    /// When the last stream ended.
    idle_since: Instant,
    /// By how many the requests that were given up exceed the others.
    resets: u32,
    leaving: Option<Leaving>,
}

impl<H> Driver<'_, H> {
    /// Takes turns: what streams have to write, what the client has sent, what comes of that.
    fn poll<F: Future<Output = Ended>>(
        &mut self,
        mut streams: Pin<&mut FuturesUnordered<F>>,
        cx: &mut Context<'_>,
        start: impl Fn(Accepted) -> F,
    ) -> Poll<()> {
        self.look_at_phase(cx);
        self.run(streams.as_mut(), cx);
        self.shared.meter.new_turn();
        let mut started = false;
        loop {
            match self.h2.poll_accept(cx) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    if let Some(accepted) = self.accept(request, respond) {
                        streams.push(start(accepted));
                        started = true;
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    tracing::debug!(
                        entryPointName = &*self.shared.conn.entry_point,
                        clientAddr = %self.shared.conn.peer,
                        "HTTP/2 connection ended: {error}"
                    );
                    return Poll::Ready(());
                }
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending if self.shared.meter.is_broken() && !self.is_leaving_at_once() => {
                    self.leave_at_once(h2::Reason::PROTOCOL_ERROR);
                }
                Poll::Pending => break,
            }
        }
        if started {
            self.run(streams.as_mut(), cx);
        }
        if self.shared.meter.is_exhausted() {
            cx.waker().wake_by_ref();
        }
        self.poll_quiet(streams.is_empty(), cx)
    }

    fn look_at_phase(&mut self, cx: &mut Context<'_>) {
        match self.registration.phase(cx.waker()) {
            Phase::Closed => self.leave_at_once(h2::Reason::NO_ERROR),
            Phase::Draining => self.leave_gracefully(),
            Phase::Running | Phase::Terminating => {}
        }
    }

    /// Lets streams run that have something to do.
    fn run<F: Future<Output = Ended>>(
        &mut self,
        mut streams: Pin<&mut FuturesUnordered<F>>,
        cx: &mut Context<'_>,
    ) {
        while let Poll::Ready(Some(ended)) = streams.as_mut().poll_next(cx) {
            self.idle_since = clock::coarse();
            match ended {
                Ended::Answered => self.resets = self.resets.saturating_sub(1),
                Ended::GivenUp => self.count_reset(),
            }
        }
    }

    /// Requests that cost the servers work and the client nothing (rapid reset, CVE-2023-44487).
    fn count_reset(&mut self) {
        self.resets += 1;
        if self.resets > MAX_RESETS {
            self.leave_at_once(h2::Reason::ENHANCE_YOUR_CALM);
        }
    }

    fn accept(
        &mut self,
        request: http::Request<h2::RecvStream>,
        mut respond: h2::server::SendResponse<Bytes>,
    ) -> Option<Accepted> {
        self.shared.requests.set(self.shared.requests.get() + 1);
        if !self.shared.may_live_on() {
            self.leave_gracefully();
        }
        let (parts, body) = request.into_parts();
        let head_size = super::request_head::size(&parts);
        if !self.shared.admit(head_size) {
            // The client may send it again when others have ended.
            respond.send_reset(h2::Reason::REFUSED_STREAM);
            self.count_reset();
            return None;
        }
        let fragment = Oddity::Fragment(respond.stream_id().as_u32());
        let has_fragment = self.shared.meter.take_odd(fragment);
        Some(Accepted { request: http::Request::from_parts(parts, body), respond, head_size, has_fragment })
    }

    fn leave_gracefully(&mut self) {
        if self.leaving.is_none() {
            self.leaving = Some(Leaving::Gracefully(clock::now()));
            self.h2.graceful_shutdown();
        }
    }

    fn is_leaving_at_once(&self) -> bool {
        matches!(self.leaving, Some(Leaving::AtOnce(_)))
    }

    fn leave_at_once(&mut self, reason: h2::Reason) {
        if !self.is_leaving_at_once() {
            self.leaving = Some(Leaving::AtOnce(clock::now()));
            self.h2.abrupt_shutdown(reason);
        }
    }

    /// Nothing to do: whether to wait on.
    fn poll_quiet(&mut self, idle: bool, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let settings = self.shared.settings;
            let deadline = match self.leaving {
                Some(Leaving::AtOnce(_)) if self.registration.current_phase() == Phase::Closed => {
                    return Poll::Ready(());
                }
                Some(Leaving::AtOnce(since)) => Some(since + LINGER),
                Some(Leaving::Gracefully(since)) if idle => Some(since.max(self.idle_since) + LINGER),
                None if idle && self.shared.requests.get() == 0 => {
                    settings.read_timeout.map(|timeout| self.shared.conn.since + timeout)
                }
                None if idle => settings.idle_timeout.map(|timeout| self.idle_since + timeout),
                Some(Leaving::Gracefully(_)) | None => None,
            };
            std::task::ready!(self.timer.poll(deadline, cx));
            if self.is_leaving_at_once() {
                return Poll::Ready(());
            }
            self.leave_at_once(h2::Reason::NO_ERROR);
            // Lets the farewell be written.
            if self.h2.poll_closed(cx).is_ready() {
                return Poll::Ready(());
            }
        }
    }
}

/// Tells of a request that is none.
fn log_refusal(conn: &ConnInfo, reason: Reason, error: crate::h1::head::HeadError) {
    tracing::debug!(
        entryPointName = &*conn.entry_point,
        clientAddr = %conn.peer,
        reason = reason.as_str(),
        "refused a request: {error}"
    );
}
