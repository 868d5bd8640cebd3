//! Functions of dates, times and durations.

use std::rc::Rc;

use jiff::Timestamp;

use super::super::go_time::{GoTime, format_duration, parse_duration};
use super::super::value::Value;
use super::Family;
use super::args::{Outcome, exactly, text, unexpected};

pub(super) const FUNCTIONS: Family = &[
    ("now", now),
    ("date", date),
    ("dateInZone", date_in_zone),
    ("date_in_zone", date_in_zone),
    ("htmlDate", html_date),
    ("htmlDateInZone", html_date_in_zone),
    ("dateModify", date_modify),
    ("date_modify", date_modify),
    ("mustDateModify", must_date_modify),
    ("must_date_modify", must_date_modify),
    ("toDate", to_date),
    ("mustToDate", must_to_date),
    ("unixEpoch", unix_epoch),
    ("ago", ago),
    ("duration", duration),
    ("durationRound", duration_round),
];

const NANOSECONDS: i128 = 1_000_000_000;

/// The layout of an HTML date field.
const HTML_DATE: &str = "2006-01-02";

fn now(args: &[Value]) -> Outcome {
    exactly::<0>(args)?;
    Ok(GoTime::local(Timestamp::now()).into())
}

/// The moment that a value means: a time, seconds since 1970, or now for everything else.
fn moment(value: &Value) -> Timestamp {
    match value {
        Value::Time(time) => Some(time.moment),
        Value::Int(seconds) | Value::Int64(seconds) => Timestamp::from_second(*seconds).ok(),
        _ => None,
    }
    .unwrap_or_else(Timestamp::now)
}

/// A time argument.
fn time(value: &Value) -> Result<&Rc<GoTime>, String> {
    match value {
        Value::Time(time) => Ok(time),
        other => Err(unexpected("a time", other)),
    }
}

fn date(args: &[Value]) -> Outcome {
    let [layout, value] = exactly(args)?;
    Ok(GoTime::local(moment(value)).format(text(layout)?).into())
}

fn date_in_zone(args: &[Value]) -> Outcome {
    let [layout, value, zone] = exactly(args)?;
    let zone = text(zone)?;
    Ok(GoTime::in_named_zone(moment(value), zone).format(text(layout)?).into())
}

fn html_date(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(GoTime::local(moment(value)).format(HTML_DATE).into())
}

fn html_date_in_zone(args: &[Value]) -> Outcome {
    let [value, zone] = exactly(args)?;
    Ok(GoTime::in_named_zone(moment(value), text(zone)?).format(HTML_DATE).into())
}

/// The time moved by a duration; nothing where the duration is none or leads out of all calendars.
fn moved(duration: &str, time: &GoTime) -> Option<GoTime> {
    let nanoseconds = time.moment.as_nanosecond() + i128::from(parse_duration(duration)?);
    Some(time.at(Timestamp::from_nanosecond(nanoseconds).ok()?))
}

fn date_modify(args: &[Value]) -> Outcome {
    let [duration, value] = exactly(args)?;
    let time = time(value)?;
    Ok(moved(text(duration)?, time).map_or_else(|| value.clone(), Value::from))
}

fn must_date_modify(args: &[Value]) -> Outcome {
    let [duration, value] = exactly(args)?;
    let (time, duration) = (time(value)?, text(duration)?);
    let moved = moved(duration, time);
    Ok(moved.ok_or_else(|| format!("expected a duration such as 1h30m, got {duration:?}"))?.into())
}

fn to_date(args: &[Value]) -> Outcome {
    let [layout, value] = exactly(args)?;
    Ok(GoTime::parse(text(layout)?, text(value)?).unwrap_or_else(GoTime::zero).into())
}

fn must_to_date(args: &[Value]) -> Outcome {
    let [layout, value] = exactly(args)?;
    let (layout, value) = (text(layout)?, text(value)?);
    let time = GoTime::parse(layout, value);
    Ok(time.ok_or_else(|| format!("expected a date in the form {layout:?}, got {value:?}"))?.into())
}

fn unix_epoch(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(time(value)?.moment.as_nanosecond().div_euclid(NANOSECONDS).to_string().into())
}

/// The time since a moment; Go's durations end at about 292 years.
fn since(moment: Timestamp) -> i64 {
    let passed = Timestamp::now().as_nanosecond() - moment.as_nanosecond();
    i64::try_from(passed).unwrap_or(if passed < 0 { i64::MIN } else { i64::MAX })
}

fn ago(args: &[Value]) -> Outcome {
    const SECOND: i64 = 1_000_000_000;
    let [value] = exactly(args)?;
    let passed = since(moment(value));
    let seconds = passed.saturating_add(passed.signum() * SECOND / 2) / SECOND;
    Ok(format_duration(seconds * SECOND).into())
}

/// Seconds as a duration. sprig takes text and `int64` only; every other value is no time at all.
fn duration(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let seconds: i64 = match value {
        Value::Text(text) => text.parse().unwrap_or(0),
        Value::Int64(seconds) => *seconds,
        _ => 0,
    };
    Ok(format_duration(seconds.wrapping_mul(1_000_000_000)).into())
}

/// The largest unit of a duration: `2h`, `3mo`. The argument is a duration, nanoseconds, or a time since when.
fn duration_round(args: &[Value]) -> Outcome {
    /// What is more than one unit is counted in it.
    const UNITS: [(&str, u64); 6] =
        [("y", 365 * 86_400), ("mo", 30 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let [value] = exactly(args)?;
    let nanoseconds = match value {
        Value::Text(text) => parse_duration(text).unwrap_or(0),
        Value::Time(time) => since(time.moment),
        Value::Int64(nanoseconds) => *nanoseconds,
        _ => 0,
    };
    let size = nanoseconds.unsigned_abs();
    let rounded = UNITS.into_iter().find_map(|(name, seconds)| {
        let unit = seconds * 1_000_000_000;
        (size > unit).then(|| format!("{}{name}", size / unit))
    });
    Ok(rounded.unwrap_or_else(|| "0s".to_owned()).into())
}
