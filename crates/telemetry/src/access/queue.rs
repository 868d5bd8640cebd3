//! The way of lines from the data plane's threads to the file: one bounded buffer, one writer thread.
//!
//! A thread appends its line under a lock and wakes the writer only when the buffer was empty, or has
//! become [`URGENT`]. The writer lets lines gather for [`GATHER`], takes the whole buffer and
//! writes it at once. So the cost of system calls is shared by many lines, an idle process does not
//! wake up, and a crash loses at most the last [`GATHER`].
//!
//! Output that fails or blocks (full disk, pipe without a reader) stops no traffic: the writer keeps
//! its lines and tries again, threads find the buffer full, wait [`PATIENCE`] once, and from then on
//! drop and count their lines until the writer has taken the buffer.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::output::Output;

/// How long lines gather before they are written.
pub(crate) const GATHER: Duration = Duration::from_millis(20);

/// With so many bytes the writer starts at once.
const URGENT: usize = 256 * 1024;

/// So many bytes may wait for the writer, however small `bufferingSize` is.
const CAPACITY: usize = 4 * 1024 * 1024;

/// What `bufferingSize` allows at most, in bytes, and how long it takes a line to be.
const MAX_CAPACITY: usize = 256 * 1024 * 1024;
const LINE_BYTES: usize = 1024;

/// How long a thread waits for room before it drops its line.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long the writer waits after a failed write: longer when the output is broken than when it is busy.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_BUSY: Duration = Duration::from_millis(10);

/// After so long without a line, large buffers are freed.
const IDLE: Duration = Duration::from_secs(1);

/// The writer reports lost lines at most this often.
const REPORT: Duration = Duration::from_secs(10);

/// The producers' side.
pub(crate) struct LineQueue {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    capacity: usize,
    urgent: usize,
    /// Tells the writer that there is something to do.
    work: Condvar,
    /// Tells the others that the writer got on.
    progress: Condvar,
    dropped: AtomicU64,
    errors: AtomicU64,
}

#[derive(Default)]
struct State {
    pending: Vec<u8>,
    /// Lines and replacements that were ever taken in, and those that left: were written, applied or
    /// given up.
    accepted: u64,
    finished: u64,
    replacement: Option<Replacement>,
    /// Whether to write without letting lines gather.
    hurry: bool,
    /// Set when waiting for room was in vain, until the writer takes the buffer.
    stalled: bool,
    /// Set when no more lines are taken in: until when the writer may go on trying.
    closing: Option<Instant>,
}

/// An output to go on with.
struct Replacement {
    output: Output,
    /// How much of the buffer still goes to the output before it.
    after: usize,
}

impl LineQueue {
    /// Starts the writer.
    pub(crate) fn start(output: Output, buffering_size: usize) -> io::Result<Self> {
        let capacity = buffering_size.saturating_mul(LINE_BYTES).clamp(CAPACITY, MAX_CAPACITY);
        Self::with_capacity(output, capacity)
    }

