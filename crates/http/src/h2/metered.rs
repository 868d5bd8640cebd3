//! A connection's bytes, counted: how much may be read before the streams have their turn, and when something
//! was read last. Those of clients are also looked at (see [`super::watch`]).

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use ferroway_core::{Io, clock};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::watch::{Oddity, Watch};

/// What may be read in one turn. A header block of a few bytes can stand for a large head, so the heads that
/// one turn makes are bounded through this.
const TURN: usize = 64 * 1024;

/// Streams that something is wrong with and that nobody has looked at. A client has to go on and on to get there.
const MAX_ODD: usize = 100;

/// What the connection's task knows of its bytes.
pub(super) struct Meter {
    /// `usize::MAX` if there is none to keep to.
    allowance: Cell<usize>,
    last_read: Cell<Instant>,
    /// What the client must not have sent; `h2` knows nothing of it.
    odd: RefCell<Vec<Oddity>>,
    /// Whether the connection cannot go on. Nothing more is read.
    broken: Cell<bool>,
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

    /// Whether the client has sent what ends a connection.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// Whether the client has done this, which is then forgotten.
    pub(super) fn take_odd(&self, oddity: Oddity) -> bool {
        let mut odd = self.odd.borrow_mut();
        let place = odd.iter().position(|known| *known == oddity);
        place.map(|place| odd.swap_remove(place)).is_some()
    }

    fn note(&self, oddity: Oddity) {
        let mut odd = self.odd.borrow_mut();
        match oddity {
            Oddity::PseudoTrailer(_) | Oddity::Fragment(_) if odd.len() < MAX_ODD => odd.push(oddity),
            _ => self.broken.set(true),
        }
    }
}

/// A byte stream with a [`Meter`].
pub(super) struct Metered {
    /// Here as long as this lives.
    io: Option<Io>,
    meter: Rc<Meter>,
    /// For clients.
    watch: Option<Watch>,
}

impl Metered {
    /// A client's connection: reads a turn's worth at a time, and watches what comes.
    pub(super) fn client(io: Io, watch: Watch) -> (Self, Rc<Meter>) {
        Self::new(io, TURN, Some(watch))
    }

    /// A server's connection: reads whatever comes.
    pub(super) fn server(io: Io) -> (Self, Rc<Meter>) {
        Self::new(io, usize::MAX, None)
    }

    fn new(io: Io, allowance: usize, watch: Option<Watch>) -> (Self, Rc<Meter>) {
        let meter = Rc::new(Meter {
            allowance: Cell::new(allowance),
            last_read: Cell::new(clock::coarse()),
            odd: RefCell::default(),
            broken: Cell::new(false),
            returned: Cell::new(None),
        });
        (Self { io: Some(io), meter: meter.clone(), watch }, meter)
    }

    fn io(&mut self) -> Pin<&mut Io> {
        Pin::new(self.io.as_mut().expect("it is taken when this is dropped"))
    }
}

impl AsyncRead for Metered {
    /// Pending without a wake once the turn's allowance is used up, or the connection is broken: whoever gives
    /// the turns looks at the meter.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let allowance = this.meter.allowance.get();
        if allowance == 0 || this.meter.is_broken() {
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
            if let Some(watch) = &mut this.watch {
                watch.see(&buf.filled()[before..], |oddity| this.meter.note(oddity));
                if this.meter.is_broken() {
                    // `h2` does not get to see it.
                    buf.set_filled(before);
                    return Poll::Pending;
                }
            }
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
