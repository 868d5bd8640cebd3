//! Every rule and request of `data/recorded.txt` gets the answer that Traefik gave, from the rule and from
//! the index.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::IpAddr;
use std::sync::Arc;

use ferroway_core::HeaderList;
use ferroway_router::{
    CompiledRule, Query, RequestView, Route, Syntax, Table, Tie, canonical_host, routing_path,
};
use http::{HeaderName, HeaderValue};

const RECORDED: &str = include_str!("data/recorded.txt");

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match (c, c == '\\') {
            (_, true) => match chars.next().unwrap() {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            },
            (c, false) => c,
        });
    }
    out
}

/// A table of the rule, which leads to `true`, and of so many others behind it that there is an index.
fn table_of(rule: Arc<CompiledRule>) -> Table<bool> {
    let others = (0..20).map(|number| {
        let rule = CompiledRule::compile(&format!("Host(`other-{number}.test`)"), Syntax::V3).unwrap();
        Route { rule, priority: 1, tie: Tie { provider: 0, name: "other".into() }, value: false }
    });
    let tie = Tie { provider: 0, name: "recorded".into() };
    Table::new(others.chain([Route { rule, priority: 2, tie, value: true }]).collect())
}

/// Whether the rule matches the request of this line.
fn answer(table: &Table<bool>, line: &str) -> bool {
    let mut fields = line.split('\t').skip(1);
    let [method, host, target, client] =
        std::array::from_fn(|_| fields.next().expect("a request has four fields"));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut headers = HeaderList::new();
    for field in fields {
        let (name, value) = field.split_once(": ").expect("a header has a name and a value");
        headers
            .append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let request = RequestView {
        host: &canonical_host(host),
        path: &routing_path(path).expect("targets are well-formed"),
        method,
        headers: &headers,
        query: Query::new(query),
        client: client.parse::<IpAddr>().unwrap(),
    };
    let found = table.lookup(&request).is_some();
    assert_eq!(found, table.lookup_naive(&request).is_some(), "index and rule disagree on {line:?}");
    found
}

#[test]
fn answers_are_those_of_traefik() {
    let (mut table, mut rule, mut count) = (None, Err("no rule yet".to_owned()), 0);
    let mut failures = Vec::new();
    for line in RECORDED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(definition) = line.strip_prefix("rule\t") {
            let (syntax, text) = definition.split_once('\t').unwrap();
            let syntax = if syntax == "v2" { Syntax::V2 } else { Syntax::V3 };
            let compiled = CompiledRule::compile(&unescape(text), syntax);
            rule = compiled.as_ref().map(|_| text.to_owned()).map_err(|error| format!("{text}: {error}"));
            table = compiled.ok().map(table_of);
            continue;
        }
        count += 1;
        match (line, &table) {
            ("invalid", None) => {}
            ("invalid", Some(_)) => failures.push(format!("{rule:?} must be refused")),
            (_, None) => failures.push(format!("{rule:?} must be accepted")),
            (line, Some(table)) if answer(table, line) != line.starts_with('+') => {
                failures.push(format!("{rule:?}: {line:?}"));
            }
            _ => {}
        }
    }
    assert!(count > 800, "only {count} answers in the file");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
