//! Durations as Go writes and reads them.

use std::fmt;
use std::str::FromStr;

/// A signed duration in nanoseconds, like Go's `time.Duration`.
///
/// As text, a plain integer is a number of seconds (`30`), everything else is Go's form (`1h2m3s`, `500ms`, `-1.5s`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// A number of seconds; saturates at about 292 years.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// A number of milliseconds; saturates at about 292 years.
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds.saturating_mul(1_000_000))
    }

    /// A number of nanoseconds.
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// The duration in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// True for no time.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The duration as the standard library's type; a negative one becomes zero.
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(if self.0 < 0 { 0 } else { self.0.unsigned_abs() })
    }
}

/// Why a text is no duration, in the words of Go's parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDurationError(String);

impl fmt::Display for ParseDurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseDurationError {}

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || ParseDurationError(format!("time: invalid duration {text:?}"));
        if let Ok(seconds) = text.parse::<i64>() {
            return seconds.checked_mul(1_000_000_000).map(Self).ok_or_else(invalid);
        }
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let (nanoseconds, after) = part(rest, text)?;
            total += nanoseconds;
            rest = after;
            if total > 1 << 63 {
                return Err(invalid());
            }
        }
        let total = if negative { -total } else { total };
        i64::try_from(total).map(Self).map_err(|_| invalid())
    }
}

/// One `number unit` pair at the start of `rest`: its nanoseconds and what follows.
fn part<'t>(rest: &'t str, text: &str) -> Result<(i128, &'t str), ParseDurationError> {
    let invalid = || ParseDurationError(format!("time: invalid duration {text:?}"));
    let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (whole, after) = rest.split_at(digits(rest));
    let (fraction, after) = match after.strip_prefix('.') {
        Some(after) => after.split_at(digits(after)),
        None => ("", after),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
    let (unit, after) = after.split_at(end);
    if unit.is_empty() {
        return Err(ParseDurationError(format!("time: missing unit in duration {text:?}")));
    }
    let Some(&(_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(ParseDurationError(format!("time: unknown unit {unit:?} in duration {text:?}")));
    };
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
    // Digits beyond the twentieth are below a nanosecond for every unit.
    let fraction = &fraction[..fraction.len().min(20)];
    let scaled = fraction.bytes().rev().fold(0.0, |sum, digit| (sum + f64::from(digit - b'0')) / 10.0);
    #[expect(clippy::cast_possible_truncation, reason = "a fraction below 1 of at most an hour fits")]
    #[expect(clippy::cast_precision_loss, reason = "an hour in nanoseconds is exact in a double")]
    let below = (scaled * scale as f64 + 1e-6) as i64;
    Ok((i128::from(whole) * i128::from(scale) + i128::from(below), after))
}

/// Go's form: `1m30s`, `1.5s`, `100ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let nanoseconds = self.0.unsigned_abs();
        let small = match nanoseconds {
            0..1_000 => Some((1, "ns")),
            1_000..1_000_000 => Some((1_000, "µs")),
            1_000_000..1_000_000_000 => Some((1_000_000, "ms")),
            _ => None,
        };
        if let Some((scale, unit)) = small {
            return write!(f, "{}{unit}", decimal(nanoseconds, scale));
        }
        let minutes = nanoseconds / 60_000_000_000;
        let seconds = decimal(nanoseconds % 60_000_000_000, 1_000_000_000);
        match (minutes / 60, minutes % 60) {
            (0, 0) => write!(f, "{seconds}s"),
            (0, minutes) => write!(f, "{minutes}m{seconds}s"),
            (hours, minutes) => write!(f, "{hours}h{minutes}m{seconds}s"),
        }
    }
}

/// `amount / scale` with as many decimals as needed; `scale` is a power of ten.
fn decimal(amount: u64, scale: u64) -> String {
    let fraction = amount % scale;
    if fraction == 0 {
        return (amount / scale).to_string();
    }
    let width = usize::try_from(scale.ilog10()).unwrap_or_default();
    let digits = format!("{fraction:0width$}");
    format!("{}.{}", amount / scale, digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn texts() {
        let ok = [
            ("0", 0, "0s"),
            ("30", 30_000_000_000, "30s"),
            ("-1", -1_000_000_000, "-1s"),
            ("+5", 5_000_000_000, "5s"),
            ("500ms", 500_000_000, "500ms"),
            ("1.5s", 1_500_000_000, "1.5s"),
            (".5s", 500_000_000, "500ms"),
            ("1.s", 1_000_000_000, "1s"),
            ("0.1ms", 100_000, "100µs"),
            ("1h2m3s", 3_723_000_000_000, "1h2m3s"),
            ("90m", 5_400_000_000_000, "1h30m0s"),
            ("1µs", 1_000, "1µs"),
            ("1μs", 1_000, "1µs"),
            ("1us2ns", 1_002, "1.002µs"),
            ("-1m", -60_000_000_000, "-1m0s"),
            ("0.33333333333333333333333s", 333_333_333, "333.333333ms"),
            ("9223372036s", 9_223_372_036_000_000_000, "2562047h47m16s"),
        ];
        for (text, nanoseconds, shown) in ok {
            let parsed: Duration = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((parsed.as_nanos(), parsed.to_string().as_str()), (nanoseconds, shown), "{text}");
        }
        let shown_333 = "0.333333333s".parse::<Duration>().unwrap().to_string();
        assert_eq!(shown_333, "333.333333ms");
        let bad = [
            ("", "invalid duration"),
            ("abc", "invalid duration \"abc\""),
            ("-", "invalid duration"),
            ("1.5", "missing unit in duration"),
            ("5x", "unknown unit \"x\""),
            (".s", "invalid duration"),
            ("3000000h", "invalid duration"),
            ("9223372037", "invalid duration"),
            ("1s 2s", "unknown unit \"s \""),
            ("é", "invalid duration"),
        ];
        for (text, part) in bad {
            let error = text.parse::<Duration>().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
