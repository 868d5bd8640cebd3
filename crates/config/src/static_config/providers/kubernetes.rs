//! `kubernetesCRD`, `kubernetesIngress`, `kubernetesGateway` and `knative`.

use crate::decode::{FileOrContent, config};
use crate::duration::Duration;

config! {
    /// Traefik's own kinds in Kubernetes.
    pub struct KubernetesCrd: "*crd.Provider" {
        /// URL of the API server; empty means that of the cluster around.
        "endpoint" [guarded] endpoint: String,
        /// Token, or file with it.
        "token" [secret] token: FileOrContent,
        /// File with the authority of the API server.
        "certAuthFilePath" cert_auth_file_path: String,
        /// Namespaces; empty means all.
        "namespaces" namespaces: Vec<String>,
        /// Selector for labels.
        "labelSelector" label_selector: String,
        /// References may cross namespaces.
        "allowCrossNamespace" allow_cross_namespace: bool,
        /// Keeps services without servers.
        "allowEmptyServices" allow_empty_services: bool,
        /// Takes services of type ExternalName.
        "allowExternalNameServices" allow_external_name_services: bool,
        /// Class of the objects that count.
        "ingressClass" ingress_class: String,
        /// Shortest time between two changes that are followed.
        "throttleDuration" throttle_duration: Duration,
        /// Uses the cluster's own balancing unless a service says otherwise.
        "nativeLBByDefault" native_lb_by_default: bool,
        /// Does not read what belongs to the whole cluster.
        "disableClusterScopeResources" disable_cluster_scope_resources: bool,
        /// Namespaces that may refer to other providers' objects; unset means all, empty none.
        "crossProviderNamespaces" cross_provider_namespaces: Option<Vec<String>>,
        /// Makes names that cannot collide.
        "safeNaming" safe_naming: bool,
        /// Namespace of the default TLS options and store.
        "defaultTLSResourcesNamespace" default_tls_resources_namespace: String,
    }

    /// Ingress objects in Kubernetes.
    pub struct KubernetesIngress: "*ingress.Provider" {
        /// URL of the API server; empty means that of the cluster around.
        "endpoint" [guarded] endpoint: String,
        /// Token, or file with it.
        "token" [secret] token: FileOrContent,
        /// File with the authority of the API server.
        "certAuthFilePath" cert_auth_file_path: String,
        /// Namespaces; empty means all.
        "namespaces" namespaces: Vec<String>,
        /// Selector for labels.
        "labelSelector" label_selector: String,
        /// Class of the objects that count.
        "ingressClass" ingress_class: String,
        /// Address that is written into the objects' status.
        "ingressEndpoint" ingress_endpoint: Option<IngressEndpoint>,
        /// Shortest time between two changes that are followed.
        "throttleDuration" throttle_duration: Duration,
        /// Keeps services without servers.
        "allowEmptyServices" allow_empty_services: bool,
        /// Takes services of type ExternalName.
        "allowExternalNameServices" allow_external_name_services: bool,
        /// Does not read IngressClass objects.
        "disableIngressClassLookup" [deprecated("use disableClusterScopeResources")]
            disable_ingress_class_lookup: bool,
        /// Does not read what belongs to the whole cluster.
        "disableClusterScopeResources" disable_cluster_scope_resources: bool,
        /// Uses the cluster's own balancing unless a service says otherwise.
        "nativeLBByDefault" native_lb_by_default: bool,
        /// Prefixes end at slashes.
        "strictPrefixMatching" strict_prefix_matching: bool,
        /// Namespaces that may refer to other providers' objects; unset means all, empty none.
        "crossProviderNamespaces" cross_provider_namespaces: Option<Vec<String>>,
    }

    /// Address that is written into the objects' status.
    pub struct IngressEndpoint: "*ingress.EndpointIngress" {
        /// IP address.
        "ip" ip: String,
        /// Host name.
        "hostname" hostname: String,
        /// Service whose address it is, namespace/name.
        "publishedService" published_service: String,
    }

    /// The Gateway API in Kubernetes.
    pub struct KubernetesGateway: "*gateway.Provider" {
        /// URL of the API server; empty means that of the cluster around.
        "endpoint" [guarded] endpoint: String,
        /// Token, or file with it.
        "token" [secret] token: FileOrContent,
        /// File with the authority of the API server.
        "certAuthFilePath" cert_auth_file_path: String,
        /// Namespaces; empty means all.
        "namespaces" namespaces: Vec<String>,
        /// Selector for labels.
        "labelSelector" label_selector: String,
        /// Shortest time between two changes that are followed.
        "throttleDuration" throttle_duration: Duration,
        /// Takes kinds of the experimental channel.
        "experimentalChannel" experimental_channel: bool,
        /// Address that is written into the gateways' status.
        "statusAddress" status_address: Option<StatusAddress>,
        /// Uses the cluster's own balancing unless a service says otherwise.
        "nativeLBByDefault" native_lb_by_default: bool,
        /// Namespaces that may refer to other providers' objects; unset means all, empty none.
        "crossProviderNamespaces" cross_provider_namespaces: Option<Vec<String>>,
        /// Requests a second to the API server.
        "qps" qps: i64 = 50,
        /// Requests to the API server at once.
        "burst" burst: i64 = 100,
        /// The only gateways that count.
        "gateways" gateways: Vec<GatewayRef>,
    }

    /// A gateway.
    pub struct GatewayRef: "gateway.GatewayRef" {
        /// Name.
        "name" name: String,
        /// Namespace.
        "namespace" namespace: String,
    }

    /// Address that is written into the gateways' status.
    pub struct StatusAddress: "*gateway.StatusAddress" {
        /// IP address.
        "ip" ip: String,
        /// Host name.
        "hostname" hostname: String,
        /// Service whose address it is.
        "service" service: ServiceRef,
    }

    /// A service in Kubernetes.
    pub struct ServiceRef: "gateway.ServiceRef" {
        /// Name.
        "name" name: String,
        /// Namespace.
        "namespace" namespace: String,
    }

    /// Knative.
    pub struct Knative: "*knative.Provider" {
        /// URL of the API server; empty means that of the cluster around.
        "endpoint" [guarded] endpoint: String,
        /// Token, or file with it.
        "token" [secret] token: FileOrContent,
        /// File with the authority of the API server.
        "certAuthFilePath" cert_auth_file_path: String,
        /// Namespaces; empty means all.
        "namespaces" namespaces: Vec<String>,
        /// Selector for labels.
        "labelSelector" label_selector: String,
        /// Entry points for what is reached from outside.
        "publicEntrypoints" public_entrypoints: Vec<String>,
        /// Service for what is reached from outside.
        "publicService" public_service: ServiceRef,
        /// Entry points for what is reached from the cluster.
        "privateEntrypoints" private_entrypoints: Vec<String>,
        /// Service for what is reached from the cluster.
        "privateService" private_service: ServiceRef,
        /// Shortest time between two changes that are followed.
        "throttleDuration" throttle_duration: Duration,
    }
}
