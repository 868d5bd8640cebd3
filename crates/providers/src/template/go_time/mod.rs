//! Go's `time.Time` as templates see it: a moment with an offset and a zone name, and Go's durations.
//!
//! [`layout`] knows Go's layouts (`2006-01-02`), [`parse`] reads texts by them.

mod layout;
mod parse;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A moment as some zone shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GoTime {
    pub(super) moment: Timestamp,
    offset: Offset,
    zone: String,
}

/// The zone of this machine.
#[cfg(not(test))]
fn local_zone() -> TimeZone {
    TimeZone::system()
}

/// In tests the same zone on every machine.
#[cfg(test)]
fn local_zone() -> TimeZone {
    TimeZone::get("America/New_York").expect("the tests bundle the zones")
}

impl GoTime {
    /// A moment in the local zone.
    pub(super) fn local(moment: Timestamp) -> Self {
        Self::in_zone(moment, &local_zone())
    }

    fn in_zone(moment: Timestamp, zone: &TimeZone) -> Self {
        let info = zone.to_offset_info(moment);
        Self { moment, offset: info.offset(), zone: info.abbreviation().to_owned() }
    }

    /// A moment in the zone of that name; UTC where there is none. `Local` and nothing are names too.
    pub(super) fn in_named_zone(moment: Timestamp, name: &str) -> Self {
        let zone = match name {
            "" => TimeZone::UTC,
            "Local" => local_zone(),
            name => TimeZone::get(name).unwrap_or(TimeZone::UTC),
        };
        Self::in_zone(moment, &zone)
    }

    /// Another moment in the same zone, as far as the zone is known: the local one, or a fixed offset.
    pub(super) fn at(&self, moment: Timestamp) -> Self {
        if Self::local(self.moment) == *self {
            return Self::local(moment);
        }
        Self { moment, ..self.clone() }
    }

    /// Go's zero time, which unreadable dates become.
    pub(super) fn zero() -> Self {
        /// 0001-01-01T00:00:00Z.
        const ZERO_SECOND: i64 = -62_135_596_800;
        let moment = Timestamp::from_second(ZERO_SECOND).unwrap_or(Timestamp::UNIX_EPOCH);
        Self { moment, offset: Offset::UTC, zone: "UTC".to_owned() }
    }

    /// Reads a text by a layout; without a zone in it, the local one is meant.
    pub(super) fn parse(layout: &str, text: &str) -> Option<Self> {
        parse::parse(layout, text)
    }

    /// Date and time of day as the zone shows them.
    pub(super) fn civil(&self) -> DateTime {
        self.offset.to_datetime(self.moment)
    }

    /// The time in the form of a layout.
    pub(super) fn format(&self, layout: &str) -> String {
        layout::format(self, layout)
    }
}

/// As Go prints a time.
impl fmt::Display for GoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

/// Whole units and the fraction of one, without zeros at its end.
fn with_fraction(nanoseconds: u64, unit: u64, name: &str) -> String {
    let width = usize::try_from(unit.ilog10()).unwrap_or(0);
    let fraction = format!("{:0width$}", nanoseconds % unit);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}{name}", nanoseconds / unit)
}

/// A duration in nanoseconds as Go prints it: `1h2m3.5s`, `1.5ms`, `0s`.
pub(super) fn format_duration(nanoseconds: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let minutes = size / (60 * SECOND);
    let seconds = || with_fraction(size % (60 * SECOND), SECOND, "s");
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}", with_fraction(size, 1_000, "µs")),
        1_000_000..SECOND => format!("{sign}{}", with_fraction(size, 1_000_000, "ms")),
        _ if minutes == 0 => format!("{sign}{}", seconds()),
        _ if minutes < 60 => format!("{sign}{minutes}m{}", seconds()),
        _ => format!("{sign}{}h{}m{}", minutes / 60, minutes % 60, seconds()),
    }
}

/// The nanoseconds of a Go duration (`-1h30m`, `1.5s`, `0`).
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    text.parse::<ferroway_config::Duration>().ok().map(|duration| duration.as_nanos())
}
