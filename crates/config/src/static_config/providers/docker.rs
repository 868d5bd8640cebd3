//! `docker` and `swarm`.

use crate::decode::config;
use crate::duration::Duration;
use crate::dynamic::ClientTls;

config! {
    /// Docker containers.
    pub struct Docker: "*docker.Provider" {
        /// Exposes containers that do not say otherwise.
        "exposedByDefault" exposed_by_default: bool = true,
        /// Expression that says which containers count.
        "constraints" constraints: String,
        /// Template for the rule of containers that bring none.
        "defaultRule" default_rule: String = "Host(`{{ normalize .Name }}`)".to_owned(),
        /// Where the Docker API is.
        "endpoint" [guarded] endpoint: String = "unix:///var/run/docker.sock".to_owned(),
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Longest wait for an answer of the API; 0 means none.
        "httpClientTimeout" http_client_timeout: Duration,
        /// Network whose addresses are used.
        "network" network: String,
        /// Uses the published port and its host address.
        "useBindPortIP" use_bind_port_ip: bool,
        /// Follows changes.
        "watch" watch: bool = true,
        /// Keeps services without servers.
        "allowEmptyServices" allow_empty_services: bool,
    }
    legacy { "swarmMode" => Removed("use the provider swarm") }

    /// Docker Swarm services.
    pub struct Swarm: "*docker.SwarmProvider" {
        /// Exposes services that do not say otherwise.
        "exposedByDefault" exposed_by_default: bool = true,
        /// Expression that says which services count.
        "constraints" constraints: String,
        /// Template for the rule of services that bring none.
        "defaultRule" default_rule: String = "Host(`{{ normalize .Name }}`)".to_owned(),
        /// Where the Docker API is.
        "endpoint" [guarded] endpoint: String = "unix:///var/run/docker.sock".to_owned(),
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Longest wait for an answer of the API; 0 means none.
        "httpClientTimeout" http_client_timeout: Duration,
        /// Network whose addresses are used.
        "network" network: String,
        /// Uses the published port and its host address.
        "useBindPortIP" use_bind_port_ip: bool,
        /// Follows changes.
        "watch" watch: bool = true,
        /// Keeps services without servers.
        "allowEmptyServices" allow_empty_services: bool,
        /// Time between two looks.
        "refreshSeconds" refresh_seconds: Duration = Duration::from_secs(15),
    }
}
