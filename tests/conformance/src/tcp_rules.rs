//! Rule sets of TCP routers: small sets of routers on an entry point of their own, and connections in a compact form.
//!
//! A connection is a line of words:
//!
//! | word | meaning |
//! |---|---|
//! | `sni=NAME` | TLS with this server name; who answers is observed |
//! | `tls` | TLS without a server name |
//! | `alpn=A,B`, `max=1.2` | what TLS offers |
//! | `plain` | no TLS; what comes unasked is observed |
//! | `say=TEXT` | ... after sending a line |
//! | `hello` | only a ClientHello of TLS 1.2, with the server name verbatim; what the server chooses is observed |
//! | `src=ADDRESS` | the client's address |
//! | `http`, `https`, then `GET URL` at the end | a request over HTTP instead; `https` goes with `sni` or `tls` |

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cases::{self, Case, EntryPoint, Scenario, Step};
use crate::observe::{Rules, View};

/// Sets that share one start of the router.
const BATCH: usize = 60;

/// Servers for the routers of a set in order; those with TLS passthrough get the ones in `PASSTHROUGH`.
const SERVERS: [&str; 4] = ["t1", "t2", "t3", "t4"];

/// Servers that speak TLS themselves.
const PASSTHROUGH: [&str; 2] = ["ts1", "ts2"];

/// Backends for the HTTP routers of a set in order.
const BACKENDS: [&str; 4] = ["b1", "b2", "b3", "b4"];

/// Seconds without a greeting after which a plain connection counts as silent.
const SILENCE: f64 = 0.4;

/// The `tcpRules` part of a case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpRuleSets {
    needs: Vec<String>,
    sets: Vec<Set>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    /// The only rule of a router with TLS, as a short form of `routers`.
    rule: Option<String>,
    /// Options of TCP routers; the service is the server of the same position unless they say otherwise.
    #[serde(default)]
    routers: Vec<Map<String, Value>>,
    /// The same for HTTP routers.
    #[serde(default)]
    http: Vec<Map<String, Value>>,
    conns: Vec<String>,
}

impl TcpRuleSets {
    /// One scenario a batch of sets. The cases are filed under the name of their set.
    pub(crate) fn into_scenarios(self, group: &str) -> Result<Vec<Scenario>> {
        let batches = self.sets.chunks(BATCH).enumerate();
        batches.map(|(number, sets)| scenario(group, number, sets, &self.needs)).collect()
    }
}

fn scenario(group: &str, number: usize, sets: &[Set], needs: &[String]) -> Result<Scenario> {
    let (mut tcp, mut http, mut entry_points, mut cases) =
        (Map::new(), Map::new(), BTreeMap::new(), Vec::new());
    for (index, set) in sets.iter().enumerate() {
        let entry_point = format!("e{index}");
        for (position, options) in set.tcp_routers().into_iter().enumerate() {
            let passes = options.get("tls").and_then(|tls| tls.get("passthrough")) == Some(&json!(true));
            let server = if passes { PASSTHROUGH[position % 2] } else { SERVERS[position % 4] };
            tcp.insert(format!("r{index:03}-{position}"), router(options, server, &entry_point));
        }
        for (position, options) in set.http.iter().cloned().enumerate() {
            let router = router(options, BACKENDS[position % 4], &entry_point);
            http.insert(format!("h{index:03}-{position}"), router);
        }
        for conn in &set.conns {
            cases.push(
                case(group, &set.name, &entry_point, conn)
                    .with_context(|| format!("{}: {conn}", set.name))?,
            );
        }
        entry_points.insert(entry_point, EntryPoint::default());
    }
    let servers = SERVERS.iter().chain(&PASSTHROUGH).chain(&["down1"]);
    let servers: Map<String, Value> = servers
        .map(|name| {
            let address = format!("@{{{name}}}");
            ((*name).to_owned(), json!({"loadBalancer": {"servers": [{"address": address}]}}))
        })
        .collect();
    let backends: Map<String, Value> = BACKENDS
        .map(|name| {
            (name.to_owned(), json!({"loadBalancer": {"servers": [{"url": format!("@{{{name}.url}}")}]}}))
        })
        .into_iter()
        .collect();
    Ok(Scenario {
        group: group.to_owned(),
        name: format!("rules{number}"),
        needs: needs.to_vec(),
        entry_points,
        static_options: Map::new(),
        dynamic: Some(json!({
            "http": {"routers": http, "services": backends},
            "tcp": {"routers": tcp, "services": servers},
        })),
        files: BTreeMap::new(),
        env: BTreeMap::new(),
        args: None,
        ready: None,
        no_process: false,
        states: BTreeMap::new(),
        cases,
    })
}

