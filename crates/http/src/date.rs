//! The `Date` field of responses.

use std::cell::RefCell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ferroway_core::clock;
use http::HeaderValue;

/// The `Date` field's value, made once a second, by a clock that is read at least that often.
pub(crate) fn date() -> HeaderValue {
    thread_local! {
        /// The value, and when its second ends.
        static CACHE: RefCell<Option<(Instant, HeaderValue)>> = const { RefCell::new(None) };
    }
    let now = clock::coarse();
    CACHE.with_borrow_mut(|cache| match cache {
        Some((until, value)) if now < *until => value.clone(),
        _ => {
            let wall = SystemTime::now();
            let value = HeaderValue::from_str(&httpdate::fmt_http_date(wall)).expect("a date is ASCII");
            let passed = wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
            let until = now + (Duration::from_secs(1) - Duration::from_nanos(passed.into()));
            *cache = Some((until, value.clone()));
            value
        }
    })
}
