//! `circuitBreaker`.

use crate::decode::config;
use crate::duration::Duration;

config! {
    /// Stops asking a service that fails.
    pub struct CircuitBreaker: "*dynamic.CircuitBreaker" {
        /// When to stop, for example `NetworkErrorRatio() > 0.3`.
        "expression" expression: String,
        /// Time between two looks at the expression.
        "checkPeriod" check_period: Duration = Duration::from_millis(100),
        /// How long nothing is asked.
        "fallbackDuration" fallback_duration: Duration = Duration::from_secs(10),
        /// How long it then takes to ask all again.
        "recoveryDuration" recovery_duration: Duration = Duration::from_secs(10),
        /// Status while nothing is asked.
        "responseCode" response_code: i64 = 503,
    }
}