fn router(options: Map<String, Value>, service: &str, entry_point: &str) -> Value {
    let mut router = Map::from_iter([
        ("service".to_owned(), json!(service)),
        ("entryPoints".to_owned(), json!([entry_point])),
    ]);
    router.extend(options);
    Value::Object(router)
}

impl Set {
    fn tcp_routers(&self) -> Vec<Map<String, Value>> {
        match &self.rule {
            Some(rule) => {
                vec![Map::from_iter([("rule".to_owned(), json!(rule)), ("tls".to_owned(), json!({}))])]
            }
            None => self.routers.clone(),
        }
    }
}

fn case(group: &str, set: &str, entry_point: &str, conn: &str) -> Result<Case> {
    let step: Step = serde_json::from_value(step(entry_point, conn))?;
    Ok(Case {
        key: cases::key(group, set, conn),
        section: set.to_owned(),
        id: conn.to_owned(),
        needs: Vec::new(),
        steps: vec![step],
        compare: Rules { view: View::Line, ..Rules::default() },
        states: BTreeMap::new(),
    })
}

/// The step that a line of words stands for.
fn step(entry_point: &str, conn: &str) -> Value {
    let (head, request) = match conn.split_once(" GET ") {
        Some((head, url)) => (head, Some(format!("GET {url}"))),
        None => (conn, None),
    };
    let words: Vec<&str> = head.split(' ').collect();
    let option = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let mut spec = json!({"entryPoint": entry_point});
    if let Some(source) = option("src") {
        spec["source"] = json!(source);
    }
    let alpn: Vec<&str> = option("alpn").map(|names| names.split(',').collect()).unwrap_or_default();
    if words.contains(&"hello") {
        spec["sni"] = json!(option("sni"));
        spec["alpn"] = json!(alpn);
        spec["versions"] = json!(["1.2"]);
        return json!({"hello": spec});
    }
    if !words.contains(&"plain") && !words.contains(&"http") {
        spec["tls"] = json!({"sni": option("sni"), "alpn": alpn, "max": option("max")});
    }
    if let Some(request) = request {
        spec["text"] = json!(request);
        return json!({"send": spec});
    }
    match option("say") {
        _ if spec.get("tls").is_some() => spec["probe"] = json!(true),
        Some(said) => {
            spec["send"] = json!(format!("{said}\n"));
            spec["readTimeout"] = json!(SILENCE);
        }
        None => {
            spec["line"] = json!(true);
            spec["readTimeout"] = json!(SILENCE);
        }
    }
    json!({"tcp": spec})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_steps() {
        for (conn, expected) in [
            (
                "sni=a",
                json!({"tcp": {"entryPoint": "e", "probe": true, "tls": {"sni": "a", "alpn": [], "max": null}}}),
            ),
            (
                "plain src=127.0.0.2",
                json!({"tcp": {"entryPoint": "e", "source": "127.0.0.2", "line": true, "readTimeout": 0.4}}),
            ),
            ("plain say=x", json!({"tcp": {"entryPoint": "e", "send": "x\n", "readTimeout": 0.4}})),
            ("http GET http://a/", json!({"send": {"entryPoint": "e", "text": "GET http://a/"}})),
            (
                "hello alpn=a,b",
                json!({"hello": {"entryPoint": "e", "sni": null, "alpn": ["a", "b"], "versions": ["1.2"]}}),
            ),
        ] {
            assert_eq!(step("e", conn), expected, "{conn}");
            serde_json::from_value::<Step>(expected).unwrap();
        }
    }
}
