//! Requests and responses, the same for every protocol version.

use http::header::HeaderName;
use http::{HeaderValue, Method, StatusCode, Version};

use crate::{Body, HeaderList, Reason, Target};

/// A request on its way from a client to a server.
#[derive(Debug)]
pub struct Request {
    /// Method, target and fields. Boxed, as it travels through many futures and would be part of each.
    pub head: Box<RequestHead>,
    /// What the client sends along.
    pub body: Body,
}

/// The head of a request.
///
/// `Host` is not among the fields: it is [`RequestHead::host`]. Neither is what concerns the client's
/// connection or the framing (`Connection`, `Transfer-Encoding`, `Content-Length`, `TE`, ...): the codecs
/// take it in and write their own.
#[derive(Debug)]
pub struct RequestHead {
    /// Any token is allowed (RFC 9110 section 9.1).
    pub method: Method,
    /// Path and query.
    pub target: Target,
    /// The version that the client spoke.
    pub version: Version,
    /// Authority: host and optional port, as the client wrote it; empty for HTTP/1.0 without `Host`.
    pub host: HeaderValue,
    /// All other fields.
    pub headers: HeaderList,
    /// Fields that the client named in `Connection`: they are not for servers.
    pub connection: Vec<HeaderName>,
    /// The protocol that the client wants to switch to (`Upgrade`), where it asked for one.
    pub upgrade: Option<HeaderValue>,
    /// Whether the client takes trailer fields (`TE: trailers`).
    pub accepts_trailers: bool,
}

impl RequestHead {
    /// The host as text; bytes that are no text count as no host.
    pub fn host_str(&self) -> &str {
        self.host.to_str().unwrap_or_default()
    }
}

/// A response on its way to the client.
#[derive(Debug)]
pub struct Response {
    /// Status and fields.
    pub head: ResponseHead,
    /// The content.
    pub body: Body,
    /// Set when ferroway made the response itself: why.
    pub reason: Option<Reason>,
}

/// The head of a response, without framing fields.
#[derive(Debug)]
pub struct ResponseHead {
    /// The status.
    pub status: StatusCode,
    /// All fields but the framing ones.
    pub headers: HeaderList,
}

impl Response {
    /// A response without fields and body.
    pub fn new(status: StatusCode) -> Self {
        Self { head: ResponseHead { status, headers: HeaderList::new() }, body: Body::Empty, reason: None }
    }

    /// The same, made by ferroway for `reason`.
    pub fn local(status: StatusCode, reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::new(status) }
    }
}
