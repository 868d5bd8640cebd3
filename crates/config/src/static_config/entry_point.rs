//! `entryPoints.<name>`.

use super::{Address, AddressError};
use crate::decode::config;
use crate::duration::Duration;
use crate::dynamic::RouterTls;

impl EntryPoint {
    /// The parsed address.
    ///
    /// # Errors
    /// It is no `[host]:port[/tcp|/udp]`.
    pub fn parsed_address(&self) -> Result<Address, AddressError> {
        self.address.parse()
    }
}

config! {
    /// A place where ferroway listens.
    pub struct EntryPoint: "*static.EntryPoint" {
        /// `[host]:port[/tcp|/udp]`; without host, all addresses.
        "address" address: String,
        /// Lets routers answer ACME challenges instead of ferroway.
        "allowACMEByPass" allow_acme_by_pass: bool,
        /// Lets several entry points or processes share the port.
        "reusePort" reuse_port: bool,
        /// One of the entry points for routers that name none.
        "asDefault" as_default: bool,
        /// Life and time limits of connections.
        "transport" transport: Transport,
        /// Takes the client's address from the PROXY protocol.
        "proxyProtocol" [allow_empty] proxy_protocol: Option<EntryPointProxyProtocol>,
        /// What happens to X-Forwarded-* headers of clients.
        "forwardedHeaders" forwarded_headers: ForwardedHeaders,
        /// HTTP of all kinds.
        "http" http: EntryPointHttp,
        /// HTTP/2.
        "http2" http2: Http2,
        /// HTTP/3; presence switches it on.
        "http3" [allow_empty, planned] http3: Option<Http3>,
        /// UDP.
        "udp" udp: UdpOptions,
        /// What is recorded of requests, unless their router says otherwise.
        "observability" [hidden_default] observability: EntryPointObservability,
    }

    /// Life and time limits of connections.
    pub struct Transport: "*static.EntryPointsTransport" {
        /// What happens at the end of the process.
        "lifeCycle" life_cycle: LifeCycle,
        /// Time limits for clients.
        "respondingTimeouts" responding_timeouts: RespondingTimeouts,
        /// Age after which a connection is closed with its next answer; 0 means never.
        "keepAliveMaxTime" keep_alive_max_time: Duration,
        /// Requests after which a connection is closed; 0 means never.
        "keepAliveMaxRequests" keep_alive_max_requests: i64,
    }

    /// What happens at the end of the process.
    pub struct LifeCycle: "*static.LifeCycle" {
        /// How long new connections are still accepted.
        "requestAcceptGraceTimeout" request_accept_grace_timeout: Duration,
        /// How long requests in flight may then take.
        "graceTimeOut" grace_time_out: Duration = Duration::from_secs(10),
    }

    /// Time limits for clients.
    pub struct RespondingTimeouts: "*static.RespondingTimeouts" {
        /// Longest time for a whole request with its body; 0 means none.
        "readTimeout" read_timeout: Duration = Duration::from_secs(60),
        /// Longest time for an answer; 0 means none.
        "writeTimeout" write_timeout: Duration,
        /// How long an idle connection is kept; 0 means for ever.
        "idleTimeout" idle_timeout: Duration = Duration::from_secs(180),
    }

    /// Takes the client's address from the PROXY protocol.
    pub struct EntryPointProxyProtocol: "*static.ProxyProtocol" {
        /// Believes everybody.
        "insecure" insecure: bool,
        /// Addresses and ranges that are believed.
        "trustedIPs" trusted_ips: Vec<String>,
    }

    /// What happens to X-Forwarded-* headers of clients.
    pub struct ForwardedHeaders: "*static.ForwardedHeaders" {
        /// Believes everybody.
        "insecure" insecure: bool,
        /// Addresses and ranges that are believed.
        "trustedIPs" trusted_ips: Vec<String>,
        /// Headers that a request's Connection header may name and that are kept nevertheless.
        "connection" connection: Vec<String>,
        /// Does not add the client's address to X-Forwarded-For.
        "notAppendXForwardedFor" not_append_x_forwarded_for: bool,
    }

    /// HTTP of all kinds.
    pub struct EntryPointHttp: "static.HTTPConfig" {
        /// Redirects everything.
        "redirections" redirections: Option<Redirections>,
        /// Middlewares for all routers of the entry point, before their own; as name@provider.
        "middlewares" middlewares: Vec<String>,
        /// TLS for all routers of the entry point that have none of their own.
        "tls" [allow_empty] tls: Option<RouterTls>,
        /// Escaped characters that paths may hold.
        "encodedCharacters" [hidden_default] encoded_characters: EncodedCharacters,
        /// Escapes semicolons in queries instead of taking them as ampersands.
        "encodeQuerySemicolons" encode_query_semicolons: bool,
        /// Resolves dot segments and repeated slashes before routing.
        "sanitizePath" [always_shown] sanitize_path: bool = true,
        /// Largest request head in bytes.
        "maxHeaderBytes" max_header_bytes: i64 = 1_048_576,
        /// Headers whose names become alike for servers: keep, delete or reject.
        "aliasHeadersStrategy" alias_headers_strategy: String,
        /// Headers with underscores in their names: keep, delete or reject.
        "underscoreHeadersStrategy" [deprecated("use aliasHeadersStrategy")]
            underscore_headers_strategy: String,
    }

    /// Redirects everything.
    pub struct Redirections: "*static.Redirections" {
        /// To another entry point.
        "entryPoint" entry_point: Option<RedirectEntryPoint>,
    }

    /// To another entry point.
    pub struct RedirectEntryPoint: "*static.RedirectEntryPoint" {
        /// Its name, or `:port`.
        "to" to: String,
        /// The scheme there.
        "scheme" scheme: String = "https".to_owned(),
        /// 301 or 308 instead of 302 or 307.
        "permanent" permanent: bool = true,
        /// Priority of the router that does it.
        "priority" priority: i64 = i64::MAX - 1,
    }

    /// Escaped characters that paths may hold.
    pub struct EncodedCharacters: "*static.EncodedCharacters" {
        /// Allows an escaped slash.
        "allowEncodedSlash" allow_encoded_slash: bool = true,
        /// Allows an escaped backslash.
        "allowEncodedBackSlash" allow_encoded_back_slash: bool = true,
        /// Allows an escaped NUL.
        "allowEncodedNullCharacter" allow_encoded_null_character: bool = true,
        /// Allows an escaped semicolon.
        "allowEncodedSemicolon" allow_encoded_semicolon: bool = true,
        /// Allows an escaped percent sign.
        "allowEncodedPercent" allow_encoded_percent: bool = true,
        /// Allows an escaped question mark.
        "allowEncodedQuestionMark" allow_encoded_question_mark: bool = true,
        /// Allows an escaped hash.
        "allowEncodedHash" allow_encoded_hash: bool = true,
    }

    /// HTTP/2.
    pub struct Http2: "*static.HTTP2Config" {
        /// Requests at once on a connection.
        "maxConcurrentStreams" max_concurrent_streams: i64 = 250,
        /// Largest table in bytes for headers received.
        "maxDecoderHeaderTableSize" max_decoder_header_table_size: i64 = 4096,
        /// Largest table in bytes for headers sent.
        "maxEncoderHeaderTableSize" [no_effect("the table for headers sent holds at most 4096 bytes")]
            max_encoder_header_table_size: i64 = 4096,
    }

    /// HTTP/3.
    pub struct Http3: "*static.HTTP3Config" {
        /// Port told to clients; 0 means the entry point's.
        "advertisedPort" advertised_port: i64,
    }

    /// UDP.
    pub struct UdpOptions: "*static.UDPConfig" {
        /// Silence after which a session ends.
        "timeout" timeout: Duration = Duration::from_secs(3),
    }

    /// What is recorded of requests.
    pub struct EntryPointObservability: "*static.ObservabilityConfig" {
        /// Access log lines.
        "accessLogs" [always_shown] access_logs: bool = true,
        /// Metrics.
        "metrics" [always_shown] metrics: bool = true,
        /// Traces.
        "tracing" [always_shown] tracing: bool = true,
        /// How much goes into a trace: minimal or detailed.
        "traceVerbosity" [no_effect("tracing is not implemented yet")] trace_verbosity: String = "minimal".to_owned(),
    }
}
