//! Buffers and pipes that each worker keeps for its relays. They are held only while there are bytes in them, so
//! a few serve many connections.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

/// Bytes that a buffer holds.
const BUFFER_SIZE: usize = 32 << 10;
/// Bytes that a pipe is asked to hold; the kernel may allow less.
pub(super) const PIPE_SIZE: usize = 512 << 10;
/// How many buffers, and how many pipes, a worker keeps while nobody uses them.
const KEPT: usize = 32;

thread_local! {
    static BUFFERS: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
    static PIPES: RefCell<Vec<(OwnedFd, OwnedFd)>> = const { RefCell::new(Vec::new()) };
}

/// A buffer on loan.
pub(super) struct Buffer(Box<[u8]>);

impl Buffer {
    pub(super) fn take() -> Self {
        let kept = BUFFERS.with_borrow_mut(Vec::pop);
        Self(kept.unwrap_or_else(|| vec![0; BUFFER_SIZE].into()))
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        // When the thread ends the pool may be gone before its last user.
        let _ = BUFFERS.try_with(|kept| give_back(&mut kept.borrow_mut(), buffer));
    }
}

/// A pipe on loan. It is empty when it is taken, and kept only if it is empty again.
pub(super) struct Pipe {
    /// Reader and writer; `None` only while it is dropped.
    ends: Option<(OwnedFd, OwnedFd)>,
    length: usize,
}

impl Pipe {
    /// A pipe, unless the process has no descriptors left.
    pub(super) fn take() -> Option<Self> {
        let ends = PIPES.with_borrow_mut(Vec::pop).or_else(open)?;
        Some(Self { ends: Some(ends), length: 0 })
    }

    /// How many bytes are in it.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Lets `fill` put bytes in; it tells how many.
    pub(super) fn fill(
        &mut self,
        fill: impl FnOnce(BorrowedFd<'_>) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let (_, writer) = self.ends.as_ref().expect("a pipe has its ends until it is dropped");
        let filled = fill(writer.as_fd())?;
        self.length += filled;
        Ok(filled)
    }

    /// Lets `empty` take bytes out, no more than are in it; it tells how many.
    pub(super) fn empty(
        &mut self,
        empty: impl FnOnce(BorrowedFd<'_>, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let (reader, _) = self.ends.as_ref().expect("a pipe has its ends until it is dropped");
        let taken = empty(reader.as_fd(), self.length)?;
        self.length -= taken;
        Ok(taken)
    }
}

fn open() -> Option<(OwnedFd, OwnedFd)> {
    let ends = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
    // It works with any size.
    let _ = fcntl_setpipe_size(&ends.1, PIPE_SIZE);
    Some(ends)
}

impl Drop for Pipe {
    fn drop(&mut self) {
        if let Some(ends) = self.ends.take().filter(|_| self.length == 0) {
            let _ = PIPES.try_with(|kept| give_back(&mut kept.borrow_mut(), ends));
        }
    }
}

fn give_back<T>(kept: &mut Vec<T>, item: T) {
    if kept.len() < KEPT {
        kept.push(item);
    }
}