    fn with_capacity(output: Output, capacity: usize) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(capacity));
        let writer = Writer::new(Arc::clone(&shared), output);
        thread::Builder::new().name("access-log".to_owned()).spawn(move || writer.run())?;
        Ok(Self { shared })
    }

    /// Takes a line in. Drops and counts it when there is no room and there will not be soon.
    pub(crate) fn push(&self, line: &[u8]) {
        let shared = &*self.shared;
        let mut state = shared.lock();
        if !shared.has_room(&state, line.len()) {
            state = shared.wait_for_room(state, line.len());
        }
        if state.closing.is_some() || !shared.has_room(&state, line.len()) {
            drop(state);
            shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let before = state.pending.len();
        state.pending.extend_from_slice(line);
        state.accepted += 1;
        let after = state.pending.len();
        drop(state);
        if before == 0 || (before < shared.urgent && after >= shared.urgent) {
            shared.work.notify_one();
        }
    }

    /// Makes the writer go on with another output. The lines taken in so far go to the old one, those
    /// that follow to the new one. A replacement that was not applied yet is forgotten.
    pub(crate) fn replace(&self, output: Output) {
        let mut state = self.shared.lock();
        let after = state.pending.len();
        if state.replacement.replace(Replacement { output, after }).is_none() {
            state.accepted += 1;
        }
        drop(state);
        self.shared.work.notify_one();
    }

    /// Waits until what was taken in so far has left. False after `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        let mut state = self.shared.lock();
        state.hurry = true;
        self.shared.work.notify_one();
        self.shared.wait_until_finished(state, timeout)
    }

    /// Takes no more lines, and waits until what was taken in has left. False after `timeout`.
    pub(crate) fn close(&self, timeout: Duration) -> bool {
        let mut state = self.shared.lock();
        state.closing.get_or_insert_with(|| Instant::now() + timeout);
        self.shared.work.notify_one();
        self.shared.wait_until_finished(state, timeout)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn errors(&self) -> u64 {
        self.shared.errors.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            capacity,
            urgent: URGENT.min(capacity / 2),
            work: Condvar::new(),
            progress: Condvar::new(),
            dropped: AtomicU64::new(0),
            errors: AtomicU64::new(0),
        }
    }

    /// No code that holds the lock can panic half-way, so a poisoned state is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An empty buffer has room for a line of any length.
    fn has_room(&self, state: &State, len: usize) -> bool {
        state.pending.is_empty() || state.pending.len() + len <= self.capacity
    }

    fn wait_for_room<'s>(&'s self, state: MutexGuard<'s, State>, len: usize) -> MutexGuard<'s, State> {
        if state.stalled || state.closing.is_some() {
            return state;
        }
        let full = |state: &mut State| !state.stalled && !self.has_room(state, len);
        let waited = self.progress.wait_timeout_while(state, PATIENCE, full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.stalled = !self.has_room(&state, len);
        state
    }

    fn wait_until_finished(&self, state: MutexGuard<'_, State>, timeout: Duration) -> bool {
        let target = state.accepted;
        let waited = self.progress.wait_timeout_while(state, timeout, |state| state.finished < target);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.finished >= target
    }

    /// Notes that what had been taken in when there were `accepted` of it has left.
    fn finish(&self, accepted: u64) {
        let mut state = self.lock();
        // A replacement may have been applied ahead of its turn, because the output failed.
        let nothing_left = state.pending.is_empty() && state.replacement.is_none();
        state.finished = if nothing_left { state.accepted } else { accepted };
        self.progress.notify_all();
    }

    /// Waits for a notice, `timeout` at most.
    fn wait<'s>(&'s self, state: MutexGuard<'s, State>, timeout: Duration) -> MutexGuard<'s, State> {
        self.work.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits for a notice. After a while without one, buffers that a burst made large are freed.
    fn wait_for_work<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        batch: &mut Vec<u8>,
    ) -> MutexGuard<'s, State> {
        if state.pending.capacity().max(batch.capacity()) <= URGENT {
            return self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let waited = self.work.wait_timeout(state, IDLE);
        let (mut state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        if result.timed_out() && state.pending.is_empty() {
            (state.pending, *batch) = (Vec::new(), Vec::new());
        }
        state
    }

    /// Waits for lines or orders, lets lines gather, and moves them to `batch`. Gives what was taken in
    /// up to here, and the output to go on with; `None` when the log is closed.
    fn next_batch(&self, batch: &mut Vec<u8>) -> Option<(u64, Option<Replacement>)> {
        let mut state = self.lock();
        while state.pending.is_empty() && state.replacement.is_none() {
            if state.closing.is_some() {
                return None;
            }
            state.hurry = false;
            state = self.wait_for_work(state, batch);
        }
        let deadline = Instant::now() + GATHER;
        while state.pending.len() < self.urgent
            && !state.hurry
            && state.replacement.is_none()
            && state.closing.is_none()
        {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.wait(state, left);
        }
        std::mem::swap(&mut state.pending, batch);
        (state.hurry, state.stalled) = (false, false);
        self.progress.notify_all();
        Some((state.accepted, state.replacement.take()))
    }
}

/// The thread that owns the output.
struct Writer {
    shared: Arc<Shared>,
    output: Output,
    /// What comes after it within the batch.
    replacement: Option<Replacement>,
    batch: Vec<u8>,
    /// How much of the batch is written.
    offset: usize,
    /// Whether the last write failed, which is reported once.
    failing: bool,
    /// How many dropped lines were reported, and when.
    reported: (u64, Option<Instant>),
}

impl Writer {
    fn new(shared: Arc<Shared>, output: Output) -> Self {
        let (batch, offset, replacement) = (Vec::new(), 0, None);
        Self { shared, output, replacement, batch, offset, failing: false, reported: (0, None) }
    }

    fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while let Some((accepted, replacement)) = shared.next_batch(&mut self.batch) {
            self.replacement = replacement;
            self.deliver();
            self.batch.clear();
            self.offset = 0;
            shared.finish(accepted);
            self.report_losses();
        }
    }

    /// Writes the batch, however long that takes; gives up only when the log is closed meanwhile.
    fn deliver(&mut self) {
        loop {
            let end = self.replacement.as_ref().map_or(self.batch.len(), |replacement| replacement.after);
            if self.offset < end {
                self.write_some(end);
            } else if let Some(replacement) = self.replacement.take() {
                self.output = replacement.output;
            } else {
                break;
            }
        }
        if self.failing {
            self.failing = false;
            tracing::warn!("the access log can be written again");
        }
    }

    fn write_some(&mut self, end: usize) {
        match self.output.write(&self.batch[self.offset..end]) {
            Ok(0) => self.failed(&io::ErrorKind::WriteZero.into()),
            Ok(written) => self.offset += written,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.failed(&error),
        }
    }

    /// Reports an error, and waits until it makes sense to try again.
    fn failed(&mut self, error: &io::Error) {
        let busy = error.kind() == io::ErrorKind::WouldBlock;
        if !busy {
            self.shared.errors.fetch_add(1, Ordering::Relaxed);
        }
        if !busy && !self.failing {
            self.failing = true;
            tracing::error!(%error, "the access log cannot be written, its lines are kept while there is room");
        }
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        state.stalled |= !busy;
        let deadline = Instant::now() + if busy { RETRY_BUSY } else { RETRY };
        loop {
            let now = Instant::now();
            if let Some(replacement) = self.replacement.take().or_else(|| state.replacement.take()) {
                self.output = replacement.output;
                // The new file starts with a whole line, also when the old one got the start of it.
                let written = &self.batch[..self.offset];
                self.offset = written.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                return;
            }
            if state.closing.is_some_and(|limit| !busy || now >= limit) {
                drop(state);
                self.give_up();
                return;
            }
            if now >= deadline {
                return;
            }
            state = shared.wait(state, deadline - now);
        }
    }

    /// Drops the rest of the batch.
    fn give_up(&mut self) {
        let rest = &self.batch[self.offset..];
        let lines = rest.split(|&byte| byte == b'\n').count() - 1;
        self.shared.dropped.fetch_add(lines as u64, Ordering::Relaxed);
        self.offset = self.batch.len();
        (self.replacement, self.failing) = (None, false);
    }

    fn report_losses(&mut self) {
        let dropped = self.shared.dropped.load(Ordering::Relaxed);
        let (known, at) = self.reported;
        if dropped > known && at.is_none_or(|at| at.elapsed() > REPORT) {
            self.reported = (dropped, Some(Instant::now()));
            tracing::warn!(lines = dropped - known, "access log lines were dropped, the output is too slow");
        }
    }
}

#[cfg(test)]
mod tests;
