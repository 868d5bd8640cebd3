//! The body of a request, read from its stream.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};

use ferroway_core::{BodyError, BodyStream, HeaderList};

use crate::h2::metered::Meter;
use crate::h2::receive::Incoming;
use crate::h2::watch::Oddity;

/// What a stream and the body that is being read from it share.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Whether the client waits for `100 Continue`.
    pub(super) owes_continue: Cell<bool>,
    /// Whether it is to be told so now: its body is wanted.
    pub(super) wanted: Cell<bool>,
    /// The read timeout has passed.
    pub(super) timed_out: Cell<bool>,
    /// Whether the body is held by somebody.
    pub(super) open: Cell<bool>,
    /// Its trailers are none.
    pub(super) malformed: Cell<bool>,
    /// Body bytes read so far.
    pub(super) bytes: Cell<u64>,
}

/// A request body that is read from its stream as it is asked for.
pub(super) struct RequestBody {
    pub(super) incoming: Incoming,
    pub(super) reading: Rc<Reading>,
    pub(super) stream: u32,
    pub(super) meter: Rc<Meter>,
}

impl BodyStream for RequestBody {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        match self.incoming.poll_fill(cx) {
            Poll::Pending if self.reading.timed_out.get() => Poll::Ready(Err(BodyError::ClientTimeout)),
            Poll::Pending => {
                self.reading.wanted.set(true);
                Poll::Pending
            }
            Poll::Ready(Ok(0)) if self.meter.take_odd(Oddity::PseudoTrailer(self.stream)) => {
                self.reading.malformed.set(true);
                Poll::Ready(Err(BodyError::ClientMalformed("the trailers have a pseudo field")))
            }
            filled => filled,
        }
    }

    fn data(&self) -> &[u8] {
        self.incoming.data()
    }

    fn consume(&mut self, n: usize) {
        self.reading.bytes.set(self.reading.bytes.get() + n as u64);
        self.incoming.consume(n);
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.incoming.trailers()
    }

    fn length(&self) -> Option<u64> {
        self.incoming.length()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.reading.open.set(false);
    }
}
