//! Answers that several middlewares give.

use ferroway_core::{Flow, Reason, respond};
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};

/// Sends the client to `location`. Only GET may become another method on the way (RFC 9110 section 15.4), which is what
/// clients do on 301 and 302.
pub(crate) fn redirect(method: &Method, permanent: bool, location: HeaderValue) -> Flow {
    let status = match (permanent, method == Method::GET) {
        (true, true) => StatusCode::MOVED_PERMANENTLY,
        (true, false) => StatusCode::PERMANENT_REDIRECT,
        (false, true) => StatusCode::FOUND,
        (false, false) => StatusCode::TEMPORARY_REDIRECT,
    };
    let mut response = respond(status, Reason::MiddlewareRedirect, phrase(status).unwrap_or_default());
    response.head.headers.insert(LOCATION, location);
    Flow::Answer(Box::new(response))
}

/// A status with its reason phrase as body.
pub(crate) fn reject(status: StatusCode) -> Flow {
    Flow::Answer(Box::new(respond(status, Reason::MiddlewareRejected, phrase(status).unwrap_or_default())))
}

/// The reason phrase in Go's words, which are not always those of RFC 9110.
pub(crate) fn phrase(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        203 => Some("Non-Authoritative Information"),
        413 => Some("Request Entity Too Large"),
        414 => Some("Request URI Too Long"),
        416 => Some("Requested Range Not Satisfiable"),
        _ => status.canonical_reason(),
    }
}
