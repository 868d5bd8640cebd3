//! `tracing`.

use std::collections::BTreeMap;

use super::{OtlpGrpc, OtlpHttp};
use crate::decode::config;

config! {
    /// Traces of requests.
    pub struct Tracing: "*static.Tracing" {
        /// Name of the service.
        "serviceName" service_name: String = "traefik".to_owned(),
        /// Further attributes.
        "resourceAttributes" resource_attributes: BTreeMap<String, String>,
        /// Request headers that are recorded.
        "capturedRequestHeaders" captured_request_headers: Vec<String>,
        /// Response headers that are recorded.
        "capturedResponseHeaders" captured_response_headers: Vec<String>,
        /// Query parameters whose values are recorded.
        "safeQueryParams" safe_query_params: Vec<String>,
        /// Share of requests that are traced, 0 to 1.
        "sampleRate" sample_rate: f64 = 1.0,
        /// Traces requests to ferroway's own services too.
        "addInternals" add_internals: bool,
        /// To an OpenTelemetry collector.
        "otlp" [allow_empty] otlp: Option<OtlpTracing> = Some(OtlpTracing::default()),
        /// Further attributes.
        "globalAttributes" [deprecated("use resourceAttributes")] global_attributes: BTreeMap<String, String>,
    }
    legacy {
        "spanNameLimit" => Removed("names of spans are not cut any more"),
        "jaeger" => Removed("use otlp, which Jaeger takes"),
        "zipkin" => Removed("use otlp with a collector"),
        "datadog" => Removed("use otlp, which the Datadog agent takes"),
        "instana" => Removed("use otlp, which the Instana agent takes"),
        "haystack" => Removed("use otlp with a collector"),
        "elastic" => Removed("use otlp, which Elastic APM takes"),
    }

    /// To an OpenTelemetry collector.
    pub struct OtlpTracing: "*types.OTelTracing" {
        /// By gRPC; wins over HTTP.
        "grpc" [allow_empty] grpc: Option<OtlpGrpc>,
        /// By HTTP.
        "http" [allow_empty] http: Option<OtlpHttp> = Some(OtlpHttp::default()),
    }
}
