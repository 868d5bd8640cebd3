//! The side towards clients: one task for a connection and all its streams.
//!
//! Limits are the connection's: how many streams there are, how much their heads hold, how often a client may
//! give up requests that it has just made.

mod driver;
mod ending;
mod request_body;
mod stream;
mod turns;

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use bytes::Bytes;
use ferroway_core::{ConnInfo, Connection, Io, Phase, clock};
use futures_util::Stream;
use futures_util::stream::FuturesUnordered;

use self::driver::Driver;
use self::stream::Admitted;
use self::turns::Turns;
use super::SEND_BUFFER;
use super::metered::{Meter, Metered};
use super::watch::Watch;
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

/// What the heads of all open streams may hold at least; otherwise it is twice that of one.
const HEADS: usize = 1024 * 1024;

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
    let mut driver = Driver::new(h2, timer, &shared, registration);
    let turns = Turns::new();
    poll_fn(|cx| turns.poll(cx, || driver.round(&turns, streams.as_mut()))).await;
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

    /// Counts a head in; `None` if there is no room for it.
    fn admit(&self, size: usize) -> Option<Admitted<'_>> {
        Admitted::new(&self.heads, size, HEADS.max(2 * self.settings.max_header_bytes))
    }
}
