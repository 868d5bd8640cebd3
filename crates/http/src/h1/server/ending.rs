//! What follows a response: the next request, a tunnel, or the end of the connection.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use ferroway_core::{Body, Duplex, Io, Phase, clock};
use tokio::io::AsyncWrite;

use super::{Broken, Fate, ReadSide, Served};
use crate::h1::decode::{Decoded, Decoder};
use crate::h1::encode::OutFraming;
use crate::h1::request_body::Writing;
use crate::h1::tunnel::Rewound;

/// How much of a request body that nobody wanted is read in order to keep the connection.
pub(super) const DRAIN_LIMIT: u64 = 256 * 1024;
/// How long a closing connection waits for the client to read the last response.
const LINGER: Duration = Duration::from_millis(500);
/// Bytes that a tunnel holds in each direction.
const TUNNEL_BUFFER: usize = 16 * 1024;

impl Served<'_> {
    /// Makes sure that a response which broke off does not look whole: one that ends with the
    /// connection is ended by a reset.
    pub(super) fn break_off(&self, broken: &Broken, framing: OutFraming) {
        if let Broken::Source(error) = broken {
            tracing::debug!(%error, "the response body broke off");
        }
        if framing == OutFraming::UntilClose
            && let Io::Tcp(stream) = &*self.shared.io.borrow()
        {
            // Where it fails the connection is closed in the ordinary way.
            let _ = stream.set_zero_linger();
        }
    }

    /// Closes the connection or makes it ready for the next request.
    pub(super) async fn after_response(&mut self, body: Body, mut side: ReadSide, keep_alive: bool) -> Fate {
        if let Body::Tunnel(server) = body {
            self.tunnel(server).await;
            return Fate::Closed;
        }
        body.finish();
        self.reclaim(&mut side);
        let ReadSide::Here(mut decoder) = side else {
            return self.close_gently().await;
        };
        if keep_alive && self.drain(&mut decoder).await {
            self.idle_since = clock::coarse();
            return Fate::KeepAlive;
        }
        if decoder.is_done() && self.buffer.is_empty() {
            // Nothing unread can turn the close into a reset.
            return self.close().await;
        }
        self.close_gently().await
    }

    /// Reads what is left of a small request body that nobody wanted.
    async fn drain(&mut self, decoder: &mut Decoder) -> bool {
        let mut left = DRAIN_LIMIT;
        let deadline = clock::now() + LINGER;
        poll_fn(|cx| {
            loop {
                match decoder.decode(&mut self.buffer) {
                    Err(_) => return Poll::Ready(false),
                    Ok(Decoded::End) => return Poll::Ready(true),
                    Ok(Decoded::Data(n)) if n as u64 > left => return Poll::Ready(false),
                    Ok(Decoded::Data(n)) => {
                        left -= n as u64;
                        decoder.consume(&mut self.buffer, n);
                    }
                    Ok(Decoded::NeedMore) => match self.poll_more(cx) {
                        Poll::Ready(Ok(1..)) => {}
                        Poll::Ready(_) => return Poll::Ready(false),
                        Poll::Pending => return self.timer.poll(Some(deadline), cx).map(|()| false),
                    },
                }
            }
        })
        .await
    }

    /// Ends the response's direction and reads on for a moment: a close with unread bytes would
    /// reset the connection, and the client might lose the response (RFC 9112 section 9.6).
    pub(super) async fn close_gently(&mut self) -> Fate {
        if !self.end_direction().await {
            return Fate::Closed;
        }
        let deadline = clock::now() + LINGER;
        let mut left = DRAIN_LIMIT;
        poll_fn(|cx| {
            loop {
                let unread = self.buffer.unread().len();
                left = left.saturating_sub(unread as u64);
                self.buffer.consume(unread);
                if left == 0 {
                    return Poll::Ready(());
                }
                match self.poll_more(cx) {
                    Poll::Ready(Ok(1..)) => {}
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => return self.timer.poll(Some(deadline), cx),
                }
            }
        })
        .await;
        Fate::Closed
    }

    /// The connection, for whoever knows what the client speaks.
    pub(super) fn give_back(&mut self) -> Io {
        Io::Other(Box::new(self.take_rewound()))
    }

    /// Closes a connection on which nothing is unread. With TLS the client is told that it is no accident
    /// (`close_notify`); without, the close says all.
    pub(super) async fn close(&mut self) -> Fate {
        let is_plain = matches!(&*self.shared.io.borrow(), Io::Tcp(_));
        if !is_plain {
            self.end_direction().await;
        }
        Fate::Closed
    }

    /// Ends our direction; false if the client does not take even that.
    async fn end_direction(&mut self) -> bool {
        let deadline = clock::now() + LINGER;
        poll_fn(|cx| match AsyncWrite::poll_shutdown(Pin::new(&mut Writing(&self.shared)), cx) {
            Poll::Ready(ended) => Poll::Ready(ended.is_ok()),
            Poll::Pending => self.timer.poll(Some(deadline), cx).map(|()| false),
        })
        .await
    }

    /// The connection as a byte stream, beginning with what was read and not used.
    pub(super) fn take_rewound(&mut self) -> Rewound {
        let nothing = Io::Other(Box::new(tokio::io::empty()));
        let io = std::mem::replace(&mut *self.shared.io.borrow_mut(), nothing);
        Rewound::new(std::mem::take(&mut self.buffer), io)
    }

    /// Exchanges raw bytes until both sides have ended.
    async fn tunnel(&mut self, mut server: Box<dyn Duplex>) {
        let mut client = self.take_rewound();
        let relay =
            tokio::io::copy_bidirectional_with_sizes(&mut client, &mut server, TUNNEL_BUFFER, TUNNEL_BUFFER);
        let mut relay = pin!(relay);
        let result = poll_fn(|cx| match relay.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if self.registration.phase(cx.waker()) == Phase::Closed => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        if let Some(Err(error)) = result.await {
            tracing::debug!(%error, "a tunnelled connection broke off");
        }
    }
}
