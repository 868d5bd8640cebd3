//! How data go to an OpenTelemetry collector.

use std::collections::BTreeMap;

use crate::decode::config;
use crate::dynamic::ClientTls;

config! {
    /// By gRPC.
    pub struct OtlpGrpc: "*types.OTelGRPC" {
        /// Collector, host:port.
        "endpoint" [guarded] endpoint: String = "localhost:4317".to_owned(),
        /// Without TLS.
        "insecure" insecure: bool,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Headers to send.
        "headers" [guarded] headers: BTreeMap<String, String>,
    }

    /// By HTTP.
    pub struct OtlpHttp: "*types.OTelHTTP" {
        /// Collector's URL.
        "endpoint" [guarded] endpoint: String = "https://localhost:4318".to_owned(),
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Headers to send.
        "headers" [guarded] headers: BTreeMap<String, String>,
    }
}
