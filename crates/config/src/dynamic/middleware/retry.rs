//! `retry`.

use crate::decode::config;
use crate::duration::Duration;

config! {
    /// Tries again when a server fails.
    pub struct Retry: "*dynamic.Retry" {
        /// Tries in all.
        "attempts" attempts: i64,
        /// No further try after this time; 0 means no limit.
        "timeout" timeout: Duration,
        /// Time before the second try; later ones wait longer. 0 means none.
        "initialInterval" initial_interval: Duration,
        /// Largest body in bytes that is kept for further tries.
        "maxRequestBodyBytes" max_request_body_bytes: Option<i64> = Some(2 * 1024 * 1024),
        /// Statuses and ranges (500, 500-599) after which it tries again.
        "status" status: Vec<String>,
        /// Does not try again after network errors.
        "disableRetryOnNetworkError" disable_retry_on_network_error: bool,
        /// Tries methods again that may change something twice.
        "retryNonIdempotentMethod" retry_non_idempotent_method: bool,
    }
}
