//! HTTP services of all kinds, and servers transports.

use std::collections::BTreeMap;

use super::{Certificate, Enabled, KindError, Spiffe};
use crate::decode::{FileOrContent, config};
use crate::duration::Duration;

/// The one kind of a service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ServiceKind<'s> {
    /// Spreads requests over servers.
    LoadBalancer(&'s LoadBalancer),
    /// Spreads requests over services by weight.
    Weighted(&'s Weighted),
    /// Sends copies of requests to other services.
    Mirroring(&'s Mirroring),
    /// Falls back to another service.
    Failover(&'s Failover),
    /// Sends the requests of a client to the same service.
    HighestRandomWeight(&'s HighestRandomWeight),
}

impl ServiceKind<'_> {
    /// The kind's name in the configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LoadBalancer(_) => "loadBalancer",
            Self::Weighted(_) => "weighted",
            Self::Mirroring(_) => "mirroring",
            Self::Failover(_) => "failover",
            Self::HighestRandomWeight(_) => "highestRandomWeight",
        }
    }
}

impl Service {
    /// The kind of the service.
    ///
    /// # Errors
    /// It has none, or more than one.
    pub fn kind(&self) -> Result<ServiceKind<'_>, KindError> {
        let kinds = [
            self.load_balancer.as_ref().map(ServiceKind::LoadBalancer),
            self.weighted.as_ref().map(ServiceKind::Weighted),
            self.mirroring.as_ref().map(ServiceKind::Mirroring),
            self.failover.as_ref().map(ServiceKind::Failover),
            self.highest_random_weight.as_ref().map(ServiceKind::HighestRandomWeight),
        ];
        KindError::only(kinds.into_iter().flatten())
    }
}

