//! Runs middlewares without a server: configuration, request and response are text, and so is what comes out.
//!
//! A request reads `GET http://foo:80/x | X-A: b`, a response `200 | X-A: b`. Requests are brought to normal form and get
//! `X-Forwarded-Proto`, as at an entry point. Pseudo fields: `@peer: 10.0.0.1` is where the client is, `@raw: 1` leaves
//! dot segments and doubled slashes in the path.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use ferroway_config::dynamic::{Dynamic, decode_dynamic};
use ferroway_config::{Format, Source};
use ferroway_core::header::{X_FORWARDED_PROTO, canonical};
use ferroway_core::{
    Body, ConnInfo, Exchange, Flow, HeaderList, InterimQueue, Middleware, RequestHead, Response, State, Step,
    Target,
};
use http::header::HOST;
use http::{HeaderName, HeaderValue, StatusCode, Version};

use crate::{BuildContext, BuildError, build_chain, url};

/// What the server sees of a request that passes middleware `m`, or the answer that the client gets instead.
pub(crate) fn sent(middleware: &str, request: &str) -> String {
    let (server, client) = exchange(&format!("m: {{{middleware}}}"), &["m"], request, "200");
    server.unwrap_or(client)
}

/// What the client gets when the request passes the middleware and the server answers with `response`.
pub(crate) fn received(middleware: &str, request: &str, response: &str) -> String {
    exchange(&format!("m: {{{middleware}}}"), &["m"], request, response).1
}

