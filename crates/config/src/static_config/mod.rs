//! The static configuration: what is set once, at the start.
//!
//! The marker `planned` on an option means that ferroway does not have it yet: it is parsed, and refused unless it
//! has its default. Taking the marker off is all that this crate needs when an option becomes real.

mod address;
mod api;
mod entry_point;
mod experimental;
mod generated;
mod ip_range;
mod logs;
mod metrics;
mod otlp;
mod providers;
mod resolvers;
mod tracing;
mod transport;
mod validate;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use address::{Address, AddressError, Protocol};
pub use api::{Api, Ping};
pub use entry_point::*;
pub use experimental::{Experimental, FastProxy, LocalPlugin, PluginDescriptor, PluginSettings};
pub use generated::{TRAEFIK_ENTRY_POINT, default_entry_points};
pub use ip_range::is_ip_or_range;
pub use logs::*;
pub use metrics::*;
pub use otlp::{OtlpGrpc, OtlpHttp};
pub use providers::*;
pub use resolvers::*;
pub use tracing::*;
pub use transport::{
    ForwardingTimeouts, ServersTransport, SpiffeClient, TcpServersTransport, TcpTransportTls,
};
pub use validate::validate;

use crate::decode::config;

config! {
    /// The root of the static configuration.
    pub struct Static: "*static.Configuration" {
        /// What concerns the whole process.
        "global" global: Global,
        /// Defaults for connections to HTTP servers.
        "serversTransport" servers_transport: ServersTransport,
        /// Defaults for connections to TCP servers.
        "tcpServersTransport" tcp_servers_transport: TcpServersTransport,
        /// Where ferroway listens, by name.
        "entryPoints" entry_points: BTreeMap<String, EntryPoint>,
        /// Where the dynamic configuration comes from.
        "providers" providers: Providers,
        /// The API and the dashboard.
        "api" [allow_empty] api: Option<Api>,
        /// Numbers about what goes on.
        "metrics" [planned] metrics: Option<Metrics>,
        /// The health endpoint.
        "ping" [allow_empty] ping: Option<Ping>,
        /// ferroway's own log.
        "log" [allow_empty] log: Option<Log>,
        /// One line for each request.
        "accessLog" [allow_empty] access_log: Option<AccessLog>,
        /// Traces of requests.
        "tracing" [allow_empty, planned] tracing: Option<Tracing>,
        /// Resolution of host names in rules.
        "hostResolver" [allow_empty, planned] host_resolver: Option<HostResolver>,
        /// Where certificates come from, by name.
        "certificatesResolvers" [planned] certificates_resolvers: BTreeMap<String, CertificatesResolver>,
        /// What may still change.
        "experimental" experimental: Experimental,
        /// The core.
        "core" core: Core,
        /// The SPIFFE workload API.
        "spiffe" [planned] spiffe: Option<SpiffeClient>,
        /// Staples proofs that certificates are not revoked, got from the responders that they name.
        "ocsp" [allow_empty] ocsp: Option<Ocsp>,
    }
    legacy {
        "pilot" => Removed("the service behind it has ended"),
        "hub" => Ignored("it belongs to another product"),
    }

    /// What concerns the whole process.
    pub struct Global: "*static.Global" {
        /// Accepted for compatibility: ferroway never looks for newer releases.
        "checkNewVersion" check_new_version: bool = true,
        /// Accepted for compatibility: ferroway never sends anything home.
        "sendAnonymousUsage" [no_effect("ferroway never sends anything home")] send_anonymous_usage: bool,
        /// Has no effect.
        "notAppendXForwardedFor" [deprecated("it has no effect; set it in forwardedHeaders of the entry points")]
            not_append_x_forwarded_for: bool,
    }

    /// The core.
    pub struct Core: "*static.Core" {
        /// Rule language of routers that do not name one: v3 or v2.
        "defaultRuleSyntax" [deprecated("write the rules in v3 syntax")]
            default_rule_syntax: String = "v3".to_owned(),
        /// Disables routers whose TLS options conflict, instead of using the default ones.
        "strictTLSOptions" strict_tls_options: bool,
    }

    /// Resolution of host names in rules.
    pub struct HostResolver: "*types.HostResolverConfig" {
        /// Rules match the canonical name of the host too.
        "cnameFlattening" cname_flattening: bool,
        /// File that names the DNS servers.
        "resolvConfig" resolv_config: String = "/etc/resolv.conf".to_owned(),
        /// Longest chain of names that is followed.
        "resolvDepth" resolv_depth: i64 = 5,
    }

    /// Proofs that certificates are not revoked.
    pub struct Ocsp: "*static.OCSP" {
        /// URLs to ask instead, by the URL in the certificate.
        "responderOverrides" [guarded] responder_overrides: BTreeMap<String, String>,
    }
}
