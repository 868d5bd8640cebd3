//! Errors of the data plane: whose fault, whether a retry is safe, and the reason.

use crate::Reason;

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The client's request.
    Client,
    /// The server behind us.
    Upstream,
    /// What the user configured.
    Configuration,
    /// Ours.
    Internal,
}

/// Whether the request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Nothing of the request was seen by a server.
    Safe,
    /// A server may have acted on it.
    Unsafe,
}

/// Why a request could not be served.
#[derive(Debug, Clone)]
pub struct Error {
    /// What happened.
    pub reason: Reason,
    /// Whether the request may be sent again.
    pub retry: Retry,
    /// The words for logs: lower case, without a full stop.
    pub detail: std::borrow::Cow<'static, str>,
}

impl Error {
    /// An error after which a server may have acted on the request.
    pub fn new(reason: Reason, detail: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self { reason, retry: Retry::Unsafe, detail: detail.into() }
    }

    /// An error before anything was sent.
    pub fn before_sending(reason: Reason, detail: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self { reason, retry: Retry::Safe, detail: detail.into() }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self.reason {
            Reason::BadRequest
            | Reason::HeaderTooLarge
            | Reason::NotImplemented
            | Reason::RequestTimeout
            | Reason::HeaderAlias
            | Reason::EncodedCharacter
            | Reason::Misdirected
            | Reason::ClientClosed
            | Reason::MiddlewareRejected
            | Reason::MiddlewareRedirect
            | Reason::MiddlewareAnswer => Fault::Client,
            Reason::ConnectFailed
            | Reason::ConnectTimeout
            | Reason::DnsFailed
            | Reason::UpstreamClosed
            | Reason::UpstreamTimeout
            | Reason::UpstreamTls
            | Reason::UpstreamMalformed
            | Reason::UpstreamBodyBroken => Fault::Upstream,
            Reason::NoRoute | Reason::NoServer | Reason::UpstreamScheme | Reason::Loop => {
                Fault::Configuration
            }
            Reason::MiddlewareUnavailable | Reason::Internal | Reason::InternalError => Fault::Internal,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl std::error::Error for Error {}
