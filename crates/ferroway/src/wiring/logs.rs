//! `log` and `accessLog`.

use std::path::PathBuf;

use ferroway_config::static_config::{AccessLog, Static};
use ferroway_telemetry::{AccessLogFields, AccessLogFilters, AccessLogHeaders, AccessLogOptions, LogOptions};

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

/// The options of the program log.
pub(crate) fn log_options(config: &Static) -> LogOptions {
    let log = config.log.clone().unwrap_or_default();
    let positive = |n: i64| u64::try_from(n).unwrap_or(0);
    LogOptions {
        level: log.level,
        format: log.format,
        no_color: log.no_color,
        file_path: path(&log.file_path),
        max_size: positive(log.max_size),
        max_age: positive(log.max_age),
        max_backups: usize::try_from(log.max_backups).unwrap_or(0),
    }
}

/// The options of the access log.
pub(crate) fn access_log_options(config: &AccessLog) -> AccessLogOptions {
    let pairs = |map: &std::collections::BTreeMap<String, String>| {
        map.iter().map(|(name, mode)| (name.clone(), mode.clone())).collect()
    };
    AccessLogOptions {
        file_path: path(&config.file_path),
        format: config.format.clone(),
        buffering_size: usize::try_from(config.buffering_size).unwrap_or(0),
        filters: AccessLogFilters {
            status_codes: config.filters.status_codes.clone(),
            retry_attempts: config.filters.retry_attempts,
            min_duration: config.filters.min_duration.to_std(),
        },
        fields: AccessLogFields {
            default_mode: config.fields.default_mode.clone(),
            names: pairs(&config.fields.names),
            headers: AccessLogHeaders {
                default_mode: config.fields.headers.default_mode.clone(),
                names: pairs(&config.fields.headers.names),
            },
            query_parameters_mode: config.fields.query_parameters.default_mode.clone(),
        },
    }
}