/// Why the middleware cannot be built.
pub(crate) fn problem(middleware: &str) -> String {
    match build(&format!("m: {{{middleware}}}"), &["m"]) {
        Ok(_) => "it can be built".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// The answer to a request that is refused.
pub(crate) const BAD_REQUEST: &str =
    "400 | Content-Type: text/plain; charset=utf-8 | X-Content-Type-Options: nosniff | \"Bad Request\\n\"";

/// Compares what [`sent`] gives for the requests.
pub(crate) fn check_sent(middleware: &str, cases: &[(&str, &str)]) {
    for (request, expected) in cases {
        assert_eq!(sent(middleware, request), *expected, "{request} through {middleware}");
    }
}

/// Compares the beginnings of what [`problem`] gives.
pub(crate) fn check_problems(cases: &[(&str, &str)]) {
    for (middleware, expected) in cases {
        let problem = problem(middleware);
        assert!(problem.starts_with(expected), "{middleware} gives {problem:?}, expected {expected:?}");
    }
}

/// The running chain of the middlewares of these names, defined in `middlewares` (the part of a document).
pub(crate) fn build(middlewares: &str, names: &[&str]) -> Result<Vec<Step>, BuildError> {
    let dynamic = decode(middlewares);
    let definitions = |name: &str| {
        let name = name.strip_suffix("@file")?;
        dynamic.http.middlewares.get(name).map(|object| Arc::clone(&object.value))
    };
    let names: Vec<String> = names.iter().copied().map(str::to_owned).collect();
    build_chain(&names, "file", &BuildContext { definitions: &definitions, unavailable: &|_, _| {} })
}

fn decode(middlewares: &str) -> Dynamic {
    let document = format!("http:\n  middlewares:\n    {}\n", middlewares.replace('\n', "\n    "));
    let node = Format::Yaml.load(&Source::file("test.yml", document.as_str())).expect("YAML");
    let (dynamic, problems) = decode_dynamic(&node);
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?} in {document}");
    dynamic
}

/// What the server sees, where the request reaches it, and what the client gets.
pub(crate) fn exchange(
    middlewares: &str,
    names: &[&str],
    request: &str,
    response: &str,
) -> (Option<String>, String) {
    let chain = build(middlewares, names).expect("valid middlewares");
    let (mut head, mut exchange) = parse_request(request);
    run(&chain, &mut head, &mut exchange, response)
}

/// The synchronous part of `ferroway_core::run_chain`.
fn run(
    chain: &[Step],
    head: &mut RequestHead,
    exchange: &mut Exchange,
    response: &str,
) -> (Option<String>, String) {
    let mut passed: Vec<(&Step, Option<State>)> = Vec::new();
    let mut answer = None;
    for step in chain {
        let Middleware::Filter(filter) = &step.middleware else { panic!("{} is no filter", step.kind) };
        match filter.request(head, exchange) {
            Flow::Next => passed.push((step, None)),
            Flow::Keep(state) => passed.push((step, Some(state))),
            Flow::Answer(response) => {
                answer = Some(*response);
                break;
            }
        }
    }
    let server = answer.is_none().then(|| show_request(head, exchange));
    let mut response = answer.unwrap_or_else(|| parse_response(response));
    for (step, state) in passed.into_iter().rev() {
        if let Middleware::Filter(filter) = &step.middleware {
            filter.response(state, &mut response.head, exchange);
        }
    }
    (server, show_response(&response))
}

/// A request as an entry point hands it to a router.
pub(crate) fn parse_request(text: &str) -> (RequestHead, Exchange) {
    let mut parts = text.split(" | ");
    let (method, target) = parts.next().and_then(|line| line.split_once(' ')).expect("method and target");
    let tls = target.starts_with("https:");
    let parsed = Target::parse(target.as_bytes()).expect("a valid target");
    let host = parsed.authority.unwrap_or(b"a.test");
    let mut head = RequestHead {
        method: method.parse().expect("a method"),
        target: parsed.target,
        version: Version::HTTP_11,
        host: HeaderValue::from_bytes(host).expect("a host"),
        headers: HeaderList::new(),
        connection: Vec::new(),
        upgrade: None,
        accepts_trailers: false,
    };
    head.headers.insert(X_FORWARDED_PROTO, proto(tls));
    let mut peer = IpAddr::from(Ipv4Addr::LOCALHOST);
    let mut sanitise = true;
    for field in parts {
        let (name, value) = field.split_once(':').expect("a field");
        match (name, value.trim()) {
            ("@peer", address) => peer = address.parse().expect("an address"),
            ("@raw", _) => sanitise = false,
            ("Te", "trailers") => head.accepts_trailers = true,
            ("Upgrade", protocol) => head.upgrade = Some(HeaderValue::from_str(protocol).expect("a value")),
            ("X-Forwarded-Proto", proto) => {
                head.headers.insert(X_FORWARDED_PROTO, HeaderValue::from_str(proto).expect("a value"));
            }
            (name, value) => append(&mut head.headers, name, value),
        }
    }
    if sanitise {
        head.target.sanitise();
    }
    let tls = tls.then(ferroway_core::TlsInfo::default);
    let conn = ConnInfo { tls, ..ConnInfo::new("web".into(), SocketAddr::from((peer, 1))) };
    (head, Exchange::new(Rc::new(conn), InterimQueue::default(), Instant::now()))
}

pub(crate) fn parse_response(text: &str) -> Response {
    let mut parts = text.split(" | ");
    let status = parts.next().and_then(|status| status.parse::<StatusCode>().ok()).expect("a status");
    let mut response = Response::new(status);
    for (name, value) in parts.filter_map(|field| field.split_once(':')) {
        append(&mut response.head.headers, name, value.trim());
    }
    response
}

fn append(headers: &mut HeaderList, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
    headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
}

fn proto(tls: bool) -> HeaderValue {
    HeaderValue::from_static(if tls { "https" } else { "http" })
}

pub(crate) fn show_request(head: &RequestHead, exchange: &Exchange) -> String {
    let mut headers = head.headers.clone();
    if headers.get(&X_FORWARDED_PROTO) == Some(&proto(exchange.conn.is_tls())) {
        headers.remove(&X_FORWARDED_PROTO);
    }
    if head.host != "a.test" {
        headers.insert(HOST, head.host.clone());
    }
    let mut shown = format!("{} ", head.method);
    url::push_target(&mut shown, &head.target);
    shown.push_str(&show_fields(&headers));
    if let Some(upgrade) = &head.upgrade {
        shown.push_str(&format!(" | Upgrade: {}", upgrade.to_str().expect("text")));
    }
    if head.accepts_trailers {
        shown.push_str(" | Te: trailers");
    }
    if exchange.suppress_forwarded_for {
        shown.push_str(" | no X-Forwarded-For");
    }
    shown
}

pub(crate) fn show_response(response: &Response) -> String {
    let mut shown = format!("{}{}", response.head.status.as_u16(), show_fields(&response.head.headers));
    match &response.body {
        Body::Empty => {}
        Body::Full(bytes) => shown.push_str(&format!(" | {:?}", String::from_utf8_lossy(bytes))),
        other => panic!("{other:?}"),
    }
    shown
}

/// The fields by name, those of one name in their order.
fn show_fields(headers: &HeaderList) -> String {
    let mut fields: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (canonical(name), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    fields.iter().map(|(name, value)| format!(" | {name}: {value}")).collect()
}
