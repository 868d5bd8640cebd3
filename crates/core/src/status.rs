//! The only place where a reason becomes a status (specification section 3.11).

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};

use crate::{Body, Error, Reason, Response};

/// nginx's status for a request whose client went away; seen in logs only.
const CLIENT_CLOSED_REQUEST: u16 = 499;

impl Reason {
    /// The status of the response that ferroway makes for this reason, where the reason decides it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::HeaderAlias | Self::EncodedCharacter | Self::Loop => {
                StatusCode::BAD_REQUEST
            }
            Self::HeaderTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::MiddlewareRejected => StatusCode::FORBIDDEN,
            Self::MiddlewareRedirect => StatusCode::FOUND,
            Self::MiddlewareAnswer | Self::Internal => StatusCode::OK,
            Self::NoServer | Self::MiddlewareUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ConnectFailed | Self::DnsFailed | Self::UpstreamClosed | Self::UpstreamBodyBroken => {
                StatusCode::BAD_GATEWAY
            }
            Self::ConnectTimeout | Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::UpstreamMalformed | Self::UpstreamScheme | Self::UpstreamTls | Self::InternalError => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::ClientClosed => {
                StatusCode::from_u16(CLIENT_CLOSED_REQUEST).expect("499 is within 100 to 999")
            }
        }
    }
}

/// The response for an error: the status of its reason and the reason phrase as text.
pub fn answer(error: &Error) -> Response {
    let status = error.reason.status();
    let phrase = status.canonical_reason().unwrap_or("Client Closed Request");
    let mut response = Response::local(status, error.reason);
    response.body = Body::full(phrase.as_bytes().to_vec());
    response
}

/// A plain text answer in the form of Go's `http.Error`: the text with a line end, its content type,
/// and `X-Content-Type-Options: nosniff`.
pub fn respond_text(status: StatusCode, reason: Reason, text: &str) -> Response {
    let mut response = Response::local(status, reason);
    let headers = &mut response.head.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response.body = Body::full(format!("{text}\n"));
    response
}

/// An answer whose body is `text`, without a content type.
pub fn respond(status: StatusCode, reason: Reason, text: impl Into<bytes::Bytes>) -> Response {
    let mut response = Response::local(status, reason);
    response.body = Body::full(text);
    response
}
