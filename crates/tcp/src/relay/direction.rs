//! One direction of a relay.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ferroway_core::Io;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Method;
use super::pool::{Buffer, Pipe};
use super::splice;

/// A splice that moves no more than this is dearer than a copy.
const FEW: usize = 4096;

/// One direction: what is read from one side is written to the other.
pub(super) struct Direction {
    state: State,
    held: Held,
    method: Method,
    /// Whether bytes come in such numbers that a pipe pays.
    bulk: bool,
    /// Whether something was written that may not be flushed yet.
    dirty: bool,
    moved: u64,
    error: Option<io::Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// Nothing more is read; what is held goes out.
    Draining,
    /// The other side is told that this is all.
    Ending,
    Ended,
}

/// Bytes on their way.
enum Held {
    Nothing,
    Buffer { buffer: Buffer, start: usize, end: usize },
    Pipe(Pipe),
}

impl Direction {
    pub(super) fn new(method: Method) -> Self {
        Self {
            state: State::Reading,
            held: Held::Nothing,
            method,
            bulk: method == Method::Splice,
            dirty: false,
            moved: 0,
            error: None,
        }
    }

    /// Bytes that were written.
    pub(super) fn moved(&self) -> u64 {
        self.moved
    }

    pub(super) fn into_error(self) -> Option<io::Error> {
        self.error
    }

    /// Nothing more is to be read.
    pub(super) fn stop_reading(&mut self) {
        if self.state == State::Reading {
            self.state = State::Draining;
        }
    }

    /// Moves what can be moved; ready when the direction has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, from: &mut Io, to: &mut Io) -> Poll<()> {
        loop {
            let step = match self.state {
                State::Reading => ready!(self.poll_move(cx, from, to)),
                State::Draining => ready!(self.poll_write(cx, to)).map(|()| self.state = State::Ending),
                State::Ending => {
                    // What is wrong with the other side shows in its own direction.
                    let _ = ready!(Pin::new(&mut *to).poll_shutdown(cx));
                    self.state = State::Ended;
                    Ok(())
                }
                State::Ended => return Poll::Ready(()),
            };
            if let Err(error) = step {
                self.error.get_or_insert(error);
                self.held = Held::Nothing;
                self.state = State::Ending;
            }
        }
    }

    /// Writes what is held, and reads.
    fn poll_move(&mut self, cx: &mut Context<'_>, from: &mut Io, to: &mut Io) -> Poll<io::Result<()>> {
        ready!(self.poll_write(cx, to))?;
        match self.poll_read(cx, from) {
            Poll::Ready(result) => {
                if result? == 0 {
                    self.state = State::Draining;
                }
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                if self.dirty && Pin::new(to).poll_flush(cx)?.is_ready() {
                    self.dirty = false;
                }
                Poll::Pending
            }
        }
    }

    /// Reads into a buffer or pipe, which is held if there is anything; 0 is the end.
    fn poll_read(&mut self, cx: &mut Context<'_>, from: &mut Io) -> Poll<io::Result<usize>> {
        if self.bulk
            && let Io::Tcp(stream) = from
        {
            // Before a pipe is taken for nothing.
            ready!(stream.poll_read_ready(cx))?;
            if let Some(mut pipe) = Pipe::take() {
                let length = ready!(splice::poll_in(cx, stream, &mut pipe))?;
                self.bulk = self.method == Method::Splice || length > FEW;
                if length > 0 {
                    self.held = Held::Pipe(pipe);
                }
                return Poll::Ready(Ok(length));
            }
        }
        let mut buffer = Buffer::take();
        let mut into = ReadBuf::new(buffer.bytes());
        ready!(Pin::new(from).poll_read(cx, &mut into))?;
        let (end, is_full) = (into.filled().len(), into.remaining() == 0);
        self.bulk = self.method == Method::Splice || (self.method == Method::Adaptive && is_full);
        if end > 0 {
            self.held = Held::Buffer { buffer, start: 0, end };
        }
        Poll::Ready(Ok(end))
    }

    /// Writes all that is held.
    fn poll_write(&mut self, cx: &mut Context<'_>, to: &mut Io) -> Poll<io::Result<()>> {
        loop {
            let written = match (&mut self.held, &mut *to) {
                (Held::Nothing, _) => return Poll::Ready(Ok(())),
                (Held::Buffer { start, end, .. }, _) if start == end => {
                    self.held = Held::Nothing;
                    continue;
                }
                (Held::Pipe(pipe), _) if pipe.length() == 0 => {
                    self.held = Held::Nothing;
                    continue;
                }
                (Held::Buffer { buffer, start, end }, to) => {
                    let written = ready!(Pin::new(to).poll_write(cx, &buffer.bytes()[*start..*end]))?;
                    *start += written;
                    written
                }
                (Held::Pipe(pipe), Io::Tcp(stream)) => ready!(splice::poll_out(cx, stream, pipe))?,
                (Held::Pipe(_), Io::Other(_)) => return Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.dirty = true;
            self.moved += written as u64;
        }
    }
}
