//! What a plain YAML scalar is, by the rules of Go's yaml.v3 decoding into an untyped value.
//!
//! Only `true`, `True`, `TRUE` and the same of `false` are bools (`yes` and `on` are text); integers may be
//! written in base 2, 8 (`0o17` and `017`), 10 and 16 with `_` between digits; dates stay text.

use std::borrow::Cow;

use crate::node::{Scalar, ScalarKind, Value};

/// The value of a plain (unquoted) scalar without a tag.
pub(super) fn resolve(text: Cow<'_, str>) -> Value {
    let Some(first) = text.bytes().next() else { return Value::Null };
    match first {
        b'~' | b'n' | b'N' if matches!(&*text, "~" | "null" | "Null" | "NULL") => Value::Null,
        b't' | b'T' if matches!(&*text, "true" | "True" | "TRUE") => typed("true", ScalarKind::Bool),
        b'f' | b'F' if matches!(&*text, "false" | "False" | "FALSE") => typed("false", ScalarKind::Bool),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => plain(text),
    }
}

/// A scalar that is text whatever it looks like.
pub(super) fn plain(text: Cow<'_, str>) -> Value {
    Value::Scalar(Scalar::text(text.into_owned()))
}

fn typed(text: impl Into<Box<str>>, kind: ScalarKind) -> Value {
    Value::Scalar(Scalar { text: text.into(), kind })
}

fn number(text: Cow<'_, str>) -> Value {
    let bare: Cow<'_, str> =
        if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(&*text) };
    if let Some(decimal) = integer(&bare) {
        return typed(decimal, ScalarKind::Integer);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let special = matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(&*text, ".nan" | ".NaN" | ".NAN");
    if special || is_float(&bare) {
        return typed(text.into_owned(), ScalarKind::Float);
    }
    plain(text)
}

/// The decimal form of an integer in Go's base-0 spelling that fits 64 bits.
fn integer(text: &str) -> Option<String> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    match (negative, value) {
        (_, 0) => Some("0".to_owned()),
        (false, value) => Some(value.to_string()),
        (true, value) if value <= i64::MIN.unsigned_abs() => Some(format!("-{value}")),
        (true, _) => None,
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(rest);
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if whole + length == 0 {
            return false;
        }
        rest = &fraction[length..];
    } else if whole == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        None => rest.is_empty(),
    }
}
