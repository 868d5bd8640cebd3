//! Output buffers that a worker keeps for its connections.

use std::cell::RefCell;

/// How many output buffers a worker keeps, and how large one may be to be kept.
const SCRATCH_POOLED: usize = 64;
const SCRATCH_SIZE: usize = 16 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty output buffer, from the worker's pool where there is one.
pub(crate) fn take_scratch() -> Vec<u8> {
    SCRATCH.with_borrow_mut(Vec::pop).unwrap_or_else(|| Vec::with_capacity(1024))
}

/// Gives an output buffer back.
pub(crate) fn give_scratch(mut scratch: Vec<u8>) {
    if scratch.capacity() == 0 || scratch.capacity() > SCRATCH_SIZE {
        return;
    }
    scratch.clear();
    // The pool is gone only while its thread ends.
    let _ = SCRATCH.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.len() < SCRATCH_POOLED {
            pool.push(scratch);
        }
    });
}
