//! `ping@internal`.

use ferroway_core::{LocalBoxFuture, Phase, Reason, RequestHead, Response, ShutdownWatch, respond};
use ferroway_services::InternalService;
use http::StatusCode;

/// Says that the process is well, or that it is about to end.
pub(crate) struct Ping {
    pub(crate) shutdown: ShutdownWatch,
    pub(crate) terminating: StatusCode,
}

impl InternalService for Ping {
    fn call<'a>(&'a self, _: &'a RequestHead) -> LocalBoxFuture<'a, Response> {
        let status = if self.shutdown.phase() == Phase::Running { StatusCode::OK } else { self.terminating };
        let response = respond(status, Reason::Internal, status.canonical_reason().unwrap_or_default());
        Box::pin(std::future::ready(response))
    }
}
