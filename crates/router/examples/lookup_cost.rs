//! Shows what a lookup costs, and a rebuild, for tables of 10 to 100,000 routes.
//!
//! Run with `cargo run --profile fast -p ferroway-router --example lookup_cost`.
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use ferroway_core::HeaderList;
use ferroway_router::{CompiledRule, Query, RequestView, Route, Syntax, Table, Tie};
use http::{HeaderName, HeaderValue};

const SIZES: [usize; 3] = [10, 10_000, 100_000];
const LOOKUPS: usize = 1_000_000;
/// Requests go to so many different routes in turn.
const SPREAD: usize = 1024;

/// How the routes of a table differ.
struct Shape {
    name: &'static str,
    /// The rule of a route.
    rule: fn(usize) -> String,
    /// Host, path, value of X-Tenant and query of a request for it.
    request: fn(usize) -> [String; 4],
}

const SHAPES: [Shape; 9] = [
    Shape {
        name: "Host",
        rule: |n| format!("Host(`app-{n}.example.com`)"),
        request: |n| [format!("app-{n}.example.com"), "/".into(), String::new(), String::new()],
    },
    Shape {
        name: "Host && PathPrefix, all hosts equal",
        rule: |n| format!("Host(`example.com`) && PathPrefix(`/service-{n}/`)"),
        request: |n| ["example.com".into(), format!("/service-{n}/users/42"), String::new(), String::new()],
    },
    Shape {
        name: "Host && PathPrefix, a grid",
        rule: |n| format!("Host(`app-{}.example.com`) && PathPrefix(`/service-{}/`)", n % 300, n / 300),
        request: |n| {
            [
                format!("app-{}.example.com", n % 300),
                format!("/service-{}/users/42", n / 300),
                String::new(),
                String::new(),
            ]
        },
    },
    Shape {
        name: "Path",
        rule: |n| format!("Path(`/service-{n}`)"),
        request: |n| [String::new(), format!("/service-{n}"), String::new(), String::new()],
    },
    Shape {
        name: "PathPrefix",
        rule: |n| format!("PathPrefix(`/service-{n}/`)"),
        request: |n| [String::new(), format!("/service-{n}/users/42"), String::new(), String::new()],
    },
    Shape {
        name: "PathRegexp",
        rule: |n| format!("PathRegexp(`^/service-{n}/[0-9]+$`)"),
        request: |n| [String::new(), format!("/service-{n}/42"), String::new(), String::new()],
    },
    Shape {
        name: "Host(`*.…`)",
        rule: |n| format!("Host(`*.app-{n}.example.com`)"),
        request: |n| [format!("www.app-{n}.example.com"), "/".into(), String::new(), String::new()],
    },
    Shape {
        name: "PathPrefix(`/`) && Header",
        rule: |n| format!("PathPrefix(`/`) && Header(`X-Tenant`, `tenant-{n}`)"),
        request: |n| ["example.com".into(), "/".into(), format!("tenant-{n}"), String::new()],
    },
    Shape {
        name: "Query",
        rule: |n| format!("Query(`tenant`, `tenant-{n}`)"),
        request: |n| ["example.com".into(), "/".into(), String::new(), format!("a=b&tenant=tenant-{n}")],
    },
];

fn main() {
    println!("{:38}{:>9}{:>10}{:>12}{:>12}{:>12}", "shape", "routes", "build", "compile", "hit", "miss");
    for shape in &SHAPES {
        for size in SIZES {
            measure(shape, size);
        }
    }
}

fn measure(shape: &Shape, size: usize) {
    // A hundred thousand expressions need gigabytes, for whatever router.
    let size = if shape.name.contains("Regexp") { size.min(10_000) } else { size };
    let started = Instant::now();
    let rules: Vec<Arc<CompiledRule>> = (0..size)
        .map(|number| {
            CompiledRule::compile(&(shape.rule)(number), Syntax::V3).expect("shapes are valid rules")
        })
        .collect();
    let compile = started.elapsed();

    let mut build = std::time::Duration::MAX;
    let mut table = None;
    for _ in 0..5 {
        // In no order, as routes come out of a hash map.
        let routes: Vec<Route<usize>> = (0..size)
            .map(|place| {
                let value = place * 7919 % size;
                let rule = &rules[value];
                let tie = Tie { provider: 0, name: format!("router-{value}@file").into() };
                Route { rule: rule.clone(), priority: rule.default_priority(), tie, value }
            })
            .collect();
        let started = Instant::now();
        table = Some(Table::new(routes));
        build = build.min(started.elapsed());
    }
    let table = table.expect("it was built");
    let hit = lookups(&table, shape, size, 0);
    let miss = lookups(&table, shape, size, 7_000_000);
    println!(
        "{:38}{size:>9}{:>7.1} ms{:>9.1} ms{hit:>9.0} ns{miss:>9.0} ns",
        shape.name,
        build.as_secs_f64() * 1e3,
        compile.as_secs_f64() * 1e3,
    );
}

/// Nanoseconds for a lookup of requests for the routes from `offset` on, which must all be found or all be
/// missing.
fn lookups(table: &Table<usize>, shape: &Shape, size: usize, offset: usize) -> f64 {
    let numbers: Vec<usize> = (0..SPREAD).map(|number| number * 7919 % size + offset).collect();
    let requests: Vec<([String; 4], HeaderList)> = numbers
        .iter()
        .map(|number| {
            let texts = (shape.request)(*number);
            let mut headers = HeaderList::new();
            for (name, value) in
                [("user-agent", "curl/8.0"), ("accept", "*/*"), ("x-request-id", "0123456789")]
            {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            if !texts[2].is_empty() {
                let tenant = HeaderValue::from_str(&texts[2]).expect("tenants are plain");
                headers.append(HeaderName::from_static("x-tenant"), tenant);
            }
            (texts, headers)
        })
        .collect();
    let started = Instant::now();
    for round in 0..LOOKUPS {
        let (texts, headers) = &requests[round % SPREAD];
        let request = RequestView {
            host: &texts[0],
            path: &texts[1],
            method: "GET",
            headers,
            query: Query::new(Some(&texts[3])),
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let found = black_box(table.lookup(black_box(&request))).map(|route| route.value);
        assert_eq!(found, (offset == 0).then_some(numbers[round % SPREAD]));
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(LOOKUPS).expect("it is a million"))
}
