//! `log` and `accessLog`.

use std::collections::BTreeMap;

use super::{OtlpGrpc, OtlpHttp};
use crate::decode::config;
use crate::duration::Duration;

config! {
    /// ferroway's own log.
    pub struct Log: "*types.TraefikLog" {
        /// Lowest level shown: TRACE, DEBUG, INFO, WARN, ERROR, FATAL or PANIC.
        "level" level: String = "ERROR".to_owned(),
        /// common or json.
        "format" format: String = "common".to_owned(),
        /// No colours in the common format.
        "noColor" no_color: bool,
        /// File; empty means standard output.
        "filePath" file_path: String,
        /// Size in MB at which a new file is begun; 0 means 100.
        "maxSize" max_size: i64,
        /// Days that old files are kept; 0 means for ever.
        "maxAge" max_age: i64,
        /// Old files that are kept; 0 means all.
        "maxBackups" max_backups: i64,
        /// Compresses old files.
        "compress" compress: bool,
        /// Sends the log to an OpenTelemetry collector.
        "otlp" [allow_empty, planned] otlp: Option<OtlpLog>,
    }

    /// Logs for an OpenTelemetry collector.
    pub struct OtlpLog: "*types.OTelLog" {
        /// Name of the service.
        "serviceName" service_name: String = "traefik".to_owned(),
        /// Further attributes.
        "resourceAttributes" resource_attributes: BTreeMap<String, String>,
        /// By gRPC; wins over HTTP.
        "grpc" [allow_empty] grpc: Option<OtlpGrpc>,
        /// By HTTP.
        "http" [allow_empty] http: Option<OtlpHttp> = Some(OtlpHttp::default()),
    }

    /// One line for each request.
    pub struct AccessLog: "*types.AccessLog" {
        /// File; empty means standard output.
        "filePath" file_path: String,
        /// common, genericCLF or json.
        "format" format: String = "common".to_owned(),
        /// Which requests are shown; none set means all.
        "filters" filters: AccessLogFilters,
        /// Which fields are shown.
        "fields" fields: AccessLogFields,
        /// Lines that may wait for the file; 0 means that requests wait instead.
        "bufferingSize" buffering_size: i64,
        /// Shows requests to ferroway's own services too.
        "addInternals" add_internals: bool,
        /// Writes the file although lines go to OpenTelemetry.
        "dualOutput" [no_effect("without otlp the file is written anyway")] dual_output: bool,
        /// Sends the lines to an OpenTelemetry collector.
        "otlp" [allow_empty, planned] otlp: Option<OtlpLog>,
    }

    /// Which requests are shown: those that one of the filters lets through.
    pub struct AccessLogFilters: "*types.AccessLogFilters" {
        /// Statuses and ranges (404, 500-599).
        "statusCodes" status_codes: Vec<String>,
        /// Requests that were tried again.
        "retryAttempts" retry_attempts: bool,
        /// Requests that took longer; 0 means not this way.
        "minDuration" min_duration: Duration,
    }

    /// Which fields are shown.
    pub struct AccessLogFields: "*types.AccessLogFields" {
        /// Fields not named: keep or drop.
        "defaultMode" default_mode: String = "keep".to_owned(),
        /// keep or drop by field.
        "names" names: BTreeMap<String, String>,
        /// Headers.
        "headers" headers: AccessLogHeaders,
        /// Parameters of the query.
        "queryParameters" query_parameters: AccessLogQueryParameters,
    }

    /// Headers in the access log.
    pub struct AccessLogHeaders: "*types.FieldHeaders" {
        /// Headers not named: keep, drop or redact.
        "defaultMode" default_mode: String = "drop".to_owned(),
        /// keep, drop or redact by header.
        "names" names: BTreeMap<String, String>,
    }

    /// Parameters of the query in the access log.
    pub struct AccessLogQueryParameters: "*types.FieldQueryParameters" {
        /// keep or drop.
        "defaultMode" default_mode: String = "keep".to_owned(),
    }
}
