//! Time stamps of log lines. The parts of a second are rendered once and reused for every line of it.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// A moment as seconds since the epoch and the rest; times before the epoch count as the epoch.
pub(crate) fn split(time: SystemTime) -> (i64, u32) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

/// The texts of one second, in UTC and in one time zone.
#[derive(Clone)]
pub(crate) struct Second {
    unix: Option<i64>,
    utc: Civil,
    local: Civil,
}

/// One second on one clock.
#[derive(Clone, Copy)]
struct Civil {
    /// `2026-11-24T15:09:59`
    date_time: [u8; 19],
    /// `24/Nov/2026:15:09:59 +0000`
    clf: [u8; 26],
    /// `Z` or `+05:30`
    offset: [u8; 6],
    offset_len: usize,
}

impl Second {
    /// No second yet.
    pub(crate) const fn new() -> Self {
        const NONE: Civil = Civil { date_time: [0; 19], clf: [0; 26], offset: [0; 6], offset_len: 0 };
        Self { unix: None, utc: NONE, local: NONE }
    }

    /// Makes this the second `unix` of `zone`. The same value must always be used with the same zone.
    pub(crate) fn set(&mut self, unix: i64, zone: &TimeZone) {
        if self.unix == Some(unix) {
            return;
        }
        self.unix = Some(unix);
        let time = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
        let offset = zone.to_offset(time);
        self.utc = Civil::new(jiff::tz::Offset::UTC.to_datetime(time), 0);
        self.local = Civil::new(offset.to_datetime(time), offset.seconds());
    }

    /// Appends RFC 3339 in UTC with the fraction, as Go's RFC3339Nano: without trailing zeros.
    pub(crate) fn push_utc_nanos(&self, out: &mut Vec<u8>, nanos: u32) {
        push_nanos(out, &self.utc, nanos);
    }

    /// The same in the local zone.
    pub(crate) fn push_local_nanos(&self, out: &mut Vec<u8>, nanos: u32) {
        push_nanos(out, &self.local, nanos);
    }

    /// Appends RFC 3339 in the local zone, whole seconds.
    pub(crate) fn push_local(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.local.date_time);
        out.extend_from_slice(&self.local.offset[..self.local.offset_len]);
    }

    /// The time stamp of the common log format in UTC.
    pub(crate) fn clf_utc(&self) -> &[u8] {
        &self.utc.clf
    }

    /// The time stamp of the common log format in the local zone.
    pub(crate) fn clf_local(&self) -> &[u8] {
        &self.local.clf
    }
}

impl Civil {
    fn new(time: DateTime, offset: i32) -> Self {
        let (year, month, day) = (time.year().unsigned_abs(), byte(time.month()), byte(time.day()));
        let [year_high, year_low] = [decimal(year / 100), decimal(year % 100)];
        let clock = [byte(time.hour()), byte(time.minute()), byte(time.second())];
        let [hour, minute, second] = clock.map(|part| decimal(part.into()));
        let (month_digits, day) = (decimal(month.into()), decimal(day.into()));
        let month_name = MONTHS[usize::from(month.max(1) - 1) % MONTHS.len()];
        let (sign, zone_hour, zone_minute) = split_offset(offset);

        let mut date_time = *b"0000-00-00T00:00:00";
        for (at, pair) in [
            (0, year_high),
            (2, year_low),
            (5, month_digits),
            (8, day),
            (11, hour),
            (14, minute),
            (17, second),
        ] {
            date_time[at..at + 2].copy_from_slice(&pair);
        }
        let mut clf = *b"00/Jan/0000:00:00:00 +0000";
        for (at, pair) in [(0, day), (7, year_high), (9, year_low), (12, hour), (15, minute), (18, second)] {
            clf[at..at + 2].copy_from_slice(&pair);
        }
        clf[3..6].copy_from_slice(month_name);
        clf[21] = sign;
        clf[22..24].copy_from_slice(&zone_hour);
        clf[24..26].copy_from_slice(&zone_minute);
        let mut text = *b"Z00:00";
        let mut offset_len = 1;
        if offset != 0 {
            text[0] = sign;
            text[1..3].copy_from_slice(&zone_hour);
            text[4..6].copy_from_slice(&zone_minute);
            offset_len = text.len();
        }
        Self { date_time, clf, offset: text, offset_len }
    }
}

