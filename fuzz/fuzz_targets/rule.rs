//! Rules: compiling is deterministic, errors point into the text, and the index agrees with the rules themselves.
//!
//! An input is a rule, and behind a line that starts with `@ ` a request that it is tried on: method, host, target and a
//! field, separated by spaces.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use ferroway_core::HeaderList;
use ferroway_router::{
    CompiledRule, Outcome, Query, RequestView, Route, RuleError, Syntax, Table, Tie, canonical_host,
    routing_path,
};
use http::{HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (rule, request) = text.split_once("\n@ ").unwrap_or((text, ""));
    for syntax in [Syntax::V3, Syntax::V2] {
        match (CompiledRule::compile(rule, syntax), CompiledRule::compile(rule, syntax)) {
            (Ok(compiled), Ok(again)) => {
                check_problems(rule, compiled.warnings());
                assert_eq!(compiled.warnings(), again.warnings());
                assert_eq!(compiled.text(), rule);
                for request in REQUESTS.iter().copied().chain([request]) {
                    check_request(&compiled, &again, request);
                }
            }
            (Err(error), Err(again)) => {
                check_problems(rule, std::slice::from_ref(&error));
                assert_eq!(error, again);
            }
            _ => panic!("the same rule compiles once and not again"),
        }
    }
});

/// Requests that every rule is tried on.
const REQUESTS: [&str; 3] =
    ["GET a.test /", "POST www.example.com:8080 /api/v1/x?k=v&k= x-a: b", "PUT [::1] /%7e//a%2fb?q"];

/// Other routes of the table, some of them before the rule and some behind it.
static OTHERS: LazyLock<Vec<Arc<CompiledRule>>> = LazyLock::new(|| {
    ["Host(`a.test`)", "PathPrefix(`/api`)", "Method(`PUT`) && !Path(`/`)", "HeaderRegexp(`X-A`, `^b`)"]
        .map(|text| CompiledRule::compile(text, Syntax::V3).expect("a valid rule"))
        .to_vec()
});

/// Errors and warnings stand somewhere in the text, and can be shown.
fn check_problems(text: &str, problems: &[RuleError]) {
    for problem in problems {
        assert!(!problem.message.is_empty());
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len(), "{problem:?}");
        assert!(problem.position.line <= text.split('\n').count(), "{problem:?}");
        assert!(problem.render(text).contains(&problem.message));
    }
}

/// A rule answers the same in whatever way it is asked.
fn check_request(compiled: &Arc<CompiledRule>, again: &CompiledRule, request: &str) {
    let mut parts = request.splitn(4, ' ');
    let mut part = || parts.next().unwrap_or_default();
    let (method, host, target, field) = (part(), canonical_host(part()), part(), part());
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let Some(path) = routing_path(path) else { return };
    let mut headers = HeaderList::new();
    if let Some((name, value)) = field.split_once(": ")
        && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
    {
        headers.append(name, value);
    }
    let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let view =
        RequestView { host: &host, path: &path, method, headers: &headers, query: Query::new(query), client };

    let matches = compiled.matches(&view);
    assert_eq!(again.matches(&view), matches);
    match compiled.explain(&view) {
        Outcome::Match => assert!(matches),
        // A rule without alternatives left has nothing to blame.
        Outcome::NoMatch(_) => assert!(!matches),
    }
    let table = table(compiled);
    let found = table.lookup(&view).map(|route| route.value);
    assert_eq!(found, table.lookup_naive(&view).map(|route| route.value), "the index differs from the rules");
}

/// The rule among others.
fn table(rule: &Arc<CompiledRule>) -> Table<usize> {
    let routes = OTHERS.iter().chain([rule]).enumerate().map(|(value, rule)| Route {
        rule: Arc::clone(rule),
        priority: rule.default_priority(),
        tie: Tie { provider: 0, name: Arc::from("r") },
        value,
    });
    Table::new(routes.collect())
}
