//! The order of routes, and what the index spares.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::{Query, Syntax};
use ferroway_core::HeaderList;

fn route(rule: &str, priority: Option<i64>, provider: u32, name: &str) -> Route<String> {
    let rule = CompiledRule::compile(rule, Syntax::V3).expect(rule);
    let priority = priority.unwrap_or(rule.default_priority());
    Route { rule, priority, tie: Tie { provider, name: name.into() }, value: name.to_owned() }
}

fn with_request<R>(host: &str, path: &str, query: &str, look: impl FnOnce(&RequestView<'_>) -> R) -> R {
    let headers = HeaderList::from_iter([(http::header::ACCEPT, http::HeaderValue::from_static("a"))]);
    look(&RequestView {
        host,
        path,
        method: "GET",
        headers: &headers,
        query: Query::new(Some(query)),
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
    })
}

#[test]
fn routes_are_tried_by_priority_then_provider_then_name() {
    let mut routes = vec![
        route("PathPrefix(`/a`)", None, 1, "length"),
        route("PathPrefix(`/a`) ", None, 1, "longer"),
        route("PathPrefix(`/`)", Some(16), 1, "a"),
        route("PathPrefix(`/`)", Some(16), 0, "z"),
        route("PathPrefix(`/`)", Some(-5), 0, "negative"),
        route("PathPrefix(`/`)", Some(i64::MAX), 9, "internal"),
        route("PathPrefix(`/`)", Some(0), 0, "zero"),
    ];
    let expected = ["internal", "longer", "z", "a", "length", "zero", "negative"];
    for _ in 0..routes.len() {
        routes.rotate_left(1);
        let table = Table::new(routes.clone());
        let order: Vec<&str> = table.routes().iter().map(|route| route.value.as_str()).collect();
        assert_eq!(order, expected);
        let found = with_request("", "/a", "", |view| table.lookup(view).map(|route| route.value.clone()));
        assert_eq!(found.as_deref(), Some("internal"));
    }
}

#[test]
fn an_empty_table_finds_nothing() {
    let table: Table<String> = Table::new(Vec::new());
    assert!(
        with_request("a", "/", "", |view| table.lookup(view).is_none() && table.candidates(view).is_empty())
    );
}

/// Of a thousand routes that differ in one thing, a request considers those that it has that thing in common
/// with.
#[test]
fn few_routes_are_considered() {
    type Case = (&'static str, fn(usize) -> String, [&'static str; 3]);
    let tables: [Case; 12] = [
        ("host", |n| format!("Host(`h{n}.com`)"), ["h7.com", "/", ""]),
        ("host or host", |n| format!("Host(`h{n}.com`) || Host(`www.h{n}.com`)"), ["www.h7.com", "/", ""]),
        ("wildcard", |n| format!("Host(`*.h{n}.com`)"), ["www.h7.com", "/", ""]),
        (
            "wildcard as expression",
            |n| format!(r"HostRegexp(`^[a-z]+\.h{n}\.com$`)"),
            ["www.h7.com", "/", ""],
        ),
        ("path", |n| format!("Path(`/p{n}`)"), ["", "/p7", ""]),
        ("prefix", |n| format!("PathPrefix(`/p{n}/`)"), ["", "/p7/x", ""]),
        ("path expression", |n| format!("PathRegexp(`^/p{n}/[0-9]+$`)"), ["", "/p7/1", ""]),
        ("one host, prefixes", |n| format!("Host(`a`) && PathPrefix(`/p{n}/`)"), ["a", "/p7/", ""]),
        ("hosts, one prefix", |n| format!("PathPrefix(`/`) && Host(`h{n}`)"), ["h7", "/", ""]),
        ("grid", |n| format!("Host(`h{}`) && Path(`/p{}`)", n % 30, n / 30), ["h7", "/p0", ""]),
        ("query", |n| format!("Query(`t`, `{n}`) && Method(`GET`)"), ["", "/", "t=7"]),
        (
            "header",
            |n| format!("Header(`Accept`, `{}`)", if n == 7 { "a".into() } else { n.to_string() }),
            ["", "/", ""],
        ),
    ];
    for (name, rule, [host, path, query]) in tables {
        let table = Table::new((0..1000).map(|n| route(&rule(n), None, 0, &n.to_string())).collect());
        with_request(host, path, query, |view| {
            let candidates: Vec<&str> =
                table.candidates(view).iter().map(|route| route.value.as_str()).collect();
            assert_eq!(candidates, ["7"], "{name}");
            assert_eq!(table.lookup(view).map(|route| route.value.as_str()), Some("7"), "{name}");
        });
    }
}

#[test]
fn routes_without_anchors_keep_their_place() {
    let mut routes: Vec<_> =
        (0..100).map(|n| route(&format!("Host(`h{n}`)"), Some(10), 0, &format!("h{n}"))).collect();
    routes.push(route("!Path(`/free`)", Some(20), 0, "not free"));
    routes.push(route("HeaderRegexp(`Accept`, `.`)", Some(5), 0, "rest"));
    let table = Table::new(routes);
    for (host, path, expected) in [("h7", "/", "not free"), ("h7", "/free", "h7"), ("h700", "/free", "rest")]
    {
        let found = with_request(host, path, "", |view| table.lookup(view).map(|route| route.value.clone()));
        assert_eq!(found.as_deref(), Some(expected), "{host}{path}");
    }
}
