//! The API over configurations as people write them.

use std::sync::Arc;

use ferroway_config::decode::Context as Decoding;
use ferroway_config::dynamic::decode_dynamic;
use ferroway_config::static_config::{HttpProvider, RedisProvider, Static};
use ferroway_config::{Format, Source};
use ferroway_control::{Context, EntryPointContext, Planner, Providers};
use http::{Method, StatusCode};

use crate::{Answer, Api, Facts, Question, Readiness, Running, Servers, Target};

const STATIC: &str = "
api: {basePath: /base}
entryPoints:
  web: {address: ':80'}
  alt: {address: ':81'}
  udp: {address: ':82/udp'}
";

const DYNAMIC: &str = "
http:
  routers:
    one: {rule: 'Host(`a.test`) && Path(`/<b>`)', service: s, middlewares: [auth], entryPoints: [web]}
    two: {rule: 'Path(`/2`)', service: w}
    'a/b': {rule: 'Bad(`x`)', service: s, entryPoints: [web]}
    lost: {rule: 'Path(`/3`)', service: s, entryPoints: [nowhere]}
    odd: {rule: 'Path(`/4`)', service: s, entryPoints: [nowhere, web], priority: 7}
    api: {rule: 'Path(`/5`)', service: api@internal, tls: {}}
  services:
    s: {loadBalancer: {servers: [{url: 'http://u:secret@127.0.0.1:1'}, {url: 'http://b', weight: 1}]}}
    w: {weighted: {services: [{name: s}]}}
    unused: {loadBalancer: {servers: [{url: 'http://c'}]}}
  middlewares:
    auth: {basicAuth: {users: ['test:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/']}}
    head: {headers: {customRequestHeaders: {Authorization: Bearer geheim, X-Plain: open}}}
tcp:
  routers:
    t: {rule: 'HostSNI(`*`)', service: ts, entryPoints: [alt]}
  services:
    ts: {loadBalancer: {servers: [{address: '127.0.0.1:5'}]}}
udp:
  routers:
    u: {service: us}
  services:
    us: {loadBalancer: {servers: [{address: '127.0.0.1:6'}]}}
";

struct Up;

impl Servers for Up {
    fn http(&self, service: &str) -> Vec<(String, bool)> {
        match service {
            "s@file" => {
                vec![("http://u:secret@127.0.0.1:1".to_owned(), true), ("http://b".to_owned(), false)]
            }
            _ => vec![("http://c".to_owned(), true)],
        }
    }

    fn tcp(&self, _: &str) -> Vec<(String, bool)> {
        vec![("127.0.0.1:5".to_owned(), true)]
    }
}

/// Asks about the configuration above.
fn ask(method: Method, target: Target, path: &str) -> Answer {
    let node = Format::Yaml.load(&Source::file("static.yml", STATIC)).expect("YAML");
    let mut config = Static::default();
    config.decode_parts(&node, &mut Decoding::new());
    config.providers.redis = Some(RedisProvider { password: "geheim".to_owned(), ..Default::default() });
    config.providers.http = Some(HttpProvider {
        endpoint: "https://u:geheim@conf/?token=geheim".to_owned(),
        headers: [("X-Token".to_owned(), "geheim".to_owned())].into(),
        ..Default::default()
    });
    let node = Format::Yaml.load(&Source::file("dyn.yml", DYNAMIC)).expect("YAML");
    let (dynamic, problems) = decode_dynamic(&node);
    assert!(problems.is_empty(), "{problems:?}");
    let mut providers = Providers::default();
    providers.0.insert("file".into(), Arc::new(dynamic));
    let point = |name: &str| EntryPointContext {
        name: name.into(),
        is_default: true,
        middlewares: Vec::new(),
        tls: None,
    };
    let plan = Planner::new(Context {
        entry_points: vec![point("alt"), point("web")],
        udp_entry_points: vec!["udp".into()],
        precedence: Vec::new(),
        strict_tls_options: false,
        default_syntax: ferroway_router::Syntax::V3,
        internal_services: vec!["noop", "api"],
        certificate_resolvers: Default::default(),
    })
    .plan(providers);
    let readiness = Readiness { providers: vec![("file", true), ("http", false)] };
    let running = Running {
        version: 1,
        plan: &plan,
        problems: &[],
        sources: &[],
        readiness: &readiness,
        middlewares: &|| [("auth@file".into(), "not there".to_owned())].into(),
        servers: &Up,
        certificates: &Vec::new,
        now: 0,
        figures: &[],
    };
    let facts = Facts::new(&config, "1.2.3", "2026-01-02T03:04:05Z".to_owned(), vec!["noop", "api"]);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let question = Question {
        target,
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        prefix: "/outer/".to_owned(),
    };
    Api::new(facts).answer(&question, &running)
}

