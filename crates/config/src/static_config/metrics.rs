//! `metrics`.

use std::collections::BTreeMap;

use super::{OtlpGrpc, OtlpHttp};
use crate::decode::{FileOrContent, config};
use crate::duration::Duration;

config! {
    /// Numbers about what goes on.
    pub struct Metrics: "*types.Metrics" {
        /// Counts requests to ferroway's own services too.
        "addInternals" add_internals: bool,
        /// For Prometheus to fetch.
        "prometheus" [allow_empty] prometheus: Option<Prometheus>,
        /// To Datadog.
        "datadog" [allow_empty] datadog: Option<Datadog>,
        /// To StatsD.
        "statsD" [allow_empty] statsd: Option<StatsD>,
        /// To InfluxDB 2.
        "influxDB2" [allow_empty] influxdb2: Option<InfluxDb2>,
        /// To an OpenTelemetry collector.
        "otlp" [allow_empty] otlp: Option<OtlpMetrics>,
    }
    legacy { "influxDB" => Removed("use influxDB2") }

    /// For Prometheus to fetch.
    pub struct Prometheus: "*types.Prometheus" {
        /// Bounds of the histograms' buckets, in seconds.
        "buckets" buckets: Vec<f64> = vec![0.1, 0.3, 1.2, 5.0],
        /// Labels with the entry point.
        "addEntryPointsLabels" add_entry_points_labels: bool = true,
        /// Labels with the router.
        "addRoutersLabels" add_routers_labels: bool,
        /// Labels with the service.
        "addServicesLabels" add_services_labels: bool = true,
        /// Entry point that serves them.
        "entryPoint" entry_point: String = "traefik".to_owned(),
        /// Makes no router; one of the user's must lead to prometheus@internal.
        "manualRouting" manual_routing: bool,
        /// Request headers that become labels, by label.
        "headerLabels" header_labels: BTreeMap<String, String>,
    }

    /// To Datadog.
    pub struct Datadog: "*types.Datadog" {
        /// Labels with the entry point.
        "addEntryPointsLabels" add_entry_points_labels: bool = true,
        /// Labels with the router.
        "addRoutersLabels" add_routers_labels: bool,
        /// Labels with the service.
        "addServicesLabels" add_services_labels: bool = true,
        /// Agent, host:port or unix://path.
        "address" address: String = "localhost:8125".to_owned(),
        /// Time between two sends.
        "pushInterval" push_interval: Duration = Duration::from_secs(10),
        /// Prefix of names.
        "prefix" prefix: String = "traefik".to_owned(),
    }

    /// To StatsD.
    pub struct StatsD: "*types.Statsd" {
        /// Labels with the entry point.
        "addEntryPointsLabels" add_entry_points_labels: bool = true,
        /// Labels with the router.
        "addRoutersLabels" add_routers_labels: bool,
        /// Labels with the service.
        "addServicesLabels" add_services_labels: bool = true,
        /// Server, host:port.
        "address" address: String = "localhost:8125".to_owned(),
        /// Time between two sends.
        "pushInterval" push_interval: Duration = Duration::from_secs(10),
        /// Prefix of names.
        "prefix" prefix: String = "traefik".to_owned(),
    }

    /// To InfluxDB 2.
    pub struct InfluxDb2: "*types.InfluxDB2" {
        /// Labels with the entry point.
        "addEntryPointsLabels" add_entry_points_labels: bool = true,
        /// Labels with the router.
        "addRoutersLabels" add_routers_labels: bool,
        /// Labels with the service.
        "addServicesLabels" add_services_labels: bool = true,
        /// Server's URL.
        "address" [guarded] address: String = "http://localhost:8086".to_owned(),
        /// Token.
        "token" [secret] token: FileOrContent,
        /// Organization.
        "org" org: String,
        /// Bucket.
        "bucket" bucket: String,
        /// Time between two sends.
        "pushInterval" push_interval: Duration = Duration::from_secs(10),
        /// Further labels.
        "additionalLabels" additional_labels: BTreeMap<String, String>,
    }

    /// To an OpenTelemetry collector.
    pub struct OtlpMetrics: "*types.OTLP" {
        /// Labels with the entry point.
        "addEntryPointsLabels" add_entry_points_labels: bool = true,
        /// Labels with the router.
        "addRoutersLabels" add_routers_labels: bool,
        /// Labels with the service.
        "addServicesLabels" add_services_labels: bool = true,
        /// Time between two sends.
        "pushInterval" push_interval: Duration = Duration::from_secs(10),
        /// Bounds of the histograms' buckets, in seconds.
        "explicitBoundaries" explicit_boundaries: Vec<f64> =
            vec![0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        /// Name of the service.
        "serviceName" service_name: String = "traefik".to_owned(),
        /// Further attributes.
        "resourceAttributes" resource_attributes: BTreeMap<String, String>,
        /// By gRPC; wins over HTTP.
        "grpc" [allow_empty] grpc: Option<OtlpGrpc>,
        /// By HTTP.
        "http" [allow_empty] http: Option<OtlpHttp> = Some(OtlpHttp::default()),
    }
}
