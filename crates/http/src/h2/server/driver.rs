//! What reads and writes a connection, and gives its streams their turns.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ferroway_core::{Connection, LocalBoxFuture, Phase, TargetError, clock};
use futures_util::Stream;
use futures_util::stream::FuturesUnordered;

use super::Shared;
use super::stream::{Exchanging, Received, refuse};
use super::turns::Turns;
use crate::h1::head::HeadError;
use crate::h1::timer::Timer;
use crate::h2::metered::Metered;
use crate::h2::request_head::{size, translate};
use crate::h2::watch::Oddity;
use crate::server::Handler;

/// How many more requests a client may give up than it lets come to their end.
const MAX_RESETS: u32 = 200;

/// How long a connection that is at its end is kept for the client to take leave.
const LINGER: Duration = Duration::from_secs(1);

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// With a response.
    Answered,
    /// The client gave the request up, or it was none.
    GivenUp,
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
pub(super) struct Driver<'a, H> {
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

/// The streams of a connection. Boxed, as the set moves them around.
pub(super) type Streams<'a> = FuturesUnordered<LocalBoxFuture<'a, Ended>>;

impl<'a, H: Handler> Driver<'a, H> {
    pub(super) fn new(
        h2: Box<h2::server::Connection<Metered, Bytes>>,
        timer: Timer,
        shared: &'a Shared<'a, H>,
        registration: &'a Connection,
    ) -> Self {
        let idle_since = shared.conn.since;
        Self { h2, timer, shared, registration, idle_since, resets: 0, leaving: None }
    }

    /// What streams have to write, what the client has sent, what comes of that.
    pub(super) fn round(&mut self, turns: &Turns, mut streams: Pin<&mut Streams<'a>>) -> Poll<()> {
        let mut cx = turns.streams.context();
        self.look_at_phase(turns, &mut cx);
        if turns.streams.take() {
            self.run(turns, streams.as_mut(), &mut cx);
        }
        if turns.connection.take() && self.poll_connection(turns, &mut streams).is_ready() {
            return Poll::Ready(());
        }
        self.poll_quiet(turns, streams.is_empty(), &mut cx)
    }

    /// Reads and writes, and accepts requests; ready at the connection's end.
    fn poll_connection(&mut self, turns: &Turns, streams: &mut Pin<&mut Streams<'a>>) -> Poll<()> {
        let mut cx = turns.connection.context();
        self.shared.meter.new_turn();
        loop {
            match self.h2.poll_accept(&mut cx) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    if let Some((exchanging, request)) = self.accept(turns, request, respond) {
                        streams.push(Box::pin(exchanging.run(request)));
                        turns.streams.wake();
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
                    self.leave_at_once(turns, h2::Reason::PROTOCOL_ERROR);
                }
                Poll::Pending => break,
            }
        }
        if self.shared.meter.is_exhausted() {
            turns.connection.wake();
        }
        Poll::Pending
    }

    fn look_at_phase(&mut self, turns: &Turns, cx: &mut Context<'_>) {
        match self.registration.phase(cx.waker()) {
            Phase::Closed => self.leave_at_once(turns, h2::Reason::NO_ERROR),
            Phase::Draining => self.leave_gracefully(turns),
            Phase::Running | Phase::Terminating => {}
        }
    }

    /// Lets streams run that have something to do.
    fn run(&mut self, turns: &Turns, mut streams: Pin<&mut Streams<'a>>, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(ended)) = streams.as_mut().poll_next(cx) {
            self.idle_since = clock::coarse();
            match ended {
                Ended::Answered => self.resets = self.resets.saturating_sub(1),
                Ended::GivenUp => self.count_reset(turns),
            }
        }
    }

    /// Requests that cost the servers work and the client nothing (rapid reset, CVE-2023-44487).
    fn count_reset(&mut self, turns: &Turns) {
        self.resets += 1;
        if self.resets > MAX_RESETS {
            self.leave_at_once(turns, h2::Reason::ENHANCE_YOUR_CALM);
        }
    }

    /// A request with what handles it; `None` if it is none, or must not be handled.
    fn accept(
        &mut self,
        turns: &Turns,
        request: http::Request<h2::RecvStream>,
        mut respond: h2::server::SendResponse<Bytes>,
    ) -> Option<(Exchanging<'a, H>, Received)> {
        let shared = self.shared;
        shared.requests.set(shared.requests.get() + 1);
        if !shared.may_live_on() {
            self.leave_gracefully(turns);
        }
        let (parts, body) = request.into_parts();
        let Some(admitted) = shared.admit(size(&parts)) else {
            // The client may send it again when others have ended.
            respond.send_reset(h2::Reason::REFUSED_STREAM);
            self.count_reset(turns);
            return None;
        };
        let fragment = Oddity::Fragment(respond.stream_id().as_u32());
        let translated = match shared.meter.take_odd(fragment) {
            true => Err(HeadError::Target(TargetError::Fragment)),
            false => translate(parts),
        };
        match translated {
            Ok(translated) => Some(Exchanging::new(shared, admitted, respond, translated, body)),
            Err(error) => {
                refuse(&shared.conn, respond, error);
                self.idle_since = clock::coarse();
                self.count_reset(turns);
                None
            }
        }
    }

    fn leave_gracefully(&mut self, turns: &Turns) {
        if self.leaving.is_none() {
            self.leaving = Some(Leaving::Gracefully(clock::now()));
            self.h2.graceful_shutdown();
            turns.connection.wake();
        }
    }

    fn is_leaving_at_once(&self) -> bool {
        matches!(self.leaving, Some(Leaving::AtOnce(_)))
    }

    fn leave_at_once(&mut self, turns: &Turns, reason: h2::Reason) {
        if !self.is_leaving_at_once() {
            self.leaving = Some(Leaving::AtOnce(clock::now()));
            self.h2.abrupt_shutdown(reason);
            turns.connection.wake();
        }
    }

    /// Nothing to do: whether to wait on.
    fn poll_quiet(&mut self, turns: &Turns, idle: bool, cx: &mut Context<'_>) -> Poll<()> {
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
            // Its farewell is written in the next round.
            self.leave_at_once(turns, h2::Reason::NO_ERROR);
        }
    }
}
