//! Holds three things equal on more than a million random pairs of a rule and a request: what the index
//! finds, what trying each rule in turn finds, and what a model of the rules says that shares no code with
//! either.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{IpAddr, Ipv4Addr};

use ferroway_core::HeaderList;
use ferroway_router::{CompiledRule, Query, RequestView, Route, Syntax, Table, Tie};
use http::{HeaderName, HeaderValue};

const TABLES: usize = 300;
const REQUESTS: usize = 150;

/// SplitMix64: deterministic, and good enough to choose test cases.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % bound
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

const HOSTS: [&str; 9] =
    ["a.com", "b.com", "x.a.com", "y.x.a.com", "a.com.", "c.org", "host", "a.com..", "z.b.com"];
const WILDCARDS: [&str; 4] = ["*.a.com", "*.com", "*.", "*.b.com."];
const PATHS: [&str; 12] =
    ["/", "/a", "/a/", "/a/b", "/ab", "/a/b/c", "/api", "/api/v1", "/api/v1/users", "/b", "/%2F", "/a b"];
const HEADERS: [&str; 3] = ["x-a", "x-b", "accept"];
const VALUES: [&str; 4] = ["1", "2", "red", "a b"];
const METHODS: [&str; 3] = ["GET", "POST", "PURGE"];
const KEYS: [&str; 3] = ["q", "k", "a b"];
/// Expressions with what they mean, and whether they also match nothing at all.
type Meaning = (&'static str, fn(&str) -> bool);
const HOST_REGEXPS: [Meaning; 6] = [
    (r"^a\.com$", |host| host == "a.com"),
    (r"^(a|b)\.com$", |host| host == "a.com" || host == "b.com"),
    (r"^[a-z]+\.a\.com$", |host| host == "x.a.com"),
    (r"\.com$", |host| host.ends_with(".com")),
    ("x", |host| host.contains('x')),
    (".*", |_| true),
];
const PATH_REGEXPS: [Meaning; 5] = [
    ("^/a", |path| path.starts_with("/a")),
    ("^/(a|b)$", |path| path == "/a" || path == "/b"),
    ("^/api/[^/]+$", |path| path == "/api/v1"),
    ("b", |path| path.contains('b')),
    ("^/$", |path| path == "/"),
];

/// A rule as data.
enum Rule {
    Host(&'static str),
    Wildcard(&'static str),
    AnyHost,
    HostRegexp(Meaning),
    Path(&'static str),
    PathPrefix(&'static str),
    PathRegexp(Meaning),
    Header(&'static str, &'static str),
    Method(&'static str),
    Query(&'static str, &'static str),
    Client(u8),
    Not(Box<Rule>),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
}

/// A request as data.
struct Request {
    host: &'static str,
    path: &'static str,
    method: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    query: Vec<(&'static str, &'static str)>,
    client: u8,
}

impl Rule {
    fn random(random: &mut Random, depth: usize) -> Self {
        let inner = |random: &mut Random| Box::new(Self::random(random, depth.saturating_sub(1)));
        match random.below(if depth == 0 { 12 } else { 22 }) {
            0 | 1 => Self::Host(random.pick(&HOSTS)),
            2 => Self::Wildcard(random.pick(&WILDCARDS)),
            3 => Self::HostRegexp(HOST_REGEXPS[random.below(HOST_REGEXPS.len())]),
            4 => Self::Path(random.pick(&PATHS)),
            5 | 6 => Self::PathPrefix(random.pick(&PATHS)),
            7 => Self::PathRegexp(PATH_REGEXPS[random.below(PATH_REGEXPS.len())]),
            8 => Self::Header(random.pick(&HEADERS), random.pick(&VALUES)),
            9 => Self::Method(random.pick(&METHODS)),
            10 => Self::Query(random.pick(&KEYS), random.pick(&VALUES)),
            11 if random.one_in(4) => Self::AnyHost,
            11 => Self::Client(u8::try_from(random.below(4)).unwrap()),
            12 | 13 => Self::Not(inner(random)),
            14..=17 => Self::Or(inner(random), inner(random)),
            _ => Self::And(inner(random), inner(random)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Host(host) | Self::Wildcard(host) => format!("Host(`{host}`)"),
            Self::AnyHost => "Host(`*`)".to_owned(),
            Self::HostRegexp((regexp, _)) => format!("HostRegexp(`{regexp}`)"),
            Self::Path(path) => format!("Path(`{path}`)"),
            Self::PathPrefix(prefix) => format!("PathPrefix(`{prefix}`)"),
            Self::PathRegexp((regexp, _)) => format!("PathRegexp(`{regexp}`)"),
            Self::Header(name, value) => format!("Header(`{name}`, `{value}`)"),
            Self::Method(method) => format!("Method(`{method}`)"),
            Self::Query(key, value) => format!("Query(`{key}`, `{value}`)"),
            Self::Client(number) => format!("ClientIP(`10.0.{number}.0/24`)"),
            Self::Not(rule) => format!("!({})", rule.text()),
            Self::And(a, b) => format!("({}) && ({})", a.text(), b.text()),
            Self::Or(a, b) => format!("({}) || ({})", a.text(), b.text()),
        }
    }

    fn matches(&self, request: &Request) -> bool {
        let dotless = |text: &'static str| text.strip_suffix('.').unwrap_or(text);
        match self {
            Self::Host(host) => {
                *host == request.host || dotless(host) == request.host || *host == dotless(request.host)
            }
            Self::Wildcard(pattern) => {
                let behind_first_label =
                    |host: &str| host.split_once('.').map_or(String::new(), |(_, end)| format!(".{end}"));
                let hits = |host: &str, pattern: &str| behind_first_label(host) == pattern[1..];
                let host = request.host;
                hits(host, pattern) || hits(host, dotless(pattern)) || hits(dotless(host), pattern)
            }
            Self::AnyHost => true,
            Self::HostRegexp((_, meaning)) => meaning(request.host),
            Self::Path(path) => *path == request.path,
            Self::PathPrefix(prefix) => request.path.starts_with(prefix),
            Self::PathRegexp((_, meaning)) => meaning(request.path),
            Self::Header(name, value) => request.headers.contains(&(name, value)),
            Self::Method(method) => *method == request.method,
            Self::Query(key, value) => request.query.contains(&(key, value)),
            Self::Client(number) => *number == request.client,
            Self::Not(rule) => !rule.matches(request),
            Self::And(a, b) => a.matches(request) && b.matches(request),
            Self::Or(a, b) => a.matches(request) || b.matches(request),
        }
    }
}

impl Request {
    fn random(random: &mut Random) -> Self {
        let pairs = |random: &mut Random, names: &[&'static str]| {
            (0..random.below(4)).map(|_| (random.pick(names), random.pick(&VALUES))).collect()
        };
        Self {
            host: random.pick(&HOSTS),
            path: random.pick(&PATHS),
            method: random.pick(&METHODS),
            headers: pairs(random, &HEADERS),
            query: pairs(random, &KEYS),
            client: u8::try_from(random.below(4)).unwrap(),
        }
    }

    fn with_view<R>(&self, look: impl FnOnce(&RequestView<'_>) -> R) -> R {
        let mut headers = HeaderList::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let pairs: Vec<String> =
            self.query.iter().map(|(key, value)| format!("{key}={value}").replace(' ', "+")).collect();
        let query = pairs.join("&");
        look(&RequestView {
            host: self.host,
            path: self.path,
            method: self.method,
            headers: &headers,
            query: Query::new(Some(&query)),
            client: IpAddr::V4(Ipv4Addr::new(10, 0, self.client, 7)),
        })
    }
}

/// A table of random size, shape and priorities, whose routes lead to their rules.
fn random_table(random: &mut Random) -> Table<Rule> {
    let size = [3, 20, 60, 120][random.below(4)];
    let depth = random.below(4);
    let priorities = [1, 3, 1000][random.below(3)];
    let routes = (0..size).map(|number| {
        let model = Rule::random(random, depth);
        let rule = CompiledRule::compile(&model.text(), Syntax::V3).expect("the model writes valid rules");
        let priority = match priorities {
            1000 => rule.default_priority(),
            few => i64::try_from(random.below(few)).unwrap() - 1,
        };
        // A third of the routes tie by name, too, and keep the order in which they came.
        let tie = Tie {
            provider: u32::try_from(random.below(2)).unwrap(),
            name: format!("r{}", number % 40).into(),
        };
        Route { rule, priority, tie, value: model }
    });
    Table::new(routes.collect())
}

#[test]
fn index_rules_and_model_agree() {
    let mut random = Random(2026);
    let (mut pairs, mut hits, mut candidates) = (0, 0, 0);
    for _ in 0..TABLES {
        let table = random_table(&mut random);
        for _ in 0..REQUESTS {
            let request = Request::random(&mut random);
            let expected = table.routes().iter().position(|route| route.value.matches(&request));
            let place = |route: Option<&Route<Rule>>| {
                route.and_then(|found| table.routes().iter().position(|route| std::ptr::eq(route, found)))
            };
            request.with_view(|view| {
                let context = || format!("host {} path {} {:?}", request.host, request.path, request.query);
                assert_eq!(place(table.lookup_naive(view)), expected, "{}", context());
                assert_eq!(place(table.lookup(view)), expected, "{}", context());
                for route in table.routes() {
                    assert_eq!(
                        route.rule.matches(view),
                        route.value.matches(&request),
                        "{} {}",
                        route.rule.text(),
                        context()
                    );
                }
                let considered = table.candidates(view);
                assert!(
                    considered.is_sorted_by_key(|route| place(Some(route))),
                    "candidates are out of order"
                );
                candidates += considered.len();
            });
            pairs += table.routes().len();
            hits += usize::from(expected.is_some());
        }
    }
    assert!(pairs >= 1_000_000, "{pairs} pairs");
    // The test would be empty if everything or nothing matched, or if the index proposed everything.
    let requests = TABLES * REQUESTS;
    assert!(hits > requests / 4 && hits < requests * 99 / 100, "{hits} of {requests} requests matched");
    assert!(candidates < pairs * 3 / 4, "{candidates} candidates of {pairs}");
}
