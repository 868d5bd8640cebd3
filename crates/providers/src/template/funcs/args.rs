//! The arguments of a template function: how many, of which type, and the errors that say so.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;

use super::super::MAX_VALUE_WEIGHT;
use super::super::value::Value;

/// What a template function returns. The executor puts the function's name in front of an error.
pub(super) type Outcome = Result<Value, String>;

/// The entries of a map.
pub(super) type Entries = BTreeMap<Rc<str>, Value>;

/// The arguments of a function that takes exactly `N`.
pub(super) fn exactly<const N: usize>(args: &[Value]) -> Result<&[Value; N], String> {
    args.try_into().map_err(|_| format!("expected {}, got {}", counted(N), args.len()))
}

/// The first `N` arguments and the others of a function that takes at least `N`.
pub(super) fn at_least<const N: usize>(args: &[Value]) -> Result<(&[Value; N], &[Value]), String> {
    args.split_first_chunk().ok_or_else(|| format!("expected at least {}, got {}", counted(N), args.len()))
}

fn counted(count: usize) -> String {
    format!("{count} argument{}", if count == 1 { "" } else { "s" })
}

/// A text argument.
pub(super) fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(unexpected("text", other)),
    }
}

/// An integer argument.
pub(super) fn integer(value: &Value) -> Result<i64, String> {
    match value {
        Value::Int(number) | Value::Int64(number) => Ok(*number),
        other => Err(unexpected("a whole number", other)),
    }
}

/// A bool argument.
pub(super) fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(value) => Ok(*value),
        other => Err(unexpected("a bool", other)),
    }
}

/// A list argument.
pub(super) fn list(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::List(list) => Ok(&list.items),
        other => Err(unexpected("a list", other)),
    }
}

/// A map argument; nil is a map without entries.
pub(super) fn map(value: &Value) -> Result<&Entries, String> {
    const NONE: &Entries = &BTreeMap::new();
    match value {
        Value::Map(map) => Ok(&map.entries),
        value if value.is_nil() => Ok(NONE),
        other => Err(unexpected("a map", other)),
    }
}

/// The error for a value of another type.
pub(super) fn unexpected(expected: impl Display, value: &Value) -> String {
    format!("expected {expected}, got {}", value.describe())
}

/// Refuses a result of `size` bytes or elements before it is made.
pub(super) fn check_size(size: usize) -> Result<(), String> {
    if size > MAX_VALUE_WEIGHT {
        return Err(format!("a result of size {size} is more than the {MAX_VALUE_WEIGHT} allowed"));
    }
    Ok(())
}

/// The text that sprig makes of any value.
pub(super) fn to_text(value: &Value) -> Rc<str> {
    match value {
        Value::Text(text) => text.clone(),
        Value::Missing => Value::Nil.to_string().into(),
        other => other.to_string().into(),
    }
}
