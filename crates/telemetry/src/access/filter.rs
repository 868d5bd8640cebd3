//! Which requests are logged: `accessLog.filters` (specification section 1.7).

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{AccessEvent, AccessLogFilters};

/// The filters, parsed. They are combined by "or"; without any, all requests are logged.
pub(crate) struct Filter {
    status: Vec<RangeInclusive<u16>>,
    retried: bool,
    min_duration: Duration,
    all: bool,
}

impl Filter {
    /// One malformed status code disables all of them, as in Traefik; that is reported in the program log.
    pub(crate) fn new(options: &AccessLogFilters) -> Self {
        let parsed: Result<Vec<_>, _> = options.status_codes.iter().map(|code| parse_range(code)).collect();
        let status = parsed.unwrap_or_else(|value| {
            let expected = "a status code such as 404, or a range such as 500-599";
            tracing::error!(value, expected, "invalid accessLog.filters.statusCodes, ignoring all of them");
            Vec::new()
        });
        let (retried, min_duration) = (options.retry_attempts, options.min_duration);
        let all = status.is_empty() && !retried && min_duration.is_zero();
        Self { status, retried, min_duration, all }
    }

    /// Whether the request is logged.
    pub(crate) fn keeps(&self, event: &AccessEvent<'_>) -> bool {
        self.all
            || self.status.iter().any(|range| range.contains(&event.downstream_status))
            || (self.retried && event.retry_attempts > 0)
            || (!self.min_duration.is_zero() && event.duration > self.min_duration)
    }
}

fn parse_range(text: &str) -> Result<RangeInclusive<u16>, &str> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    match (low.trim().parse(), high.trim().parse()) {
        (Ok(low), Ok(high)) => Ok(low..=high),
        _ => Err(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &AccessLogFilters, expected: &[&str]) {
        let requests = [
            ("ok", 200, 0, 1),
            ("404", 404, 0, 1),
            ("418", 418, 0, 1),
            ("slow", 200, 0, 201),
            ("even", 200, 0, 200),
            ("retried", 200, 1, 1),
        ];
        let filter = Filter::new(options);
        let kept: Vec<&str> = requests
            .into_iter()
            .filter(|&(_, downstream_status, retry_attempts, millis)| {
                let duration = Duration::from_millis(millis);
                let event = AccessEvent { downstream_status, retry_attempts, duration, ..Default::default() };
                filter.keeps(&event)
            })
            .map(|(name, ..)| name)
            .collect();
        assert_eq!(kept, expected, "{options:?}");
    }

    #[test]
    fn combinations() {
        const ALL: &[&str] = &["ok", "404", "418", "slow", "even", "retried"];
        let cases: &[(&[&str], bool, u64, &[&str])] = &[
            (&[], false, 0, ALL),
            (&["404"], false, 0, &["404"]),
            (&["400-410"], false, 0, &["404"]),
            (&["404", "418"], false, 0, &["404", "418"]),
            (&[" 404"], false, 0, &["404"]),
            (&["410-400"], false, 0, &[]),
            (&["503"], false, 0, &[]),
            (&["abc"], false, 0, ALL),
            (&["404", "bad"], false, 0, ALL),
            (&["404-"], false, 0, ALL),
            (&[""], false, 0, ALL),
            (&["bad"], true, 0, &["retried"]),
            (&[], true, 0, &["retried"]),
            (&[], false, 200, &["slow"]),
            (&["404"], true, 200, &["404", "slow", "retried"]),
        ];
        for &(codes, retry_attempts, millis, expected) in cases {
            let status_codes = codes.iter().map(ToString::to_string).collect();
            let min_duration = Duration::from_millis(millis);
            check(&AccessLogFilters { status_codes, retry_attempts, min_duration }, expected);
        }
    }
}