fn push_nanos(out: &mut Vec<u8>, civil: &Civil, nanos: u32) {
    out.extend_from_slice(&civil.date_time);
    if nanos > 0 {
        let mut digits = [b'.', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let mut rest = nanos;
        for digit in digits[1..].iter_mut().rev() {
            *digit = digit_of(rest % 10);
            rest /= 10;
        }
        let used = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
        out.extend_from_slice(&digits[..used]);
    }
    out.extend_from_slice(&civil.offset[..civil.offset_len]);
}

fn split_offset(seconds: i32) -> (u8, [u8; 2], [u8; 2]) {
    let minutes = u16::try_from(seconds.unsigned_abs() / 60).unwrap_or_default();
    (if seconds < 0 { b'-' } else { b'+' }, decimal(minutes / 60), decimal(minutes % 60))
}

fn byte(value: i8) -> u8 {
    value.unsigned_abs()
}

/// The last two digits of a number.
fn decimal(value: u16) -> [u8; 2] {
    [digit_of(u32::from(value / 10 % 10)), digit_of(u32::from(value % 10))]
}

fn digit_of(value: u32) -> u8 {
    b"0123456789"[(value % 10) as usize]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Case {
        zone: &'static str,
        at: (u64, u32),
        utc: &'static str,
        local: &'static str,
        local_nanos: &'static str,
        clf_utc: &'static str,
        clf_local: &'static str,
    }

    #[test]
    fn formats() {
        let cases = [
            Case {
                zone: "UTC",
                at: (1_795_533_000, 118_302_750),
                utc: "2026-11-24T15:10:00.11830275Z",
                local: "2026-11-24T15:10:00Z",
                local_nanos: "2026-11-24T15:10:00.11830275Z",
                clf_utc: "24/Nov/2026:15:10:00 +0000",
                clf_local: "24/Nov/2026:15:10:00 +0000",
            },
            Case {
                zone: "Asia/Kolkata",
                at: (1_795_533_174, 0),
                utc: "2026-11-24T15:12:54Z",
                local: "2026-11-24T20:42:54+05:30",
                local_nanos: "2026-11-24T20:42:54+05:30",
                clf_utc: "24/Nov/2026:15:12:54 +0000",
                clf_local: "24/Nov/2026:20:42:54 +0530",
            },
            Case {
                zone: "America/St_Johns",
                at: (1_795_491_000, 1),
                utc: "2026-11-24T03:30:00.000000001Z",
                local: "2026-11-24T00:00:00-03:30",
                local_nanos: "2026-11-24T00:00:00.000000001-03:30",
                clf_utc: "24/Nov/2026:03:30:00 +0000",
                clf_local: "24/Nov/2026:00:00:00 -0330",
            },
            Case {
                zone: "UTC",
                at: (0, 999_999_999),
                utc: "1970-01-01T00:00:00.999999999Z",
                local: "1970-01-01T00:00:00Z",
                local_nanos: "1970-01-01T00:00:00.999999999Z",
                clf_utc: "01/Jan/1970:00:00:00 +0000",
                clf_local: "01/Jan/1970:00:00:00 +0000",
            },
        ];
        for case in cases {
            let zone = TimeZone::get(case.zone).unwrap();
            let (unix, nanos) = split(UNIX_EPOCH + Duration::new(case.at.0, case.at.1));
            let mut second = Second::new();
            second.set(unix, &zone);
            let text = |push: &dyn Fn(&mut Vec<u8>)| {
                let mut out = Vec::new();
                push(&mut out);
                String::from_utf8(out).unwrap()
            };
            assert_eq!(text(&|out| second.push_utc_nanos(out, nanos)), case.utc);
            assert_eq!(text(&|out| second.push_local(out)), case.local);
            assert_eq!(text(&|out| second.push_local_nanos(out, nanos)), case.local_nanos);
            assert_eq!(second.clf_utc(), case.clf_utc.as_bytes());
            assert_eq!(second.clf_local(), case.clf_local.as_bytes());
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        for (time, expected) in [
            (UNIX_EPOCH - Duration::from_secs(5), "1970-01-01T00:00:00Z"),
            (UNIX_EPOCH + Duration::from_secs(1 << 40), "1970-01-01T00:00:00Z"),
        ] {
            let (unix, _) = split(time);
            let mut second = Second::new();
            second.set(unix, &TimeZone::UTC);
            let mut out = Vec::new();
            second.push_local(&mut out);
            assert_eq!(out, expected.as_bytes());
        }
    }
}
