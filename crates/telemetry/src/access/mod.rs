//! The access log: one line for each request, in Traefik's formats (specification sections 1.7, 8.7).
//!
//! [`AccessLog::log`] runs on the data plane's threads: it filters, formats into a buffer that the
//! thread reuses, and hands the line to the writer thread (see [`queue`]), the only one that touches
//! the file. A line stands in the file at most [`queue::GATHER`] later, or when the log is closed.

mod clf;
mod event;
mod field;
mod filter;
mod headers;
mod json;
mod options;
mod output;
mod queue;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::header::{REFERER, USER_AGENT};
use jiff::tz::TimeZone;

pub use self::event::{AccessEvent, LoggedHeaders, TlsDetails};
pub use self::options::{AccessLogFields, AccessLogFilters, AccessLogHeaders, AccessLogOptions};

use self::filter::Filter;
use self::options::{Format, Rules};
use self::output::Target;
use self::queue::LineQueue;
use crate::clock::Second;

/// A thread keeps its line buffer between requests, unless one request made it larger than this.
const KEPT_LINE: usize = 64 * 1024;

/// How long the drop of the last handle waits for the lines on their way to the file.
const DROP_WAIT: Duration = Duration::from_secs(2);

/// Why an access log cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum AccessLogError {
    /// A parent directory of the file cannot be created.
    #[error("cannot create the directory of the access log {path:?}")]
    Directory {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file cannot be opened.
    #[error("cannot open the access log {path:?}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The standard output is not usable.
    #[error("cannot write the access log to the standard output")]
    Stdout(#[source] io::Error),
    /// The writer thread cannot be started.
    #[error("cannot start the writer of the access log")]
    Thread(#[source] io::Error),
}

/// A handle on the running access log. Clones share it; the log ends with the last of them.
#[derive(Clone)]
pub struct AccessLog {
    inner: Arc<Inner>,
}

struct Inner {
    /// Tells the logs of one process apart in the threads' time stamp caches.
    id: u64,
    format: Format,
    filter: Filter,
    rules: Rules,
    zone: TimeZone,
    target: Target,
    requests: AtomicU64,
    queue: LineQueue,
}

/// What a thread keeps from one line to the next.
struct Scratch {
    line: Vec<u8>,
    log: u64,
    start: Second,
    end: Second,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        const { RefCell::new(Scratch { line: Vec::new(), log: 0, start: Second::new(), end: Second::new() }) };
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl AccessLog {
    /// Opens the file (creating its directories, mode 0664 less the umask) or the standard output and
    /// starts the writer. An option with an unknown value is reported in the program log and takes its default.
    pub fn new(options: &AccessLogOptions) -> Result<Self, AccessLogError> {
        Self::with_zone(options, TimeZone::system())
    }

    fn with_zone(options: &AccessLogOptions, zone: TimeZone) -> Result<Self, AccessLogError> {
        let target = Target::new(options.file_path.as_deref());
        let output = target.open()?;
        let queue = LineQueue::start(output, options.buffering_size).map_err(AccessLogError::Thread)?;
        let inner = Inner {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            format: Format::from_config(&options.format),
            filter: Filter::new(&options.filters),
            rules: Rules::new(&options.fields),
            zone,
            target,
            requests: AtomicU64::new(0),
            queue,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The number of a new request, from 1 up: the event's `request_count`. Traefik counts every
    /// request of a router or entry point that has an access log, also those that the filters leave out.
    pub fn count_request(&self) -> u64 {
        self.inner.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Writes the line of one finished request, unless the filters leave it out.
    ///
    /// Does no input or output. It waits only when the writer is megabytes behind, at most 100 ms, and
    /// not again until the writer has caught up: then the line is dropped and counted.
    pub fn log(&self, event: &AccessEvent<'_>) {
        let inner = &*self.inner;
        if !inner.filter.keeps(event) {
            return;
        }
        // The only error is a thread that is already ending; its line is formatted into a new buffer.
        if SCRATCH.try_with(|scratch| inner.write(event, &mut scratch.borrow_mut())).is_err() {
            let (start, end) = (Second::new(), Second::new());
            inner.write(event, &mut Scratch { line: Vec::new(), log: inner.id, start, end });
        }
    }

    /// Whether lines need the fields of requests: [`AccessEvent::request_headers`].
    pub fn needs_request_headers(&self) -> bool {
        let headers = &self.inner.rules.headers;
        match self.inner.format {
            Format::Json => headers.keeps_any(),
            Format::Common | Format::GenericClf => headers.keeps(&REFERER) || headers.keeps(&USER_AGENT),
        }
    }

    /// Whether lines need the fields of responses: [`AccessEvent::origin_headers`] and
    /// [`AccessEvent::downstream_headers`].
    pub fn needs_response_headers(&self) -> bool {
        self.inner.format == Format::Json && self.inner.rules.headers.keeps_any()
    }

    /// Opens the file anew (SIGUSR1). Lines logged before go to the file that was open until now,
    /// which may have been renamed, those logged afterwards to the new one; no line is split. On an error the old file stays in use. The
    /// standard output is left alone.
    // Traefik: after a failed re-opening it has no file at all and loses every line (tests::reopening_fails).
    pub fn reopen(&self) -> Result<(), AccessLogError> {
        if matches!(self.inner.target, Target::File(_)) {
            self.inner.queue.replace(self.inner.target.open()?);
        }
        Ok(())
    }

    /// Waits until every line logged so far has reached the file, `timeout` at most. False if not all have.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.inner.queue.flush(timeout)
    }

    /// Writes what is left and ends the writer; lines logged afterwards are dropped. Waits `timeout`
    /// at most. False if lines were still on their way then.
    pub fn close(&self, timeout: Duration) -> bool {
        self.inner.queue.close(timeout)
    }

    /// How many lines were lost so far, because the output failed or was too slow.
    pub fn dropped_lines(&self) -> u64 {
        self.inner.queue.dropped()
    }

    /// How many writes to the output failed so far.
    pub fn write_errors(&self) -> u64 {
        self.inner.queue.errors()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close(DROP_WAIT);
    }
}

impl Inner {
    fn write(&self, event: &AccessEvent<'_>, scratch: &mut Scratch) {
        if scratch.log != self.id {
            (scratch.log, scratch.start, scratch.end) = (self.id, Second::new(), Second::new());
        }
        scratch.line.clear();
        match self.format {
            Format::Json => json::write(self, event, scratch),
            Format::Common => clf::write_common(self, event, scratch),
            Format::GenericClf => clf::write_generic(self, event, scratch),
        }
        self.queue.push(&scratch.line);
        if scratch.line.capacity() > KEPT_LINE {
            scratch.line = Vec::new();
        }
    }
}

/// Appends a number in decimal.
fn push_number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
