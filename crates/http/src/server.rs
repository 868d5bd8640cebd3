//! What serving clients needs, whatever the version of HTTP.

use std::time::Duration;

use ferroway_core::{Exchange, Request, Response, ResponseHead};

/// Limits and timeouts of an entry point (specification section 1.6); `None` is no limit.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For a whole request, body included.
    pub read_timeout: Option<Duration>,
    /// From the end of a request's head to the end of its response.
    pub write_timeout: Option<Duration>,
    /// Between two requests of a connection.
    pub idle_timeout: Option<Duration>,
    /// For a request's head.
    pub max_header_bytes: usize,
    /// Age after which a connection is closed with its next response.
    pub keep_alive_max_time: Option<Duration>,
    /// Requests after which a connection is closed.
    pub keep_alive_max_requests: Option<u64>,
}

/// What the data plane does with requests.
pub trait Handler {
    /// Makes the response.
    fn handle(&self, request: Request, exchange: &mut Exchange) -> impl Future<Output = Response>;

    /// The response was written, or was not: the place for logs and metrics.
    fn done(&self, exchange: &mut Exchange, sent: &Sent<'_>);
}

/// What became of a response.
#[derive(Debug)]
pub struct Sent<'a> {
    /// The head that was, or would have been, written.
    pub head: &'a ResponseHead,
    /// Body bytes that were written.
    pub bytes: u64,
    /// The `Content-Length` that was written for the body.
    pub length: Option<u64>,
    /// Whether the response was written whole.
    pub complete: bool,
}
