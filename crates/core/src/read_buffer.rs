//! Read buffers that exist only while there are bytes in them.
//!
//! An idle connection holds no buffer: it takes one from its worker's pool when the socket has
//! something to read, and gives it back when everything was consumed.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use crate::Io;

/// Size of a pooled buffer: what one `recv` takes at most.
const BUFFER_SIZE: usize = 64 * 1024;

/// How many free buffers a worker keeps.
const POOLED: usize = 64;

thread_local! {
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes that were read and not yet consumed.
#[derive(Debug, Default)]
pub struct ReadBuffer {
    /// Fully initialised; empty when no buffer is held.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl ReadBuffer {
    /// What was read and not yet consumed.
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The same, to be changed in place.
    pub fn unread_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    /// Appends bytes that were read elsewhere.
    pub fn push(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.bytes = acquire();
        }
        let end = self.end + bytes.len();
        if end > self.bytes.len() {
            self.bytes.resize(end, 0);
        }
        self.bytes[self.end..end].copy_from_slice(bytes);
        self.end = end;
    }

    /// Whether everything was consumed.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Drops the first `n` unread bytes.
    pub fn consume(&mut self, n: usize) {
        self.start += n;
        debug_assert!(self.start <= self.end, "no more than what is unread can be consumed");
        if self.is_empty() {
            self.release();
        }
    }

    /// Reads once, and tells how many bytes came; 0 is the end of the stream. When the buffer is
    /// full it grows, so callers bound what they leave unread.
    ///
    /// # Errors
    /// The socket's error.
    pub fn poll_read(&mut self, io: &mut Io, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.bytes.is_empty() {
            ready!(io.poll_readable(cx))?;
            self.bytes = acquire();
        }
        self.make_room();
        let mut space = ReadBuf::new(&mut self.bytes[self.end..]);
        let result = Pin::new(io).poll_read(cx, &mut space);
        let read = space.filled().len();
        self.end += read;
        if self.is_empty() {
            self.release();
        }
        result.map_ok(|()| read)
    }

    fn make_room(&mut self) {
        if self.end < self.bytes.len() {
            return;
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        } else {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }

    fn release(&mut self) {
        (self.start, self.end) = (0, 0);
        let bytes = std::mem::take(&mut self.bytes);
        // A buffer that had to grow goes back to the allocator.
        if bytes.len() == BUFFER_SIZE {
            // The pool is gone only while its thread ends.
            let _ = POOL.try_with(|pool| {
                let mut pool = pool.borrow_mut();
                if pool.len() < POOLED {
                    pool.push(bytes);
                }
            });
        }
    }
}

impl Drop for ReadBuffer {
    fn drop(&mut self) {
        self.release();
    }
}

fn acquire() -> Vec<u8> {
    POOL.with_borrow_mut(Vec::pop).unwrap_or_else(|| vec![0; BUFFER_SIZE])
}
