//! What reads and writes a connection, and asks a silent server whether it is still there.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::Connection;
use h2::{Ping, PingPong};

use crate::h1::timer::Timer;
use crate::h2::metered::{Meter, Metered};

/// Runs the connection until it ends. A server that does not answer a ping loses it, and with it all requests.
pub(super) async fn drive(
    mut connection: Connection<Metered, Bytes>,
    meter: Rc<Meter>,
    read_idle_timeout: Option<Duration>,
    ping_timeout: Duration,
) {
    let ping =
        read_idle_timeout.and_then(|idle| Some(Health::new(connection.ping_pong()?, idle, ping_timeout)));
    let mut health = ping;
    let result = poll_fn(|cx| {
        if let Poll::Ready(result) = Pin::new(&mut connection).poll(cx) {
            return Poll::Ready(Some(result));
        }
        match &mut health {
            Some(health) => health.poll_dead(&meter, cx).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await;
    match result {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::debug!("HTTP/2 connection to a server ended: {error}"),
        None => tracing::debug!("HTTP/2 connection to a server ended: no answer to a ping"),
    }
}

/// Health checks by pings.
struct Health {
    ping: PingPong,
    idle: Duration,
    timeout: Duration,
    /// When the ping was sent that has no answer yet.
    asked: Option<Instant>,
    /// When the last one had its answer. The meter's time is coarse, and must not make a ping follow it at once.
    answered: Option<Instant>,
    timer: Timer,
}

impl Health {
    fn new(ping: PingPong, idle: Duration, timeout: Duration) -> Self {
        Self { ping, idle, timeout, asked: None, answered: None, timer: Timer::default() }
    }

    /// Ready once the server is taken for dead.
    fn poll_dead(&mut self, meter: &Meter, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.asked.is_some() {
                match self.ping.poll_pong(cx) {
                    Poll::Ready(Ok(_)) => {
                        (self.asked, self.answered) = (None, Some(ferroway_core::clock::now()));
                    }
                    Poll::Ready(Err(_)) => return Poll::Ready(()),
                    Poll::Pending => {}
                }
            }
            let deadline = match self.asked {
                Some(asked) => asked + self.timeout,
                None => self.answered.map_or(meter.last_read(), |at| at.max(meter.last_read())) + self.idle,
            };
            std::task::ready!(self.timer.poll(Some(deadline), cx));
            if self.asked.is_some() || self.ping.send_ping(Ping::opaque()).is_err() {
                return Poll::Ready(());
            }
            self.asked = Some(ferroway_core::clock::now());
        }
    }
}
