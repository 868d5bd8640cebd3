//! `errors`.

use std::collections::BTreeMap;

use crate::decode::config;

config! {
    /// Answers with pages of another service instead of errors.
    pub struct Errors: "*dynamic.ErrorPage" {
        /// Statuses and ranges (500, 500-599) that are errors.
        "status" status: Vec<String>,
        /// Statuses to answer with, by status or range.
        "statusRewrites" status_rewrites: BTreeMap<String, i64>,
        /// The service that has the pages.
        "service" service: String,
        /// Path and query of a page; `{status}`, `{originalStatus}` and `{url}` are replaced.
        "query" query: String,
        /// Request headers that it gets; unset means all.
        "errorRequestHeaders" error_request_headers: Option<Vec<String>>,
    }
}
