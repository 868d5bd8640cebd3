//! `consulCatalog`, `nomad` and `ecs`.

use crate::decode::config;
use crate::duration::Duration;
use crate::dynamic::ClientTls;

config! {
    /// Services of Consul.
    pub struct ConsulCatalog: "*consulcatalog.ProviderBuilder" {
        /// Exposes services that do not say otherwise.
        "exposedByDefault" exposed_by_default: bool = true,
        /// Expression that says which services count.
        "constraints" constraints: String,
        /// Template for the rule of services that bring none.
        "defaultRule" default_rule: String = "Host(`{{ normalize .Name }}`)".to_owned(),
        /// Where Consul is.
        "endpoint" endpoint: ConsulEndpoint,
        /// Prefix of tags.
        "prefix" prefix: String = "traefik".to_owned(),
        /// Time between two looks.
        "refreshInterval" refresh_interval: Duration = Duration::from_secs(15),
        /// Asks the leader and makes it sure of itself.
        "requireConsistent" require_consistent: bool,
        /// Takes answers of any server.
        "stale" stale: bool,
        /// Takes answers from the agent's cache.
        "cache" cache: bool,
        /// Speaks Consul Connect to services that ask for it.
        "connectAware" connect_aware: bool,
        /// Speaks Consul Connect to services that do not say otherwise.
        "connectByDefault" connect_by_default: bool,
        /// Own name in Consul Connect.
        "serviceName" service_name: String = "traefik".to_owned(),
        /// Follows changes instead of asking at intervals.
        "watch" watch: bool,
        /// States of health that count as well.
        "strictChecks" strict_checks: Vec<String> = ["passing", "warning"].map(str::to_owned).to_vec(),
        /// Namespaces; each is a provider of its own.
        "namespaces" namespaces: Vec<String>,
    }
    legacy { "namespace" => Removed("use namespaces") }

    /// Where Consul is.
    pub struct ConsulEndpoint: "*consulcatalog.EndpointConfig" {
        /// host:port.
        "address" [guarded] address: String,
        /// http or https.
        "scheme" scheme: String,
        /// Datacenter; empty means the agent's.
        "datacenter" datacenter: String,
        /// Token.
        "token" [secret] token: String,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Name and password.
        "httpAuth" http_auth: Option<ConsulHttpAuth>,
        /// Longest wait for an answer.
        "endpointWaitTime" endpoint_wait_time: Duration,
    }

    /// Name and password.
    pub struct ConsulHttpAuth: "*consulcatalog.EndpointHTTPAuthConfig" {
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
    }

    /// Services of Nomad.
    pub struct Nomad: "*nomad.ProviderBuilder" {
        /// Exposes services that do not say otherwise.
        "exposedByDefault" exposed_by_default: bool = true,
        /// Expression that says which services count.
        "constraints" constraints: String,
        /// Template for the rule of services that bring none.
        "defaultRule" default_rule: String = "Host(`{{ normalize .Name }}`)".to_owned(),
        /// Where Nomad is.
        "endpoint" endpoint: NomadEndpoint,
        /// Prefix of tags.
        "prefix" prefix: String = "traefik".to_owned(),
        /// Takes answers of any server.
        "stale" stale: bool,
        /// Time between two looks.
        "refreshInterval" refresh_interval: Duration = Duration::from_secs(15),
        /// Keeps services without servers.
        "allowEmptyServices" allow_empty_services: bool,
        /// Follows changes instead of asking at intervals.
        "watch" watch: bool,
        /// Shortest time between two changes that are followed.
        "throttleDuration" throttle_duration: Duration,
        /// Namespaces; each is a provider of its own.
        "namespaces" namespaces: Vec<String>,
    }
    legacy { "namespace" => Removed("use namespaces") }

    /// Where Nomad is.
    pub struct NomadEndpoint: "*nomad.EndpointConfig" {
        /// URL.
        "address" [guarded] address: String = "http://127.0.0.1:4646".to_owned(),
        /// Region; empty means the agent's.
        "region" region: String,
        /// Token.
        "token" [secret] token: String,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Longest wait for an answer.
        "endpointWaitTime" endpoint_wait_time: Duration,
    }

    /// Tasks of Amazon ECS.
    pub struct Ecs: "*ecs.Provider" {
        /// Exposes containers that do not say otherwise.
        "exposedByDefault" exposed_by_default: bool = true,
        /// Expression that says which containers count.
        "constraints" constraints: String,
        /// Template for the rule of containers that bring none.
        "defaultRule" default_rule: String = "Host(`{{ normalize .Name }}`)".to_owned(),
        /// Time between two looks.
        "refreshSeconds" refresh_seconds: i64 = 15,
        /// Names of clusters.
        "clusters" clusters: Vec<String> = vec!["default".to_owned()],
        /// Looks for clusters itself.
        "autoDiscoverClusters" auto_discover_clusters: bool,
        /// Takes tasks that are known to be well only.
        "healthyTasksOnly" healthy_tasks_only: bool,
        /// Takes ECS Anywhere instances too.
        "ecsAnywhere" ecs_anywhere: bool,
        /// Region.
        "region" region: String,
        /// Access key; empty means the usual AWS ways.
        "accessKeyID" [secret] access_key_id: String,
        /// Secret of the access key.
        "secretAccessKey" [secret] secret_access_key: String,
    }
}
