//! Two operations on JSON-shaped data: layering one tree over another, and filling in names.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

/// Lays `extra` over `base`: maps are merged, anything else replaces, and a null deletes the key.
pub fn merge(base: &mut Value, extra: &Value) {
    match (base, extra) {
        (Value::Object(base), Value::Object(extra)) => merge_maps(base, extra),
        (base, extra) => *base = extra.clone(),
    }
}

/// [`merge`] for two maps.
pub fn merge_maps(base: &mut Map<String, Value>, extra: &Map<String, Value>) {
    for (key, value) in extra {
        match (base.get_mut(key), value) {
            (_, Value::Null) => {
                base.remove(key);
            }
            (Some(old @ Value::Object(_)), Value::Object(_)) => merge(old, value),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// What `@{name}` stands for in the strings of a scenario: addresses, folders, certificates.
#[derive(Debug, Default, Clone)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Defines a name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Replaces every `@{name}` in `text`.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn fill(&self, text: &str) -> Result<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("@{") {
            let Some(length) = rest[start..].find('}') else { break };
            let name = &rest[start + 2..start + length];
            let Some(value) = self.0.get(name) else { bail!("the name @{{{name}}} is not known") };
            out.push_str(&rest[..start]);
            out.push_str(value);
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    /// [`Names::fill`] for every string in a tree, keys included.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn fill_all(&self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => items.iter().map(|item| self.fill_all(item)).collect::<Result<_>>()?,
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| Ok((self.fill(key)?, self.fill_all(value)?)))
                .collect::<Result<Map<_, _>>>()?
                .into(),
            other => other.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_layers_maps_and_deletes_by_null() {
        let mut base = json!({"a": {"x": 1, "y": [1]}, "b": 1, "c": 2});
        merge(&mut base, &json!({"a": {"y": [2], "z": 3}, "b": {"n": 1}, "c": null}));
        assert_eq!(base, json!({"a": {"x": 1, "y": [2], "z": 3}, "b": {"n": 1}}));
    }

    #[test]
    fn names_are_filled_in_everywhere() {
        let mut names = Names::default();
        names.set("web", "127.0.0.1:80");
        names.set("dir", "/d");
        let filled =
            names.fill_all(&json!({"@{dir}/f": ["http://@{web}/@{dir}", 1, "@{", "plain"]})).unwrap();
        assert_eq!(filled, json!({"/d/f": ["http://127.0.0.1:80//d", 1, "@{", "plain"]}));
        assert!(names.fill("@{nope}").is_err());
    }
}
