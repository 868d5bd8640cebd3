//! `tcp`: routers, services, middlewares and servers transports of TCP.

use std::collections::BTreeMap;

use super::{Certificate, Domain, Enabled, KindError, Object, Spiffe, WeightedService};
use crate::decode::{FileOrContent, config};
use crate::duration::Duration;

/// The one kind of a TCP service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TcpServiceKind<'s> {
    /// Spreads connections over servers.
    LoadBalancer(&'s TcpLoadBalancer),
    /// Spreads connections over services by weight.
    Weighted(&'s TcpWeighted),
}

impl TcpService {
    /// The kind of the service.
    ///
    /// # Errors
    /// It has none, or more than one.
    pub fn kind(&self) -> Result<TcpServiceKind<'_>, KindError> {
        let balancer = self.load_balancer.as_ref().map(TcpServiceKind::LoadBalancer);
        KindError::only(balancer.into_iter().chain(self.weighted.as_ref().map(TcpServiceKind::Weighted)))
    }
}

config! {
    /// TCP routing.
    pub struct Tcp: "*dynamic.TCPConfiguration" {
        /// Routers by name.
        "routers" routers: BTreeMap<String, Object<TcpRouter>>,
        /// Services by name.
        "services" services: BTreeMap<String, Object<TcpService>>,
        /// Middlewares by name.
        "middlewares" middlewares: BTreeMap<String, Object<TcpMiddleware>>,
        /// How connections to servers are made, by name.
        "serversTransports" servers_transports: BTreeMap<String, Object<TcpServersTransport>>,
    }
    legacy { "models" => Ignored("it is made from the entry points' own options") }

    /// Connects entry points with a service, by a rule.
    pub struct TcpRouter: "*dynamic.TCPRouter" {
        /// Entry points to listen on; empty means the default entry points.
        "entryPoints" entry_points: Vec<String>,
        /// Middlewares that a connection passes before the service, in this order.
        "middlewares" middlewares: Vec<String>,
        /// The service that takes the connection.
        "service" service: String,
        /// Which connections match.
        "rule" rule: String,
        /// Language of the rule: v3 or v2.
        "ruleSyntax" [deprecated("write the rule in v3 syntax")] rule_syntax: String,
        /// Order among matching routers, the highest first; 0 means the length of the rule.
        "priority" priority: i64,
        /// Matches TLS connections only, with these options.
        "tls" [allow_empty] tls: Option<TcpRouterTls>,
    }

    /// TLS of a TCP router.
    pub struct TcpRouterTls: "*dynamic.RouterTCPTLSConfig" {
        /// Passes TLS on as it is.
        "passthrough" [always_shown] passthrough: bool,
        /// Name of the TLS options; empty means default.
        "options" options: String,
        /// Name of the resolver that gets certificates for the router.
        "certResolver" cert_resolver: String,
        /// Names that the certificates are for; empty means those of the rule.
        "domains" domains: Vec<Domain>,
    }

    /// Takes connections. Exactly one of the kinds must be set; see [`TcpService::kind`].
    pub struct TcpService: "*dynamic.TCPService" {
        /// Spreads connections over servers.
        "loadBalancer" load_balancer: Option<TcpLoadBalancer>,
        /// Spreads connections over services by weight.
        "weighted" weighted: Option<TcpWeighted>,
    }

    /// Spreads connections over servers.
    pub struct TcpLoadBalancer: "*dynamic.TCPServersLoadBalancer" {
        /// The servers.
        "servers" servers: Vec<TcpServer>,
        /// Name of the servers transport; empty means the default one.
        "serversTransport" servers_transport: String,
        /// Speaks the PROXY protocol to the servers.
        "proxyProtocol" [allow_empty, deprecated("set it in a servers transport")] proxy_protocol: Option<ProxyProtocol>,
        /// Milliseconds to wait after one side has ended; below 0 means for ever.
        "terminationDelay" [deprecated("set it in a servers transport")] termination_delay: Option<i64>,
        /// Connects to the servers at intervals to see whether they are well.
        "healthCheck" [allow_empty] health_check: Option<TcpHealthCheck>,
    }

    /// One server.
    pub struct TcpServer: "dynamic.TCPServer" {
        /// host:port.
        "address" address: String,
        /// Speaks TLS to it.
        "tls" tls: bool,
    }
    legacy { "port" => Ignored("it is for labels; the address says it") }

    /// The PROXY protocol towards servers.
    pub struct ProxyProtocol: "*dynamic.ProxyProtocol" {
        /// Its version: 1 or 2.
        "version" version: i64 = 2,
    }

    /// Connects to the servers at intervals to see whether they are well.
    pub struct TcpHealthCheck: "*dynamic.TCPServerHealthCheck" {
        /// Port; 0 means the server's.
        "port" port: i64,
        /// Text to send.
        "send" send: String,
        /// Text that must come back.
        "expect" expect: String,
        /// Time between checks of a server that is well.
        "interval" interval: Duration = Duration::from_secs(30),
        /// Time between checks of a server that is not well; unset means interval.
        "unhealthyInterval" unhealthy_interval: Option<Duration>,
        /// Longest time of a check.
        "timeout" timeout: Duration = Duration::from_secs(5),
    }

    /// Spreads connections over services by weight.
    pub struct TcpWeighted: "*dynamic.TCPWeightedRoundRobin" {
        /// The services.
        "services" services: Vec<WeightedService>,
        /// Takes part in health checks: down when all services are.
        "healthCheck" [allow_empty] health_check: Option<Enabled>,
    }

    /// Looks at connections. Of several kinds the last of inFlightConn, ipWhiteList, ipAllowList counts.
    pub struct TcpMiddleware: "*dynamic.TCPMiddleware" {
        /// Limits the open connections of a client.
        "inFlightConn" in_flight_conn: Option<TcpInFlightConn>,
        /// Lets in these clients only.
        "ipWhiteList" [deprecated("use ipAllowList")] ip_white_list: Option<TcpIpAllowList>,
        /// Lets in these clients only.
        "ipAllowList" ip_allow_list: Option<TcpIpAllowList>,
    }

    /// Limits the open connections of a client.
    pub struct TcpInFlightConn: "*dynamic.TCPInFlightConn" {
        /// The limit for each client address.
        "amount" amount: i64,
    }

    /// Lets in these clients only.
    pub struct TcpIpAllowList: "*dynamic.TCPIPAllowList" {
        /// Addresses and ranges (CIDR).
        "sourceRange" source_range: Vec<String>,
    }

    /// How connections to servers are made.
    pub struct TcpServersTransport: "*dynamic.TCPServersTransport" {
        /// Interval of keep-alive probes; 0 means 15s, below 0 none.
        "dialKeepAlive" dial_keep_alive: Duration = Duration::from_secs(15),
        /// Longest time to connect; 0 means none.
        "dialTimeout" dial_timeout: Duration = Duration::from_secs(30),
        /// Speaks the PROXY protocol to the servers.
        "proxyProtocol" [allow_empty] proxy_protocol: Option<ProxyProtocol>,
        /// Time to wait after one side has ended; below 0 means for ever.
        "terminationDelay" termination_delay: Duration = Duration::from_millis(100),
        /// TLS towards the servers.
        "tls" [allow_empty] tls: Option<TcpClientTls>,
    }

    /// TLS towards TCP servers.
    pub struct TcpClientTls: "*dynamic.TLSClientConfig" {
        /// Name for SNI and verification; empty means the address's host.
        "serverName" server_name: String,
        /// Does not check certificates.
        "insecureSkipVerify" insecure_skip_verify: bool,
        /// Authorities, PEM; empty means those of the system.
        "rootCAs" root_cas: Vec<FileOrContent>,
        /// Own certificates, if a server asks for one.
        "certificates" certificates: Vec<Certificate>,
        /// URI that the server's certificate must carry.
        "peerCertURI" peer_cert_uri: String,
        /// Servers' identities by SPIFFE.
        "spiffe" [allow_empty] spiffe: Option<Spiffe>,
    }
}
