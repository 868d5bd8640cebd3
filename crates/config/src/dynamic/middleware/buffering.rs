//! `buffering`.

use crate::decode::config;

config! {
    /// Reads whole requests and answers before passing them on.
    pub struct Buffering: "*dynamic.Buffering" {
        /// Largest request body in bytes; 0 means any.
        "maxRequestBodyBytes" max_request_body_bytes: i64,
        /// Bytes of a request body kept in memory; what is larger goes to a file.
        "memRequestBodyBytes" mem_request_body_bytes: i64,
        /// Largest answer in bytes; 0 means any.
        "maxResponseBodyBytes" max_response_body_bytes: i64,
        /// Bytes of an answer kept in memory; what is larger goes to a file.
        "memResponseBodyBytes" mem_response_body_bytes: i64,
        /// When to try again, for example `IsNetworkError() && Attempts() < 3`.
        "retryExpression" retry_expression: String,
    }
}
