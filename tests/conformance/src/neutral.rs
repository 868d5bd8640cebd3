//! Gives what differs from run to run a neutral name: ports, folders, the name of the host.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::{Captures, Regex};
use serde_json::Value;

use crate::pki;

/// Replaces what belongs to one run in an observation.
#[derive(Debug)]
pub struct Neutral {
    /// Port numbers and the names that stand for them.
    ports: Vec<(String, String)>,
    folder: String,
    host: String,
    number: Regex,
    /// Certificates as proxies pass them on, and the names that stand for them.
    certificates: Vec<(String, String)>,
}

impl Neutral {
    /// For a run with these ports in this folder.
    pub fn new<'a>(ports: impl IntoIterator<Item = (&'a str, u16)>, folder: &str) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            ports: ports.into_iter().map(|(name, port)| (port.to_string(), format!("{{{name}}}"))).collect(),
            folder: folder.to_owned(),
            host: host.trim().to_owned(),
            number: Regex::new(r"(127\.0\.0\.\d+:)?\b(\d{5})\b").expect("the pattern is valid"),
            certificates: certificates(),
        }
    }

    /// The neutral form of an observation.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (self.text(&key), self.value(value))).collect()
            }
            Value::Number(number) => match self.port(&number.to_string()) {
                Some(name) => Value::String(name.to_owned()),
                None => Value::Number(number),
            },
            other => other,
        }
    }

    fn text(&self, text: &str) -> String {
        if text == self.host {
            return "{hostname}".to_owned();
        }
        let mut text = text.replace(&self.folder, "{dir}");
        if text.len() > SHORTEST_CERTIFICATE {
            for (certificate, name) in &self.certificates {
                text = text.replace(certificate, name);
            }
        }
        let named = self.number.replace_all(&text, |found: &Captures<'_>| {
            let address = found.get(1).map_or("", |part| part.as_str());
            match self.port(&found[2]) {
                Some(name) => format!("{address}{name}"),
                // The port of a connection that the router or the client opened.
                None if !address.is_empty() => format!("{address}{{client}}"),
                None => found[0].to_owned(),
            }
        });
        named.into_owned()
    }

    fn port(&self, number: &str) -> Option<&str> {
        self.ports.iter().find(|(port, _)| port == number).map(|(_, name)| name.as_str())
    }
}

/// A text that is not longer holds no certificate.
const SHORTEST_CERTIFICATE: usize = 300;

/// All certificates of the run in base64, as they are and escaped for a URL.
fn certificates() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for identity in pki::all() {
        let plain = STANDARD.encode(&identity.certificate);
        let escaped = plain.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        // A longer form first: escaped text may hold no character that needs it.
        all.push((escaped, format!("{{certificate {}, escaped}}", identity.name)));
        all.push((plain, format!("{{certificate {}}}", identity.name)));
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_belongs_to_a_run_gets_a_name() {
        let neutral = Neutral::new([("web", 40123), ("b1", 40125)], "/tmp/run/x");
        for (given, expected) in [
            (json!("http://127.0.0.1:40125/a"), json!("http://127.0.0.1:{b1}/a")),
            (json!("host:40123"), json!("host:{web}")),
            (json!("127.0.0.9:51111"), json!("127.0.0.9:{client}")),
            (json!("51111 140123 40123x"), json!("51111 140123 40123x")),
            (
                json!({"file": "/tmp/run/x/dyn.yml", "port": 40123}),
                json!({"file": "{dir}/dyn.yml", "port": "{web}"}),
            ),
        ] {
            assert_eq!(neutral.value(given), expected);
        }
    }
}
