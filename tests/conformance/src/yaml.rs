//! Writes JSON-shaped data as block-style YAML, the form in which people write configuration.

use std::fmt::Write as _;

use serde_json::Value;

/// The YAML document of `value`. Strings are always quoted, so that their content never matters.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block(&mut out, value, 0),
        Value::Array(items) if !items.is_empty() => block(&mut out, value, 0),
        scalar => {
            let _ = writeln!(out, "{scalar}");
        }
    }
    out
}

/// Writes a map or list that is not empty, each entry on lines of its own.
fn block(out: &mut String, value: &Value, depth: usize) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, item) in map {
                let _ = write!(out, "{pad}{}:", written_key(key));
                entry(out, item, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                let _ = write!(out, "{pad}-");
                entry(out, item, depth);
            }
        }
        _ => {}
    }
}

/// What follows `key:` or `-`: a scalar on the same line, anything else indented below.
fn entry(out: &mut String, item: &Value, depth: usize) {
    let nested = match item {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        block(out, item, depth + 1);
    } else {
        let _ = writeln!(out, " {item}");
    }
}

fn written_key(key: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        && !WORDS.contains(&key.to_ascii_lowercase().as_str());
    if plain { key.to_owned() } else { Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trees_become_blocks() {
        let value = json!({
            "http": {"routers": {"on": {"rule": "Host(`a`)", "empty": {}, "list": []}}},
            "list": [{"a": 1, "b": [true, null]}, "x"],
        });
        let expected = "http:\n  routers:\n    \"on\":\n      empty: {}\n      list: []\n      rule: \"Host(`a`)\"\n\
                        list:\n  -\n    a: 1\n    b:\n      - true\n      - null\n  - \"x\"\n";
        assert_eq!(to_yaml(&value), expected);
        assert_eq!(to_yaml(&json!({})), "{}\n");
    }
}
