//! What stands in the place of a middleware that ferroway does not have: an answer. Traefik has the middleware, so
//! its users rely on it; were their router disabled, a router with a shorter rule could answer without it.

use ferroway_core::{Exchange, Filter, Flow, Reason, RequestHead, respond};

use crate::answer::phrase;

/// Answers every request with 503. The detail of the record names the kind.
pub(crate) struct Unavailable(pub(crate) &'static str);

impl Filter for Unavailable {
    fn request(&self, _: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        exchange.record.detail = Some(format!("the middleware {} is not implemented yet", self.0));
        let status = Reason::MiddlewareUnavailable.status();
        let words = phrase(status).unwrap_or_default();
        Flow::Answer(Box::new(respond(status, Reason::MiddlewareUnavailable, words)))
    }
}
