//! JSON as Go's `encoding/json` reads and writes it.

use std::fmt::Write as _;

use super::super::MAX_VALUE_WEIGHT;
use super::super::value::Value;

/// Go's layout for times in JSON.
const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// How JSON is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Style {
    /// One line, with `<`, `>` and `&` escaped for HTML.
    Compact,
    /// As `Compact`, indented by two spaces.
    Pretty,
    /// One line, without the HTML escapes.
    Raw,
}

/// The value of a JSON text. Every number is a float, as in Go.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    Ok(convert(serde_json::from_str(text)?))
}

fn convert(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Nil,
        Json::Bool(value) => value.into(),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => text.into(),
        Json::Array(items) => Value::list(items.into_iter().map(convert).collect()),
        Json::Object(entries) => {
            Value::map(entries.into_iter().map(|(key, value)| (key.into(), convert(value))).collect())
        }
    }
}

/// The JSON text of a value; keys are sorted.
pub(super) fn write(value: &Value, style: Style) -> String {
    let mut out = String::new();
    write_value(&mut out, value, style, 0);
    out
}

fn write_value(out: &mut String, value: &Value, style: Style, depth: usize) {
    match value {
        Value::Missing | Value::Nil => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Text(text) => write_text(out, text, style),
        Value::Int(number) | Value::Int64(number) => drop(write!(out, "{number}")),
        Value::Float(number) => write_float(out, *number),
        Value::Time(time) => write_text(out, &time.format(RFC3339_NANO), style),
        Value::Version(version) => write_text(out, &version.to_string(), style),
        Value::List(list) => write_all(out, "[]", &list.items, style, depth, |out, item| {
            write_value(out, item, style, depth + 1);
        }),
        Value::Map(map) => {
            let entries: Vec<_> = map.entries.iter().collect();
            write_all(out, "{}", &entries, style, depth, |out, (key, value)| {
                write_text(out, key, style);
                out.push_str(if style == Style::Pretty { ": " } else { ":" });
                write_value(out, value, style, depth + 1);
            });
        }
    }
}

/// Writes elements between brackets, with commas and, where wanted, lines of their own.
fn write_all<T>(
    out: &mut String,
    brackets: &str,
    items: &[T],
    style: Style,
    depth: usize,
    write_item: impl Fn(&mut String, &T),
) {
    let line = |out: &mut String, depth: usize| {
        if style == Style::Pretty && !items.is_empty() {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
    };
    out.push_str(&brackets[..1]);
    for (at, item) in items.iter().enumerate() {
        if out.len() > MAX_VALUE_WEIGHT {
            // The executor refuses it anyway.
            return;
        }
        if at > 0 {
            out.push(',');
        }
        line(out, depth + 1);
        write_item(out, item);
    }
    line(out, depth);
    out.push_str(&brackets[1..]);
}

/// Plain digits between 1e-6 and 1e21, else an exponent without leading zeros.
fn write_float(out: &mut String, value: f64) {
    let plain = value == 0.0 || (1e-6..1e21).contains(&value.abs());
    let _ = if plain {
        write!(out, "{value}")
    } else {
        let shortest = format!("{value:e}");
        write!(out, "{}", if value.abs() < 1.0 { shortest } else { shortest.replace('e', "e+") })
    };
}

fn write_text(out: &mut String, text: &str, style: Style) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' if style == Style::Raw => out.push(c),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
