//! Copies bytes between a client and a server, both ways, until both have ended.
//!
//! When one side ends, the other is told so (FIN), and after the termination delay nothing more is read from it:
//! clients that half-close and wait for an answer need a delay, and servers that never close would keep
//! connections for ever without one.
//!
//! Memory and descriptors are held only while there are bytes on the way: an idle connection has neither a
//! buffer nor a pipe. What comes in small pieces goes through a buffer. Once a piece fills the buffer and both
//! sides are plain TCP, the bytes of that direction stay in the kernel (`splice`) until they become few again;
//! `examples/relay_cost.rs` measures where that pays.

mod direction;
mod pool;
mod splice;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ferroway_core::{Connection, Io, Phase};
use tokio::time::{Instant, Sleep, sleep_until};

use direction::Direction;

/// How bytes are copied; [`relay`] takes `Adaptive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Through a buffer, or within the kernel where there are many.
    Adaptive,
    /// Always through a buffer.
    Buffer,
    /// Within the kernel whenever both sides are plain TCP.
    Splice,
}

/// What a relay did.
#[derive(Debug)]
pub struct Relayed {
    /// Bytes from the client that the server took.
    pub to_server: u64,
    /// Bytes from the server that the client took.
    pub to_client: u64,
    /// How it came to its end.
    pub end: End,
}

/// Why a relay ended.
#[derive(Debug)]
pub enum End {
    /// Both sides ended in order, or were cut off by the termination delay.
    Finished,
    /// The first error of a connection. The other direction went on until it ended, too.
    Broken(io::Error),
    /// The process ends.
    Closed,
}

/// Copies bytes between `client` and `server` until both have ended, or the phase of the shutdown is
/// [`Phase::Closed`]. `termination_delay` is how long a side may go on after the other ended; `None` is for
/// ever.
pub async fn relay(
    client: Io,
    server: Io,
    termination_delay: Option<Duration>,
    registration: &Connection,
) -> Relayed {
    relay_by(Method::Adaptive, client, server, termination_delay, registration).await
}

/// As [`relay`], by a method of choice.
pub async fn relay_by(
    method: Method,
    client: Io,
    server: Io,
    termination_delay: Option<Duration>,
    registration: &Connection,
) -> Relayed {
    let method = match (&client, &server) {
        (Io::Tcp(_), Io::Tcp(_)) => method,
        _ => Method::Buffer,
    };
    let mut relay = Relay {
        client,
        server,
        to_server: Direction::new(method),
        to_client: Direction::new(method),
        termination_delay,
        server_first: false,
        cut_off: None,
    };
    let finished = poll_fn(|cx| match registration.phase(cx.waker()) {
        Phase::Closed => Poll::Ready(false),
        _ => relay.poll(cx).map(|()| true),
    })
    .await;
    relay.result(finished)
}

struct Relay {
    client: Io,
    server: Io,
    to_server: Direction,
    to_client: Direction,
    termination_delay: Option<Duration>,
    /// Which direction is served first; they take turns, for a busy one may use up what a task may do at once.
    server_first: bool,
    /// When reading from the side that is left ends; set once the first side has ended.
    cut_off: Option<Pin<Box<Sleep>>>,
}

impl Relay {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.server_first = !self.server_first;
        let mut to_server = Poll::Pending;
        if self.server_first {
            to_server = self.to_server.poll(cx, &mut self.client, &mut self.server);
        }
        let to_client = self.to_client.poll(cx, &mut self.server, &mut self.client);
        if !self.server_first {
            to_server = self.to_server.poll(cx, &mut self.client, &mut self.server);
        }
        let rest = match (to_server, to_client) {
            (Poll::Ready(()), Poll::Ready(())) => return Poll::Ready(()),
            (Poll::Pending, Poll::Pending) => return Poll::Pending,
            (Poll::Ready(()), Poll::Pending) => (&mut self.to_client, &mut self.server, &mut self.client),
            (Poll::Pending, Poll::Ready(())) => (&mut self.to_server, &mut self.client, &mut self.server),
        };
        let Some(delay) = self.termination_delay else { return Poll::Pending };
        if !delay.is_zero() {
            let cut_off = self.cut_off.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + delay)));
            std::task::ready!(cut_off.as_mut().poll(cx));
        }
        let (direction, from, to) = rest;
        direction.stop_reading();
        direction.poll(cx, from, to)
    }

    fn result(self, finished: bool) -> Relayed {
        let (to_server, to_client) = (self.to_server.moved(), self.to_client.moved());
        let end = match self.to_server.into_error().or(self.to_client.into_error()) {
            _ if !finished => End::Closed,
            Some(error) => End::Broken(error),
            None => End::Finished,
        };
        Relayed { to_server, to_client, end }
    }
}

#[cfg(test)]
mod tests {
    use ferroway_core::Connections;

    use super::*;

    #[test]
    fn an_idle_connection_costs_little() {
        let (near, far) = tokio::io::duplex(1);
        let registration = Connections::default().enter();
        let relay = relay(Io::Other(Box::new(near)), Io::Other(Box::new(far)), None, &registration);
        let size = size_of_val(&relay);
        assert!(size <= 700, "the future of a relay has {size} bytes");
    }
}
