//! `http`: routers, services, middlewares and servers transports.

use std::collections::BTreeMap;

use super::{Middleware, Object, RouterTls, ServersTransport, Service};
use crate::decode::config;

config! {
    /// HTTP routing.
    pub struct Http: "*dynamic.HTTPConfiguration" {
        /// Routers by name.
        "routers" routers: BTreeMap<String, Object<Router>>,
        /// Services by name.
        "services" services: BTreeMap<String, Object<Service>>,
        /// Middlewares by name.
        "middlewares" middlewares: BTreeMap<String, Object<Middleware>>,
        /// How connections to servers are made, by name.
        "serversTransports" servers_transports: BTreeMap<String, Object<ServersTransport>>,
    }
    legacy { "models" => Ignored("it is made from the entry points' own http options") }

    /// Connects entry points with a service, by a rule.
    pub struct Router: "*dynamic.Router" {
        /// Entry points to listen on; empty means the default entry points.
        "entryPoints" entry_points: Vec<String>,
        /// Middlewares that a request passes before the service, in this order.
        "middlewares" middlewares: Vec<String>,
        /// The service that answers; needed unless the router is a parent of others.
        "service" service: String,
        /// Which requests match.
        "rule" rule: String,
        /// Routers whose matches this router divides further.
        "parentRefs" parent_refs: Vec<String>,
        /// Language of the rule: v3 or v2.
        "ruleSyntax" [deprecated("write the rule in v3 syntax")] rule_syntax: String,
        /// Order among matching routers, the highest first; 0 means the length of the rule.
        "priority" priority: i64,
        /// Matches TLS requests only, with these options; without it, plain requests only.
        "tls" [allow_empty] tls: Option<RouterTls>,
        /// What is recorded of the router's requests; what is not set comes from the entry point.
        "observability" observability: Option<RouterObservability>,
    }
    legacy {
        "defaultRule" => Ignored("it is internal"),
        "deniedEncodedPathCharacters" => Ignored("it is made from the entry points' encodedCharacters"),
    }

    /// What is recorded of a router's requests.
    pub struct RouterObservability: "*dynamic.RouterObservabilityConfig" {
        /// Access log lines; unset means as the entry point says.
        "accessLogs" access_logs: Option<bool>,
        /// Metrics; unset means as the entry point says.
        "metrics" metrics: Option<bool>,
        /// Traces; unset means as the entry point says.
        "tracing" tracing: Option<bool>,
        /// How much goes into a trace: minimal or detailed; empty means as the entry point says.
        "traceVerbosity" trace_verbosity: String,
    }
}
