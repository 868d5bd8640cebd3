//! The lenient conversions that sprig's arithmetic uses: what cannot be converted is zero.

use super::super::numbers::parse_int_prefixed;
use super::super::value::Value;

/// Any value as an integer; floats are cut off.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Float(number) => truncate(*number),
        Value::Text(text) => {
            let number = parse_int_prefixed(without_zero_fraction(text));
            number.and_then(|number| i64::try_from(number).ok()).unwrap_or(0)
        }
        Value::Bool(value) => i64::from(*value),
        _ => 0,
    }
}

/// Any value as a float.
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => text.parse().unwrap_or(0.0),
        Value::Bool(value) => f64::from(u8::from(*value)),
        _ => 0.0,
    }
}

/// The whole part of a float; saturates.
#[expect(clippy::cast_possible_truncation, reason = "cutting off the fraction is the purpose")]
fn truncate(value: f64) -> i64 {
    value as i64
}

/// `12.00` as `12`.
fn without_zero_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|b| b == b'0') => whole,
        _ => text,
    }
}
