//! A connection's bytes, counted: how much may be read before the streams have their turn, and when something
//! was read last.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use ferroway_core::{Io, clock};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What may be read in one turn. A header block of a few bytes can stand for a large head, so the heads that
/// one turn makes are bounded through this.
const TURN: usize = 64 * 1024;

/// What the connection's task knows of its bytes.
pub(super) struct Meter {
    /// `usize::MAX` if there is none to keep to.
    allowance: Cell<usize>,
    last_read: Cell<Instant>,
    /// The stream, once `h2` has let go of it.
    returned: Cell<Option<Io>>,
}

impl Meter {
    /// Lets the next turn read.
    pub(super) fn new_turn(&self) {
        self.allowance.set(TURN);
    }

    /// Whether there may be more to read than this turn was allowed to.
    pub(super) fn is_exhausted(&self) -> bool {
        self.allowance.get() == 0
    }

    /// The stream, once `h2` has let go of it.
    pub(super) fn take_back(&self) -> Option<Io> {
        self.returned.take()
    }

    /// When something was read last, to the second.
    pub(super) fn last_read(&self) -> Instant {
        self.last_read.get()
    }
}

/// A byte stream with a [`Meter`].
pub(super) struct Metered {
    /// Here as long as this lives.
    io: Option<Io>,
    meter: Rc<Meter>,
}

impl Metered {
    /// Reads a turn's worth at a time.
    pub(super) fn in_turns(io: Io) -> (Self, Rc<Meter>) {
        Self::new(io, TURN)
    }

    /// Reads whatever comes.
    pub(super) fn unlimited(io: Io) -> (Self, Rc<Meter>) {
        Self::new(io, usize::MAX)
    }

    fn new(io: Io, allowance: usize) -> (Self, Rc<Meter>) {
        let (allowance, last_read) = (Cell::new(allowance), Cell::new(clock::coarse()));
        let meter = Rc::new(Meter { allowance, last_read, returned: Cell::new(None) });
        (Self { io: Some(io), meter: meter.clone() }, meter)
    }

    fn io(&mut self) -> Pin<&mut Io> {
        Pin::new(self.io.as_mut().expect("it is taken when this is dropped"))
    }
}

impl AsyncRead for Metered {
    /// Pending without a wake once the turn's allowance is used up: whoever gives the turns looks at the meter.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let allowance = this.meter.allowance.get();
        if allowance == 0 {
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let result = this.io().poll_read(cx, buf);
        let read = buf.filled().len() - before;
        if read > 0 {
            if allowance != usize::MAX {
                this.meter.allowance.set(allowance.saturating_sub(read));
            }
            this.meter.last_read.set(clock::coarse());
        }
        result
    }
}

impl AsyncWrite for Metered {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().io().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().io().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.as_ref().is_some_and(Io::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().io().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().io().poll_shutdown(cx)
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        self.meter.returned.set(self.io.take());
    }
}
