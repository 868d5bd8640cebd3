//! `providers`: where the dynamic configuration comes from.

mod catalog;
mod docker;
mod file;
mod http;
mod ingress_nginx;
mod kubernetes;
mod kv;

use std::collections::BTreeMap;

pub use catalog::*;
pub use docker::{Docker, Swarm};
pub use file::FileProvider;
pub use http::{HttpProvider, RestProvider};
pub use ingress_nginx::KubernetesIngressNginx;
pub use kubernetes::*;
pub use kv::*;

use crate::decode::{FreeForm, config};
use crate::duration::Duration;

/// The names that `providers.precedence` may hold, in their default order.
pub const PROVIDER_NAMES: [&str; 17] = [
    "kubernetesgateway",
    "kubernetescrd",
    "kubernetes",
    "kubernetesingressnginx",
    "swarm",
    "docker",
    "file",
    "redis",
    "knative",
    "consul",
    "consulcatalog",
    "nomad",
    "etcd",
    "ecs",
    "http",
    "zookeeper",
    "rest",
];

config! {
    /// Where the dynamic configuration comes from.
    pub struct Providers: "*static.Providers" {
        /// Shortest time between two changes of one provider that are applied; 0 means none.
        "providersThrottleDuration" providers_throttle_duration: Duration = Duration::from_secs(2),
        /// Which provider's router wins among those of the same priority, the first most.
        "precedence" precedence: Vec<String> = PROVIDER_NAMES.map(str::to_owned).to_vec(),
        /// Files.
        "file" file: Option<FileProvider>,
        /// Docker containers.
        "docker" [allow_empty, planned] docker: Option<Docker>,
        /// Docker Swarm services.
        "swarm" [allow_empty, planned] swarm: Option<Swarm>,
        /// Ingress objects in Kubernetes.
        "kubernetesIngress" [allow_empty, planned] kubernetes_ingress: Option<KubernetesIngress>,
        /// Ingress objects written for ingress-nginx.
        "kubernetesIngressNGINX" [allow_empty, planned] kubernetes_ingress_nginx: Option<KubernetesIngressNginx>,
        /// Traefik's own kinds in Kubernetes.
        "kubernetesCRD" [allow_empty, planned] kubernetes_crd: Option<KubernetesCrd>,
        /// The Gateway API in Kubernetes.
        "kubernetesGateway" [allow_empty, planned] kubernetes_gateway: Option<KubernetesGateway>,
        /// Knative.
        "knative" [allow_empty, planned] knative: Option<Knative>,
        /// Services of Consul.
        "consulCatalog" [allow_empty, planned] consul_catalog: Option<ConsulCatalog>,
        /// Services of Nomad.
        "nomad" [allow_empty, planned] nomad: Option<Nomad>,
        /// Tasks of Amazon ECS.
        "ecs" [allow_empty, planned] ecs: Option<Ecs>,
        /// Consul's key/value store.
        "consul" [allow_empty, planned] consul: Option<Consul>,
        /// etcd.
        "etcd" [allow_empty, planned] etcd: Option<Etcd>,
        /// ZooKeeper.
        "zooKeeper" [allow_empty, planned] zoo_keeper: Option<ZooKeeper>,
        /// Redis.
        "redis" [allow_empty, planned] redis: Option<RedisProvider>,
        /// A document that is fetched by HTTP.
        "http" [allow_empty, planned] http: Option<HttpProvider>,
        /// A document that others send.
        "rest" [allow_empty, planned] rest: Option<RestProvider>,
        /// Providers from plugins, by name.
        "plugin" [planned] plugin: BTreeMap<String, FreeForm>,
    }
    legacy {
        "marathon" => Removed("Marathon has ended"),
        "rancher" => Removed("its API has ended; use Kubernetes"),
    }
}
