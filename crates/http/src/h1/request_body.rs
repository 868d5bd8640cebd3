//! The request body on its way from the client's connection into the data plane.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use ferroway_core::{BodyError, BodyStream, HeaderList, Io, ReadBuffer};
use tokio::io::AsyncWrite;

use super::decode::{Decoded, Decoder};

/// Whether the client waits for `100 Continue` before it sends its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expectation {
    /// It does not, or was told.
    None,
    /// It does, and nobody has asked for the body yet.
    Waiting,
    /// It does, and is to be told.
    BodyWanted,
}

/// What the connection and the body that is being read from it share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) io: RefCell<Io>,
    /// Where the body leaves the read side when nobody reads it any more.
    returned: RefCell<Option<(ReadBuffer, Decoder)>>,
    expectation: Cell<Expectation>,
    /// The read timeout has passed.
    pub(super) timed_out: Cell<bool>,
    /// Body bytes read so far.
    pub(super) bytes: Cell<u64>,
}

impl Shared {
    pub(super) fn new(io: Io) -> Rc<Self> {
        Rc::new(Self {
            io: RefCell::new(io),
            returned: RefCell::new(None),
            expectation: Cell::new(Expectation::None),
            timed_out: Cell::new(false),
            bytes: Cell::new(0),
        })
    }

    /// Prepares for the next request.
    pub(super) fn reset(&self, expects_continue: bool) {
        self.expectation.set(if expects_continue { Expectation::Waiting } else { Expectation::None });
        self.timed_out.set(false);
        self.bytes.set(0);
    }

    /// The read side, once the body has let go of it.
    pub(super) fn take_back(&self) -> Option<(ReadBuffer, Decoder)> {
        self.returned.borrow_mut().take()
    }

    /// Whether the client still waits for `100 Continue`.
    pub(super) fn owes_continue(&self) -> bool {
        self.expectation.get() != Expectation::None
    }

    /// True once when the client is to be told to go on. The connection tells it: only there is known
    /// what is being written.
    pub(super) fn take_continue(&self) -> bool {
        let wanted = self.expectation.get() == Expectation::BodyWanted;
        if wanted {
            self.expectation.set(Expectation::None);
        }
        wanted
    }

    fn want_body(&self) {
        if self.expectation.get() == Expectation::Waiting {
            self.expectation.set(Expectation::BodyWanted);
        }
    }
}

/// The connection as something to write to, borrowed for one write at a time: the body that is written may
/// be read from the same connection's other direction meanwhile.
pub(super) struct Writing<'a>(pub(super) &'a Shared);

impl AsyncWrite for Writing<'_> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.io.borrow_mut()).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.io.borrow_mut()).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.io.borrow().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.io.borrow_mut()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.io.borrow_mut()).poll_shutdown(cx)
    }
}

/// A request body that is read from the client's connection as it is asked for.
pub(super) struct RequestBody {
    shared: Rc<Shared>,
    buffer: ReadBuffer,
    decoder: Decoder,
    available: usize,
}

impl RequestBody {
    pub(super) fn new(shared: Rc<Shared>, buffer: ReadBuffer, decoder: Decoder) -> Box<Self> {
        Box::new(Self { shared, buffer, decoder, available: 0 })
    }
}

impl BodyStream for RequestBody {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        loop {
            match self.decoder.decode(&mut self.buffer).map_err(BodyError::ClientMalformed)? {
                Decoded::Data(n) => {
                    self.available = n;
                    return Poll::Ready(Ok(n));
                }
                Decoded::End => return Poll::Ready(Ok(0)),
                Decoded::NeedMore if self.shared.timed_out.get() => {
                    return Poll::Ready(Err(BodyError::ClientTimeout));
                }
                Decoded::NeedMore => {}
            }
            self.shared.want_body();
            let read = self.buffer.poll_read(&mut self.shared.io.borrow_mut(), cx);
            match std::task::ready!(read) {
                Ok(0) => return Poll::Ready(Err(BodyError::ClientClosed)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(BodyError::Io(error))),
            }
        }
    }

    fn data(&self) -> &[u8] {
        &self.buffer.unread()[..self.available]
    }

    fn consume(&mut self, n: usize) {
        self.available -= n;
        self.shared.bytes.set(self.shared.bytes.get() + n as u64);
        self.decoder.consume(&mut self.buffer, n);
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.decoder.take_trailers()
    }

    fn length(&self) -> Option<u64> {
        self.decoder.length()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let decoder = std::mem::replace(&mut self.decoder, Decoder::new(super::head::Framing::Length(0)));
        *self.shared.returned.borrow_mut() = Some((std::mem::take(&mut self.buffer), decoder));
    }
}
