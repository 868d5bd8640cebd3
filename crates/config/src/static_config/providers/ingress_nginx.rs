//! `kubernetesIngressNGINX`.

use crate::decode::{FileOrContent, config};
use crate::duration::Duration;
use crate::dynamic::IpStrategy;

config! {
    /// Ingress objects in Kubernetes that were written for ingress-nginx.
    pub struct KubernetesIngressNginx: "*ingressnginx.Provider" {
        /// URL of the API server; empty means that of the cluster around.
        "endpoint" [guarded] endpoint: String,
        /// Token, or file with it.
        "token" [secret] token: FileOrContent,
        /// File with the authority of the API server.
        "certAuthFilePath" cert_auth_file_path: String,
        /// Shortest time between two changes that are followed.
        "throttleDuration" throttle_duration: Duration,
        /// Namespace; empty means all.
        "watchNamespace" watch_namespace: String,
        /// Selector for labels of namespaces; not with watchNamespace.
        "watchNamespaceSelector" watch_namespace_selector: String,
        /// Class of the objects that count.
        "ingressClass" ingress_class: String = "nginx".to_owned(),
        /// Controller of the classes that count.
        "controllerClass" controller_class: String = "k8s.io/ingress-nginx".to_owned(),
        /// Takes objects without a class too.
        "watchIngressWithoutClass" watch_ingress_without_class: bool,
        /// Takes a class by its name too.
        "ingressClassByName" ingress_class_by_name: bool,
        /// Service whose address is written into the objects' status, namespace/name.
        "publishService" publish_service: String,
        /// Addresses that are written into the objects' status.
        "publishStatusAddress" publish_status_address: Vec<String>,
        /// Service for requests that nothing else answers, namespace/name.
        "defaultBackendService" default_backend_service: String,
        /// Does not take services of type ExternalName.
        "disableSvcExternalName" disable_svc_external_name: bool,
        /// Entry point for plain requests; empty means the default ones.
        "httpEntryPoint" http_entry_point: String,
        /// Entry point for TLS requests; empty means the default ones.
        "httpsEntryPoint" https_entry_point: String,
        /// References may cross namespaces.
        "allowCrossNamespaceResources" allow_cross_namespace_resources: bool,
        /// Takes snippets.
        "allowSnippetAnnotations" allow_snippet_annotations: bool,
        /// Response headers that annotations may set.
        "globalAllowedResponseHeaders" global_allowed_response_headers: Vec<String>,
        /// URL that is asked about every request.
        "globalAuthURL" [guarded] global_auth_url: String,
        /// Leaves objects out whose paths hold unusual characters.
        "strictValidatePathType" strict_validate_path_type: bool = true,
        /// Which address is the client's.
        "ipAllowListStrategy" ip_allow_list_strategy: Option<IpStrategy>,
        /// Seconds to connect.
        "proxyConnectTimeout" proxy_connect_timeout: i64 = 60,
        /// Seconds to wait for an answer.
        "proxyReadTimeout" proxy_read_timeout: i64 = 60,
        /// Seconds to send.
        "proxySendTimeout" proxy_send_timeout: i64 = 60,
        /// Seconds that an idle connection is kept.
        "upstreamKeepaliveTimeout" upstream_keepalive_timeout: i64 = 60,
        /// Reads whole requests before they are passed on.
        "proxyRequestBuffering" proxy_request_buffering: bool,
        /// Bytes of a request body kept in memory.
        "clientBodyBufferSize" client_body_buffer_size: i64 = 16_384,
        /// Largest request body in bytes.
        "proxyBodySize" proxy_body_size: i64 = 1_048_576,
        /// Reads whole answers before they are passed on.
        "proxyBuffering" proxy_buffering: bool,
        /// Bytes of one buffer for answers.
        "proxyBufferSize" proxy_buffer_size: i64 = 8192,
        /// Number of buffers for answers.
        "proxyBuffersNumber" proxy_buffers_number: i64 = 4,
        /// When another server is tried.
        "proxyNextUpstream" proxy_next_upstream: String = "error timeout".to_owned(),
        /// Tries in all.
        "proxyNextUpstreamTries" proxy_next_upstream_tries: i64 = 3,
        /// Seconds after which no other server is tried; 0 means no limit.
        "proxyNextUpstreamTimeout" proxy_next_upstream_timeout: i64,
        /// Statuses that the default backend answers.
        "customHTTPErrors" custom_http_errors: Vec<i64>,
    }
}