fn get(path: &str) -> (u16, String) {
    let answer = ask(Method::GET, Target::Api, path);
    (answer.status.as_u16(), String::from_utf8(answer.body.to_vec()).expect("UTF-8").trim_end().to_owned())
}

/// The names in the list that a path answers with, and the next page.
fn names(path: &str) -> (String, String) {
    let answer = ask(Method::GET, Target::Api, path);
    let body = String::from_utf8(answer.body.to_vec()).expect("UTF-8");
    let names: Vec<&str> = body
        .split("\"name\":\"")
        .skip(1)
        .filter_map(|rest| rest.split("@file\",\"provider").next())
        .collect();
    let names: Vec<&str> = names.into_iter().filter(|name| name.len() < 10).collect();
    let next = answer.headers.iter().find(|(name, _)| *name == "x-next-page").map(|(_, value)| value.clone());
    (names.join(" "), next.unwrap_or_else(|| answer.status.to_string()))
}

#[test]
fn objects_in_traefiks_shapes() {
    let recorded = r#""accessLogs":true,"metrics":true,"tracing":true,"traceVerbosity":"minimal""#;
    for (path, expected) in [
        (
            "/base/api/http/routers/one@file",
            format!(
                r#"{{"entryPoints":["web"],"middlewares":["auth@file"],"service":"s","rule":"Host(`a.test`) \u0026\u0026 Path(`/\u003cb\u003e`)","priority":30,"observability":{{{recorded}}},"status":"enabled","using":["web"],"name":"one@file","provider":"file","priorityStr":"30"}}"#
            ),
        ),
        (
            "/base/api/http/routers/lost@file",
            format!(
                r#"{{"entryPoints":["nowhere"],"service":"s","rule":"Path(`/3`)","observability":{{{recorded}}},"error":["entryPoint \"nowhere\" doesn't exist","no valid entryPoint for this router"],"status":"disabled","name":"lost@file","provider":"file","priorityStr":"0"}}"#
            ),
        ),
        (
            "/base/api/http/services/s@file",
            r#"{"loadBalancer":{"servers":[{"url":"http://u:xxxx@127.0.0.1:1"},{"url":"http://b","weight":1}],"strategy":"wrr","passHostHeader":true,"responseForwarding":{"flushInterval":"100ms"}},"status":"enabled","usedBy":["a/b@file","lost@file","odd@file","one@file"],"name":"s@file","provider":"file","type":"loadbalancer","serverStatus":{"http://b":"DOWN","http://u:xxxx@127.0.0.1:1":"UP"}}"#.to_owned(),
        ),
        (
            "/base/api/http/services/unused@file",
            r#"{"loadBalancer":{"servers":[{"url":"http://c"}],"strategy":"wrr","passHostHeader":true,"responseForwarding":{"flushInterval":"100ms"}},"status":"enabled","name":"unused@file","provider":"file","type":"loadbalancer"}"#.to_owned(),
        ),
        (
            "/base/api/http/services/api@internal",
            r#"{"status":"enabled","usedBy":["api@file"],"name":"api@internal","provider":"internal"}"#.to_owned(),
        ),
        (
            "/base/api/http/middlewares/auth@file",
            r#"{"basicAuth":{"users":["xxxx"]},"error":["not there"],"status":"disabled","usedBy":["one@file"],"name":"auth@file","provider":"file","type":"basicauth"}"#.to_owned(),
        ),
        (
            "/base/api/http/middlewares/head@file",
            r#"{"headers":{"customRequestHeaders":{"Authorization":"xxxx","X-Plain":"open"}},"status":"enabled","name":"head@file","provider":"file","type":"headers"}"#.to_owned(),
        ),
        (
            "/base/api/tcp/routers/t@file",
            r#"{"entryPoints":["alt"],"service":"ts","rule":"HostSNI(`*`)","priority":-1,"status":"enabled","using":["alt"],"name":"t@file","provider":"file","priorityStr":"-1"}"#.to_owned(),
        ),
        (
            "/base/api/tcp/services",
            r#"[{"loadBalancer":{"servers":[{"address":"127.0.0.1:5"}]},"status":"enabled","usedBy":["t@file"],"name":"ts@file","provider":"file","type":"loadbalancer","serverStatus":{"127.0.0.1:5":"UP"}}]"#.to_owned(),
        ),
        (
            "/base/api/udp/routers",
            r#"[{"service":"us","status":"enabled","using":["udp"],"name":"u@file","provider":"file"}]"#.to_owned(),
        ),
        ("/base/api/tcp/middlewares", "[]".to_owned()),
        (
            "/base/api/version",
            r#"{"Version":"1.2.3","Codename":"ferroway","startDate":"2026-01-02T03:04:05Z"}"#.to_owned(),
        ),
        (
            "/base/api/entrypoints/udp",
            r#"{"address":":82/udp","transport":{"lifeCycle":{"graceTimeOut":"10s"},"respondingTimeouts":{"readTimeout":"1m0s","idleTimeout":"3m0s"}},"forwardedHeaders":{},"http":{"sanitizePath":true,"maxHeaderBytes":1048576},"http2":{"maxConcurrentStreams":250,"maxDecoderHeaderTableSize":4096,"maxEncoderHeaderTableSize":4096},"udp":{"timeout":"3s"},"name":"udp"}"#.to_owned(),
        ),
    ] {
        assert_eq!(get(path), (200, expected), "{path}");
    }
    let (_, all) = get("/base/api/rawdata");
    assert!(all.contains(r#""tcpRouters":{"t@file":{"entryPoints":["alt"]"#), "{all}");
    assert!(all.contains(r#""rule":"Path(`/2`)","priority":10,"#) && all.contains(r#""tls":{}"#), "{all}");
    assert!(get("/base/api/http/routers/api@file").1.contains(r#""tls":{"options":"default"}"#));
    assert!(!all.contains("secret") && !all.contains("geheim") && !all.contains("apr1"), "{all}");
    let (_, overview) = get("/base/api/overview");
    assert!(overview.starts_with(r#"{"http":{"routers":{"total":6,"warnings":1,"errors":2}"#), "{overview}");
}

#[test]
fn lists_are_filtered_sorted_and_paged() {
    for (query, expected, next) in [
        ("", "a/b api lost odd one two", "1"),
        ("?direction=desc", "two one odd lost api a/b", "1"),
        ("?sortBy=priority", "lost odd a/b api two one", "1"),
        ("?sortBy=status&direction=desc", "odd two one api lost a/b", "1"),
        ("?sortBy=entryPoints&direction=x", "two odd api one lost a/b", "1"),
        ("?sortBy=nothing", "a/b api lost odd one two", "1"),
        ("?per_page=2", "a/b api", "2"),
        ("?per_page=2&page=3", "one two", "1"),
        ("?search=HOST", "one", "1"),
        ("?search=ODD", "odd", "1"),
        ("?status=Disabled", "a/b lost", "1"),
        ("?serviceName=w@file", "two", "1"),
        ("?serviceName=api", "", "1"),
        ("?serviceName=api%40internal", "api", "1"),
        ("?middlewareName=auth@file", "one", "1"),
        ("?page=2&per_page=9", "", "400 Bad Request"),
    ] {
        let path = format!("/base/api/http/routers{query}");
        assert_eq!(names(&path), (expected.to_owned(), next.to_owned()), "{path}");
    }
    assert_eq!(names("/base/api/http/services?sortBy=servers&direction=desc").0, "s unused w");
    assert_eq!(names("/base/api/http/services?sortBy=type").0, "s unused w");
}

#[test]
fn errors_are_those_of_traefik() {
    let error = |words: &str| format!(r#"{{"message":"{words}"}}"#);
    for (path, status, expected) in [
        ("/base/api/http/routers/one", 404, error("router not found: one")),
        (
            "/base/api/http/routers/%41%zz",
            400,
            error(r#"unable to decode routerID \"%41%zz\": invalid URL escape"#),
        ),
        ("/base/api/udp/services/x@y", 404, error("service not found: x@y")),
        ("/base/api/tcp/middlewares/x@y", 404, error("middleware not found: x@y")),
        ("/base/api/entrypoints/x", 404, error("entry point not found: x")),
        ("/base/api/http/routers?page=0", 400, error("invalid request: page: 0")),
        ("/base/api/http/routers?page=x", 400, error("invalid request: page: 0")),
        ("/base/api/http/routers?per_page=-3", 400, error("invalid request: per_page: -3")),
        (
            "/base/api/http/routers?page=99999999999999999999",
            400,
            error("invalid request: page: 9223372036854775807"),
        ),
        (
            "/base/api/http/routers?page=9223372036854775807",
            400,
            error("invalid request: page: 9223372036854775807, per_page: 100"),
        ),
        ("/base/api/nothing", 404, "404 page not found".to_owned()),
        ("/base/api/http/routers/", 404, "404 page not found".to_owned()),
        ("/base/api/http/routersx", 404, "404 page not found".to_owned()),
        ("/base/api", 404, "404 page not found".to_owned()),
        ("/api/rawdata", 404, "404 page not found".to_owned()),
        ("/base/debug/vars", 404, "404 page not found".to_owned()),
    ] {
        assert_eq!(get(path), (status, expected), "{path}");
    }
    assert_eq!(get("/base/api/http/routers/a%2Fb@file").0, 200);
    for method in [Method::HEAD, Method::POST, Method::OPTIONS] {
        let answer = ask(method, Target::Api, "/base/api/http/routers/one@file");
        assert_eq!((answer.status, answer.body.len()), (StatusCode::METHOD_NOT_ALLOWED, 0));
    }
}

#[test]
fn the_way_to_the_dashboard_and_readiness() {
    let answer = ask(Method::GET, Target::Api, "/base");
    let location =
        answer.headers.iter().find(|(name, _)| *name == "location").map(|(_, value)| value.as_str());
    assert_eq!((answer.status, location), (StatusCode::FOUND, Some("/outer/base/dashboard/")));
    for (path, expected) in [
        ("/base/ready", (503, r#"{"ready":false,"waitingFor":["http"]}"#)),
        ("/base/ready?providers=file", (200, r#"{"ready":true}"#)),
        ("/base/ready?providers=file,%20http", (503, r#"{"ready":false,"waitingFor":["http"]}"#)),
        ("/base/ready?providers=x", (400, r#"{"message":"no provider \"x\"; those that run: file, http"}"#)),
    ] {
        assert_eq!(get(path), (expected.0, expected.1.to_owned()), "{path}");
    }
    assert_eq!(ask(Method::GET, Target::Dashboard, "/ready?providers=file").status, StatusCode::OK);
}

#[test]
fn details_are_told_when_asked_for() {
    let details = r#""origin":{"file":"dyn.yml","line":7},"problems":[{"severity":"warning","message":"entryPoint \"nowhere\" doesn't exist","file":"dyn.yml","line":7},{"severity":"error","message":"no valid entryPoint for this router","file":"dyn.yml","line":7}]}"#;
    for path in
        ["/base/api/http/routers/lost@file", "/base/api/http/routers?search=lost", "/base/api/rawdata"]
    {
        let plain = get(path).1;
        assert!(!plain.contains("origin") && !plain.contains("problems"), "{plain}");
        let separator = if path.contains('?') { '&' } else { '?' };
        let detailed = get(&format!("{path}{separator}details=true")).1;
        assert!(detailed.contains(details), "{detailed}");
    }
}

#[test]
fn a_dump_for_support_holds_no_secrets() {
    let answer = ask(Method::GET, Target::Api, "/base/api/support-dump");
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers.contains(&("content-type", "application/gzip".to_owned())));
    let mut archive = String::new();
    let mut decoder = flate2::read::GzDecoder::new(&*answer.body);
    std::io::Read::read_to_string(&mut decoder, &mut archive).expect("a gzip file of text");
    for expected in [
        "version.json",
        r#"{"version":"1.2.3","codename":"ferroway","startDate":"2026-01-02T03:04:05Z"}"#,
        "static-config.json",
        r#""api":{"basePath":"/base","dashboard":true}"#,
        r#""password":"xxxx""#,
        r#""X-Token":"xxxx""#,
        "runtime-config.json",
        r#""a/b@file":{"#,
    ] {
        assert!(archive.contains(expected), "{expected} in {archive}");
    }
    for secret in ["secret", "geheim", "apr1"] {
        assert!(!archive.contains(secret), "{secret} in {archive}");
    }
}

#[test]
fn the_page_shows_and_escapes() {
    let page = |path: &str| {
        let answer = ask(Method::GET, Target::Dashboard, path);
        let policy =
            answer.headers.iter().find(|(name, _)| *name == "content-security-policy").expect("a policy");
        assert!(policy.1.starts_with("default-src 'none'; style-src 'sha256-"), "{policy:?}");
        String::from_utf8(answer.body.to_vec()).expect("UTF-8")
    };
    let routers = page("/?list=http/routers");
    assert!(routers.contains("Path(`/&lt;b&gt;`)") && !routers.contains("/<b>"), "{routers}");
    let place = |name: &str| routers.find(&format!(">{name}")).unwrap_or_else(|| panic!("{name}: {routers}"));
    assert!(place("one@file") < place("two@file"), "a longer rule is asked first");
    assert!(routers.contains("dyn.yml:") && routers.contains("?list=http/services&amp;name=s@file"));
    let services = page("/?list=http/services&search=s@file");
    assert!(services.contains("http://u:xxxx@127.0.0.1:1") && !services.contains("secret"));
    assert!(services.contains("class=\"state down\">down"));
    let searched = page("/?list=http/routers&search=%22%3E%3Cscript%3E");
    assert!(searched.contains("value=\"&quot;&gt;&lt;script&gt;\"") && searched.contains("None."));
    let home = page("/");
    assert!(home.contains("<h2>Entry points</h2>") && home.contains("?list=http/routers&amp;entryPoint=web"));
    assert!(home.contains("name=lost@file") && home.contains("no valid entryPoint for this router"));
    let one = page("/?list=http/routers&name=one@file");
    assert!(
        one.contains("&quot;rule&quot;: &quot;Host(`a.test`) &amp;&amp; Path(`/&lt;b&gt;`)&quot;"),
        "{one}"
    );
    assert!(
        one.contains("dyn.yml:4:5") && one.contains("?list=http/middlewares&amp;name=auth@file"),
        "{one}"
    );
    assert!(one.contains("class=\"state down\">down") && !one.contains("secret"), "{one}");
    assert!(page("/?list=http/routers&name=%3Cb%3E").contains("<h2>&lt;b&gt;</h2>"));
    let of_entry_point = page("/?list=http/routers&entryPoint=alt");
    assert!(of_entry_point.contains("two@file") && !of_entry_point.contains("one@file"));
    assert_eq!(ask(Method::GET, Target::Dashboard, "/x.js").status, StatusCode::NOT_FOUND);
}