config! {
    /// Answers requests. Exactly one of the kinds must be set; see [`Service::kind`].
    pub struct Service: "*dynamic.Service" {
        /// Middlewares for all requests of the service, after those of the router.
        "middlewares" middlewares: Vec<String>,
        /// Spreads requests over servers.
        "loadBalancer" load_balancer: Option<LoadBalancer>,
        /// Sends the requests of a client to the same of several services.
        "highestRandomWeight" highest_random_weight: Option<HighestRandomWeight>,
        /// Spreads requests over services by weight.
        "weighted" weighted: Option<Weighted>,
        /// Sends copies of requests to other services.
        "mirroring" mirroring: Option<Mirroring>,
        /// Falls back to another service.
        "failover" failover: Option<Failover>,
    }

    /// Spreads requests over servers.
    pub struct LoadBalancer: "*dynamic.ServersLoadBalancer" {
        /// Keeps a client at its server by a cookie.
        "sticky" [allow_empty] sticky: Option<Sticky>,
        /// The servers.
        "servers" servers: Vec<Server>,
        /// How a server is chosen: wrr, p2c, hrw or leasttime.
        "strategy" strategy: String = "wrr".to_owned(),
        /// Asks the servers at intervals whether they are well.
        "healthCheck" health_check: Option<HealthCheck>,
        /// Watches real answers for signs that a server is not well.
        "passiveHealthCheck" passive_health_check: Option<PassiveHealthCheck>,
        /// Passes the client's Host header on; false sends the server's own address.
        "passHostHeader" [always_shown] pass_host_header: bool = true,
        /// How answers are passed on.
        "responseForwarding" response_forwarding: ResponseForwarding,
        /// Name of the servers transport; empty means the default one.
        "serversTransport" servers_transport: String,
    }

    /// One server of a load balancer.
    pub struct Server: "dynamic.Server" {
        /// Its URL: http, https or h2c.
        "url" [guarded] url: String,
        /// Its share of requests; unset means 1, and 0 or less takes it out.
        "weight" weight: Option<i64>,
        /// Puts the URL's path before the request's path.
        "preservePath" preserve_path: bool,
    }
    legacy {
        "scheme" => Ignored("it is for labels; the URL says it"),
        "port" => Ignored("it is for labels; the URL says it"),
        "fenced" => Ignored("only the Kubernetes providers set it"),
    }

    /// Keeps clients at their server.
    pub struct Sticky: "*dynamic.Sticky" {
        /// By a cookie.
        "cookie" [allow_empty] cookie: Option<Cookie>,
    }

    /// The cookie that names a client's server.
    pub struct Cookie: "*dynamic.Cookie" {
        /// Name; empty means one made from the service's name.
        "name" name: String,
        /// Sent over TLS only.
        "secure" secure: bool,
        /// Hidden from scripts.
        "httpOnly" http_only: bool,
        /// Sent to other sites: none, lax or strict; anything else leaves the attribute out.
        "sameSite" same_site: String,
        /// Life in seconds; 0 means the browser's session, below 0 expires at once.
        "maxAge" max_age: i64,
        /// Path that it is for.
        "path" [always_shown] path: String = "/".to_owned(),
        /// Domain that it is for; empty means the host.
        "domain" domain: String,
    }

    /// Asks the servers at intervals whether they are well.
    pub struct HealthCheck: "*dynamic.ServerHealthCheck" {
        /// Scheme; empty means the server's.
        "scheme" scheme: String,
        /// http or grpc.
        "mode" mode: String = "http".to_owned(),
        /// Path and query, relative to the server's URL.
        "path" path: String,
        /// Method; empty means GET.
        "method" method: String,
        /// Status that means well; 0 means any 2xx or 3xx.
        "status" status: i64,
        /// Port; 0 means the server's.
        "port" port: i64,
        /// Time between checks of a server that is well.
        "interval" interval: Duration = Duration::from_secs(30),
        /// Time between checks of a server that is not well; unset means interval.
        "unhealthyInterval" unhealthy_interval: Option<Duration>,
        /// Longest wait for an answer.
        "timeout" timeout: Duration = Duration::from_secs(5),
        /// Host header; empty means the server's address.
        "hostname" hostname: String,
        /// Follows redirections.
        "followRedirects" [always_shown] follow_redirects: bool = true,
        /// Headers to send.
        "headers" [guarded] headers: BTreeMap<String, String>,
    }

    /// Watches real answers for signs that a server is not well.
    pub struct PassiveHealthCheck: "*dynamic.PassiveServerHealthCheck" {
        /// Time in which failures are counted, and for which the server is then left out.
        "failureWindow" failure_window: Duration = Duration::from_secs(10),
        /// Failures that take the server out.
        "maxFailedAttempts" max_failed_attempts: i64 = 1,
    }

    /// How answers are passed on.
    pub struct ResponseForwarding: "*dynamic.ResponseForwarding" {
        /// Longest time that part of an answer is held back; negative means none.
        "flushInterval" flush_interval: Duration = Duration::from_millis(100),
    }

    /// Spreads requests over services by weight.
    pub struct Weighted: "*dynamic.WeightedRoundRobin" {
        /// The services.
        "services" services: Vec<WeightedService>,
        /// Keeps a client at its service by a cookie.
        "sticky" sticky: Option<Sticky>,
        /// Takes part in health checks: down when all services are.
        "healthCheck" [allow_empty] health_check: Option<Enabled>,
    }

    /// A service and its share.
    pub struct WeightedService: "dynamic.WRRService" {
        /// Name of the service.
        "name" name: String,
        /// Its share; 0 or less is never chosen.
        "weight" [always_shown] weight: i64 = 1,
    }

    /// Sends the requests of a client to the same of several services.
    pub struct HighestRandomWeight: "*dynamic.HighestRandomWeight" {
        /// The services.
        "services" services: Vec<WeightedService>,
        /// Takes part in health checks: down when all services are.
        "healthCheck" [allow_empty] health_check: Option<Enabled>,
    }

    /// Sends copies of requests to other services.
    pub struct Mirroring: "*dynamic.Mirroring" {
        /// The service that answers.
        "service" service: String,
        /// Sends the body to the mirrors too.
        "mirrorBody" [always_shown] mirror_body: bool = true,
        /// Largest body in bytes that is mirrored; -1 means any.
        "maxBodySize" [always_shown] max_body_size: i64 = -1,
        /// Who gets copies.
        "mirrors" mirrors: Vec<Mirror>,
        /// Takes part in health checks as the main service does.
        "healthCheck" [allow_empty] health_check: Option<Enabled>,
    }

    /// A service that gets copies.
    pub struct Mirror: "dynamic.MirrorService" {
        /// Name of the service.
        "name" name: String,
        /// Share of requests that it gets, 0 to 100.
        "percent" percent: i64,
    }

    /// Falls back to another service.
    pub struct Failover: "*dynamic.Failover" {
        /// The main service.
        "service" service: String,
        /// The service to fall back to.
        "fallback" fallback: String,
        /// Takes part in health checks: down when both are.
        "healthCheck" [allow_empty] health_check: Option<Enabled>,
        /// Falls back by the status of an answer.
        "errors" errors: Option<FailoverErrors>,
    }

    /// Falls back by the status of an answer.
    pub struct FailoverErrors: "*dynamic.FailoverError" {
        /// Largest body in bytes that is kept for the second try; -1 means any.
        "maxRequestBodyBytes" [always_shown] max_request_body_bytes: i64 = -1,
        /// Statuses and ranges (500, 500-599).
        "status" status: Vec<String>,
    }

    /// How connections to servers are made.
    pub struct ServersTransport: "*dynamic.ServersTransport" {
        /// Name for SNI and verification; empty means the URL's host.
        "serverName" server_name: String,
        /// Does not check certificates.
        "insecureSkipVerify" insecure_skip_verify: bool,
        /// Authorities, PEM; empty means those of the system.
        "rootCAs" root_cas: Vec<FileOrContent>,
        /// Own certificates, if a server asks for one.
        "certificates" certificates: Vec<Certificate>,
        /// Idle connections kept for each server; 0 means 2, below 0 none.
        "maxIdleConnsPerHost" max_idle_conns_per_host: i64,
        /// Time limits.
        "forwardingTimeouts" forwarding_timeouts: ForwardingTimeouts,
        /// Cipher suites of TLS up to 1.2.
        "cipherSuites" cipher_suites: Vec<String>,
        /// Lowest TLS version.
        "minVersion" min_version: String,
        /// Highest TLS version.
        "maxVersion" max_version: String,
        /// Speaks HTTP/1.1 only.
        "disableHTTP2" disable_http2: bool,
        /// URI that the server's certificate must carry.
        "peerCertURI" peer_cert_uri: String,
        /// Servers' identities by SPIFFE, instead of the other TLS options.
        "spiffe" [allow_empty] spiffe: Option<Spiffe>,
    }

    /// Time limits of connections to servers.
    pub struct ForwardingTimeouts: "*dynamic.ForwardingTimeouts" {
        /// Longest time to connect; 0 means none.
        "dialTimeout" dial_timeout: Duration = Duration::from_secs(30),
        /// Longest wait for an answer's headers; 0 means none.
        "responseHeaderTimeout" response_header_timeout: Duration,
        /// How long an idle connection is kept; 0 means for ever.
        "idleConnTimeout" idle_conn_timeout: Duration = Duration::from_secs(90),
        /// HTTP/2: silence after which the connection is tested; 0 means never.
        "readIdleTimeout" read_idle_timeout: Duration,
        /// HTTP/2: longest wait for the test's answer.
        "pingTimeout" ping_timeout: Duration = Duration::from_secs(15),
    }
}
