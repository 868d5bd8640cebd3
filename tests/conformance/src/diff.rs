//! Readable differences between two observations.

use serde_json::Value;

use crate::answers::Observation;

/// Values longer than this are cut in a message.
const LONG_VALUE: usize = 160;

/// One line a difference; none when the observations are the same.
pub fn differences(want: &Observation, got: &Observation) -> Vec<String> {
    if want.steps.len() != got.steps.len() {
        return vec![format!("want {} observed steps, got {}", want.steps.len(), got.steps.len())];
    }
    let mut out = Vec::new();
    for (number, (left, right)) in want.steps.iter().zip(&got.steps).enumerate() {
        let path = if want.steps.len() == 1 { String::new() } else { format!("step {number}") };
        walk(&path, left, right, &mut out);
    }
    let absent = Value::Null;
    let [left, right] = [want, got].map(|side| side.backend.as_ref().unwrap_or(&absent));
    walk("backend", left, right, &mut out);
    out
}

fn walk(path: &str, want: &Value, got: &Value, out: &mut Vec<String>) {
    match (want, got) {
        (want, got) if want == got => {}
        (Value::Object(left), Value::Object(right)) => {
            let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(
                    &path,
                    left.get(key).unwrap_or(&Value::Null),
                    right.get(key).unwrap_or(&Value::Null),
                    out,
                );
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (number, (left, right)) in left.iter().zip(right).enumerate() {
                walk(&format!("{path}[{number}]"), left, right, out);
            }
        }
        _ => out.push(format!("{path}: want {}, got {}", shown(want), shown(got))),
    }
}

fn shown(value: &Value) -> String {
    let text = if value.is_null() { "nothing".to_owned() } else { value.to_string() };
    if text.chars().count() <= LONG_VALUE {
        return text;
    }
    text.chars().take(LONG_VALUE).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_is_named_by_its_path() {
        let want = Observation {
            steps: vec![json!({"status": 200, "headers": {"a": "1"}})],
            backend: Some(json!(["x"])),
        };
        let got = Observation {
            steps: vec![json!({"status": 404, "headers": {"b": "1"}})],
            backend: Some(json!([])),
        };
        assert_eq!(
            differences(&want, &got),
            [
                "headers.a: want \"1\", got nothing",
                "headers.b: want nothing, got \"1\"",
                "status: want 200, got 404",
                "backend: want [\"x\"], got []",
            ]
        );
        assert!(differences(&want, &want).is_empty());
    }
}
