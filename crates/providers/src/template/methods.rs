//! What a dot behind a value gives: the entries of maps, and the methods of times and versions.

use super::go_time::GoTime;
use super::value::Value;

/// The field or method `name` of a value.
pub(super) fn call(receiver: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let found = match receiver {
        Value::Missing => Some(Value::Missing),
        Value::Nil => return Err(format!("expected a map before .{name}, got nil")),
        Value::Map(map) => Some(map.entries.get(name).cloned().unwrap_or(Value::Missing)),
        Value::Version(version) => match name {
            "Major" => Some(Value::Int64(i64::try_from(version.numbers[0]).unwrap_or(i64::MAX))),
            "Minor" => Some(Value::Int64(i64::try_from(version.numbers[1]).unwrap_or(i64::MAX))),
            "Patch" => Some(Value::Int64(i64::try_from(version.numbers[2]).unwrap_or(i64::MAX))),
            "Prerelease" => Some(version.prerelease.as_str().into()),
            "Metadata" => Some(version.metadata.as_str().into()),
            "Original" => Some(version.original.as_str().into()),
            "String" => Some(version.to_string().into()),
            _ => None,
        },
        Value::Time(time) => return time_method(time, name, arguments),
        _ => None,
    };
    let found = found.ok_or_else(|| {
        format!("{} of type {} has no field {name}", receiver.describe(), receiver.type_name())
    })?;
    if arguments.is_empty() { Ok(found) } else { Err(format!("{name} is not a method but has arguments")) }
}

fn time_method(time: &GoTime, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let civil = time.civil();
    let nanoseconds = time.moment.as_nanosecond();
    // Times end in the year 9999, far inside of 64 bits for all but nanoseconds.
    let whole = |divisor: i128| Value::Int64(i64::try_from(nanoseconds.div_euclid(divisor)).unwrap_or(0));
    let value = match (name, arguments) {
        ("Format", [Value::Text(layout)]) => time.format(layout).into(),
        ("Format", _) => return Err("Format: expected one layout such as \"2006-01-02\"".to_owned()),
        (_, [_, ..]) => return Err(format!("{name} of a time takes no arguments here")),
        ("String", _) => time.to_string().into(),
        ("Year", _) => Value::Int(civil.year().into()),
        ("Month", _) => time.format("January").into(),
        ("Weekday", _) => time.format("Monday").into(),
        ("Day", _) => Value::Int(civil.day().into()),
        ("YearDay", _) => Value::Int(civil.date().day_of_year().into()),
        ("Hour", _) => Value::Int(civil.hour().into()),
        ("Minute", _) => Value::Int(civil.minute().into()),
        ("Second", _) => Value::Int(civil.second().into()),
        ("Nanosecond", _) => Value::Int(civil.subsec_nanosecond().into()),
        ("Unix", _) => whole(1_000_000_000),
        ("UnixMilli", _) => whole(1_000_000),
        ("UnixMicro", _) => whole(1_000),
        ("UnixNano", _) => whole(1),
        ("IsZero", _) => (time.moment == GoTime::zero().moment).into(),
        ("UTC", _) => GoTime::in_named_zone(time.moment, "UTC").into(),
        ("Local", _) => GoTime::local(time.moment).into(),
        _ => return Err(format!("a time has no method {name} here; use date with a layout")),
    };
    Ok(value)
}
