//! When the status of a certificate is to be asked for anew, and when what was said of it ends.

use std::time::{Duration, SystemTime};

use ferroway_tls::ocsp::Statement;

/// The longest time between two looks, and between two requests of which the first brought nothing.
pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);

/// The shortest time between two requests of which the first brought something.
const PAUSE: Duration = Duration::from_secs(10);

/// The wait after the first request that brought nothing.
const FIRST_RETRY: Duration = Duration::from_secs(60);

/// How long a statement counts that does not say it itself.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The times in the life of an OCSP response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    /// When to ask again.
    pub(super) due: SystemTime,
    /// When it is worth nothing any more.
    pub(super) expires: SystemTime,
}

impl Validity {
    /// The times of a statement that came at `now`. At half of its life there is a newer one; if that is past already,
    /// because the responder makes them in advance, one comes some time before its end.
    pub(super) fn of(statement: &Statement, now: SystemTime) -> Self {
        let Some(expires) = statement.next_update else {
            // There may be a newer one any time.
            return Self { due: now + HOUR, expires: now + DAY };
        };
        let life = expires.duration_since(statement.this_update).unwrap_or_default();
        let half = statement.this_update + life / 2;
        let left = expires.duration_since(now).unwrap_or_default();
        let due = if half > now { half } else { now + (left / 2).min(HOUR) };
        Self { due: due.max(now + PAUSE), expires }
    }
}

/// The waits after requests that brought nothing: a minute, and twice as long each time, up to an hour.
#[derive(Debug)]
pub(super) struct Retry(Duration);

impl Default for Retry {
    fn default() -> Self {
        Self(FIRST_RETRY)
    }
}

impl Retry {
    /// How long to wait now.
    pub(super) fn wait(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(HOUR);
        wait
    }
}

#[cfg(test)]
mod tests;
