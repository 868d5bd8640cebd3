//! Reading the clock no more often than needed: a request reads it once, and whatever needs no more
//! than seconds (idle timeouts) takes the worker's last reading.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// How old [`coarse`] gets on a worker that [`tick`]s.
const TICK: Duration = Duration::from_secs(1);

/// The time; the runtime's, so that tests can stop it.
pub fn now() -> Instant {
    let now = tokio::time::Instant::now().into_std();
    LAST.set(Some(now));
    now
}

/// The time of this thread's last reading: at most a second old on a worker.
pub fn coarse() -> Instant {
    LAST.get().unwrap_or_else(now)
}

/// Keeps [`coarse`] fresh; runs until the worker ends.
pub async fn tick() {
    loop {
        now();
        tokio::time::sleep(TICK).await;
    }
}
