//! The access log's options as configuration has them (specification section 1.7), and the rules made of them.

use std::path::PathBuf;
use std::time::Duration;

use super::field::{Field, FieldSet};
use super::headers::HeaderRules;

/// `accessLog`. Words are as the user wrote them; like Traefik, one that is not known counts as the default.
#[derive(Debug, Clone, Default)]
pub struct AccessLogOptions {
    /// `filePath`: where lines go; the standard output when `None` or empty.
    pub file_path: Option<PathBuf>,
    /// `format`: `common` (default), `genericCLF` or `json`.
    pub format: String,
    /// `bufferingSize`: how many lines may wait for the writer, over the four megabytes that always may.
    // Traefik: 0 makes it write each line before the request ends. ferroway always hands lines to its
    // writer, which has them in the file within 20 ms (tests::lines_arrive_in_time).
    pub buffering_size: usize,
    /// `filters`
    pub filters: AccessLogFilters,
    /// `fields`
    pub fields: AccessLogFields,
}

/// `accessLog.filters`: a line is kept when one of them says so, or when none is set.
#[derive(Debug, Clone, Default)]
pub struct AccessLogFilters {
    /// `statusCodes`: codes and ranges, as `404` or `500-599`.
    pub status_codes: Vec<String>,
    /// `retryAttempts`: keeps requests that were tried more than once.
    pub retry_attempts: bool,
    /// `minDuration`: keeps requests that took longer; zero is off.
    pub min_duration: Duration,
}

/// `accessLog.fields`
#[derive(Debug, Clone, Default)]
pub struct AccessLogFields {
    /// `defaultMode`: `keep` (default) or `drop`.
    pub default_mode: String,
    /// `names`: field names in any case, each with `keep` or `drop`.
    pub names: Vec<(String, String)>,
    /// `headers`
    pub headers: AccessLogHeaders,
    /// `queryParameters.defaultMode`: `keep` (default) or `drop`, which cuts the query off `RequestPath`.
    pub query_parameters_mode: String,
}

/// `accessLog.fields.headers`
#[derive(Debug, Clone)]
pub struct AccessLogHeaders {
    /// `defaultMode`: `drop` (default), `redact` or `keep`, which any other word counts as.
    pub default_mode: String,
    /// `names`: header names in any case, each with `keep`, `drop` or `redact`.
    pub names: Vec<(String, String)>,
}

impl Default for AccessLogHeaders {
    fn default() -> Self {
        Self { default_mode: "drop".to_owned(), names: Vec::new() }
    }
}

/// The shape of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Common,
    GenericClf,
    Json,
}

impl Format {
    pub(crate) fn from_config(word: &str) -> Self {
        match word {
            "" | "common" => Self::Common,
            "genericCLF" => Self::GenericClf,
            "json" => Self::Json,
            _ => {
                let expected = "common, genericCLF or json";
                tracing::error!(format = word, expected, "unknown access log format, using common");
                Self::Common
            }
        }
    }
}

/// What of a request is written.
pub(crate) struct Rules {
    pub(crate) fields: FieldSet,
    pub(crate) headers: HeaderRules,
    pub(crate) query: bool,
}

impl Rules {
    pub(crate) fn new(options: &AccessLogFields) -> Self {
        let mut fields = if options.default_mode == "drop" { FieldSet::NONE } else { FieldSet::ALL };
        for (name, mode) in &options.names {
            match (Field::by_name(name), mode.as_str()) {
                (Some(field), "keep") => fields.insert(field),
                (Some(field), "drop") => fields.remove(field),
                _ => {}
            }
        }
        let headers = HeaderRules::new(&options.headers);
        Self { fields, headers, query: options.query_parameters_mode != "drop" }
    }

    /// The path to be written: without the query where that is dropped.
    pub(crate) fn path<'a>(&self, path: &'a str) -> &'a str {
        if self.query {
            return path;
        }
        path.split_once('?').map_or(path, |(path, _)| path)
    }
}
