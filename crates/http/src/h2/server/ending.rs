//! The end of a connection: in a way that lets the client read what it was sent last.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ferroway_core::{Connection, Io, Phase, clock};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::h1::timer::Timer;
use crate::h2::metered::Meter;

/// `GOAWAY` with `PROTOCOL_ERROR` (RFC 9113 section 6.8).
const GOAWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/// How long a closing connection waits for the client to close it too.
const LINGER: Duration = Duration::from_millis(500);

/// How much of what the client still sends is read.
const DRAIN_LIMIT: usize = 256 * 1024;

/// Tells a client that it speaks no HTTP/2, and closes.
pub(super) async fn tell_and_close(meter: &Meter, registration: &Connection) {
    let Some(mut io) = meter.take_back() else { return };
    // A buffer that has no room for 17 bytes belongs to a client that has not read for long.
    let told = poll_fn(|cx| Poll::Ready(Pin::new(&mut io).poll_write(cx, &GOAWAY))).await;
    if matches!(told, Poll::Ready(Ok(_))) {
        linger(io, registration).await;
    }
}

/// Closes a connection that `h2` is done with.
pub(super) async fn close(meter: &Meter, registration: &Connection) {
    if let Some(io) = meter.take_back() {
        linger(io, registration).await;
    }
}

/// Ends our direction and reads on for a moment: a close with unread bytes would reset the connection, and the
/// client might lose what it was told (RFC 9112 section 9.6).
async fn linger(mut io: Io, registration: &Connection) {
    let mut timer = Timer::default();
    let deadline = clock::now() + LINGER;
    let mut left = DRAIN_LIMIT;
    let mut bytes = vec![0; 4096];
    let mut ended = false;
    poll_fn(|cx| {
        if registration.phase(cx.waker()) == Phase::Closed || timer.poll(Some(deadline), cx).is_ready() {
            return Poll::Ready(());
        }
        if !ended {
            match Pin::new(&mut io).poll_shutdown(cx) {
                Poll::Ready(Ok(())) => ended = true,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
        }
        loop {
            let mut space = ReadBuf::new(&mut bytes);
            match Pin::new(&mut io).poll_read(cx, &mut space) {
                Poll::Ready(Ok(())) if !space.filled().is_empty() && left > 0 => {
                    left = left.saturating_sub(space.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await;
}
