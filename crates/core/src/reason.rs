//! The closed list of reasons for which ferroway answers by itself.

/// Why ferroway made a response itself, or ended a connection. The text form is stable: it stands
/// in access logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The request is malformed or ambiguous.
    BadRequest,
    /// The request head is larger than allowed.
    HeaderTooLarge,
    /// A transfer coding, method, version or protocol that is not supported.
    NotImplemented,
    /// The client did not send its request in time.
    RequestTimeout,
    /// No router matched.
    NoRoute,
    /// The connection was made under other TLS options than those of the router.
    Misdirected,
    /// A middleware answered (allow list, authentication, ...).
    MiddlewareRejected,
    /// A middleware redirected the client.
    MiddlewareRedirect,
    /// A middleware answered in place of the server (CORS preflight, ping).
    MiddlewareAnswer,
    /// The router has a middleware of a kind that ferroway does not have.
    MiddlewareUnavailable,
    /// The client presented a header name alias that the entry point refuses.
    HeaderAlias,
    /// The path has an encoded character that the entry point refuses.
    EncodedCharacter,
    /// The service has no server, or none that is up.
    NoServer,
    /// The connection to the server was refused or the address is unreachable.
    ConnectFailed,
    /// The connection to the server was not made in time.
    ConnectTimeout,
    /// The server's name could not be resolved.
    DnsFailed,
    /// The server closed the connection before it answered.
    UpstreamClosed,
    /// The server sent no response head in time.
    UpstreamTimeout,
    /// The server does not speak TLS, or its certificate was refused.
    UpstreamTls,
    /// The server's response is malformed.
    UpstreamMalformed,
    /// The server's URL has a scheme that is not supported.
    UpstreamScheme,
    /// The response broke off after its head was passed on.
    UpstreamBodyBroken,
    /// The client went away.
    ClientClosed,
    /// A request loop through ferroway itself.
    Loop,
    /// A service made by ferroway (ping, API).
    Internal,
    /// A fault of ferroway's own.
    InternalError,
}

impl Reason {
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::HeaderTooLarge => "header_too_large",
            Self::NotImplemented => "not_implemented",
            Self::RequestTimeout => "request_timeout",
            Self::NoRoute => "no_route",
            Self::Misdirected => "misdirected",
            Self::MiddlewareRejected => "middleware_rejected",
            Self::MiddlewareRedirect => "middleware_redirect",
            Self::MiddlewareAnswer => "middleware_answer",
            Self::MiddlewareUnavailable => "middleware_unavailable",
            Self::HeaderAlias => "header_alias",
            Self::EncodedCharacter => "encoded_character",
            Self::NoServer => "no_server",
            Self::ConnectFailed => "upstream_connect_failed",
            Self::ConnectTimeout => "upstream_connect_timeout",
            Self::DnsFailed => "upstream_dns_failed",
            Self::UpstreamClosed => "upstream_closed",
            Self::UpstreamTimeout => "upstream_header_timeout",
            Self::UpstreamTls => "upstream_tls",
            Self::UpstreamMalformed => "upstream_malformed",
            Self::UpstreamScheme => "upstream_scheme",
            Self::UpstreamBodyBroken => "upstream_body_broken",
            Self::ClientClosed => "client_closed",
            Self::Loop => "request_loop",
            Self::Internal => "internal_service",
            Self::InternalError => "internal_error",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
