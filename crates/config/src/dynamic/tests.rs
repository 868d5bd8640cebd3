//! Tests of the dynamic model.

use std::sync::Arc;

use super::*;
use crate::{Format, ProblemKind, Severity, Source};

/// Loads and decodes a YAML document named `dyn.yml`.
fn yaml(text: &str) -> (Dynamic, Vec<Problem>) {
    let node = Format::Yaml.load(&Source::file("dyn.yml", text)).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    decode_dynamic(&node)
}

/// Decodes a document that must have no problem at all.
fn good(text: &str) -> Dynamic {
    let (dynamic, problems) = yaml(text);
    assert!(problems.is_empty(), "{text}: {problems:?}");
    dynamic
}

#[test]
fn a_router_a_service_and_a_middleware() {
    let dynamic = good(
        "http:
  routers:
    app:
      rule: Host(`a`) && PathPrefix(`/x`)
      entryPoints: [web, ' b ']
      service: s
      middlewares: m, n
      priority: 0x10
      tls: {}
  services:
    s:
      loadBalancer:
        servers:
          - url: http://a
          - {url: http://b, weight: 3, preservePath: true}
        sticky: {cookie: {}}
  middlewares:
    m:
      headers:
        customRequestHeaders: {X-A: 1.10, X-B: 1e3, X-C: yes, X-D: True, X-E: 010, X-F: \"1.10\", X-G: ''}
",
    );
    let router = &dynamic.http.routers["app"];
    assert_eq!((router.origin.line, router.origin.column), (3, 5));
    let expected = Router {
        rule: "Host(`a`) && PathPrefix(`/x`)".into(),
        entry_points: vec!["web".into(), "b".into()],
        service: "s".into(),
        middlewares: vec!["m".into(), "n".into()],
        priority: 16,
        tls: Some(RouterTls::default()),
        ..Router::default()
    };
    assert_eq!(*router.value, expected);
    let service = &dynamic.http.services["s"].value;
    let Ok(ServiceKind::LoadBalancer(balancer)) = service.kind() else { panic!("{service:?}") };
    assert_eq!(balancer.servers[0], Server { url: "http://a".into(), weight: None, preserve_path: false });
    assert_eq!(balancer.servers[1], Server { url: "http://b".into(), weight: Some(3), preserve_path: true });
    assert_eq!(balancer.sticky.as_ref().unwrap().cookie, Some(Cookie::default()));
    assert!(balancer.pass_host_header && balancer.strategy == "wrr");
    let middleware = &dynamic.http.middlewares["m"].value;
    let Ok(MiddlewareKind::Headers(headers)) = middleware.kind() else { panic!("{middleware:?}") };
    let values: Vec<&str> = headers.custom_request_headers.values().map(String::as_str).collect();
    assert_eq!(values, ["1.100000", "1000", "yes", "true", "8", "1.10", ""]);
}

#[test]
fn a_broken_object_leaves_the_others_alone() {
    let (dynamic, problems) = yaml(
        "http:
  routers:
    good: {rule: Path(`/`), service: s}
    bad:
      rulez: x
      priority: abc
",
    );
    assert_eq!(dynamic.http.routers.keys().collect::<Vec<_>>(), ["good"]);
    let [broken] = &dynamic.broken[..] else { panic!("{:?}", dynamic.broken) };
    assert_eq!(
        (broken.section.as_str(), broken.name.as_str(), broken.origin.line),
        ("http.routers", "bad", 4)
    );
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "dyn.yml:5:7: unknown option \"rulez\" in http.routers.bad; did you mean \"rule\"? (accepted: \
             entryPoints, middlewares, service, rule, parentRefs, ruleSyntax, priority, tls, observability)",
            "dyn.yml:6:17: invalid value \"abc\" for http.routers.bad.priority: expected an integer",
        ]
    );
    assert_eq!(problems[0].traefik.as_deref(), Some("field not found, node: rulez"));
    assert_eq!(problems[0].kind, ProblemKind::UnknownField);
    assert_eq!(problems[0].severity, Severity::Error);
    assert!(Arc::strong_count(&dynamic.http.routers["good"].value) == 1);
}

#[test]
fn what_traefik_accepts() {
    // Documents that the released Traefik was seen to accept, with the paths of warnings that we add.
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        ("---\n", &[]),
        ("http:\n", &[]),
        ("nonsense: {a: b}\n", &[""]),
        ("x-anchors: {a: b}\n", &[]),
        ("http: {routers: {r: {}}}", &[]),
        ("http: {routers: {r: , s: {rule: a}}}", &[]),
        ("http: {routers: {r: {rule: 5, service: s}}}", &[]),
        ("http: {routers: {'': {rule: a}}}", &[]),
        ("http: {routers: {r: {rule: a, tls: true}}}", &[]),
        ("http: {routers: {r: {rule: a, tls: {domains: [{main: a, sans: b}, {}]}}}}", &[]),
        ("http: {routers: {r: {rule: a, tls: {domains: {x: {main: a}, y: {main: b}}}}}}", &[]),
        ("http: {routers: {r: {rule: a, observability: {accessLogs: true}}}}", &[]),
        ("http: {routers: {r: {rule: a, entryPoints: 'a, b'}}}", &[]),
        ("http: {routers: {r: {rule: a, parentRefs: [p]}}}", &[]),
        ("http: {routers: {r: {rule: a, defaultRule: true}}}", &["http.routers.r.defaultRule"]),
        ("http: {services: {s: {}}}", &[]),
        ("http: {services: {s: {loadBalancer: {servers: []}}}}", &[]),
        ("http: {services: {s: {loadBalancer: {servers: [{}]}}}}", &[]),
        ("http: {services: {s: {loadBalancer: {sticky: {}}}}}", &[]),
        ("http: {services: {s: {loadBalancer: {sticky: {cookie: {}}}}}}", &[]),
        (
            "http: {services: {s: {loadBalancer: {servers: [{url: a, port: 5}]}}}}",
            &["http.services.s.loadBalancer.servers[0].port"],
        ),
        ("http: {services: {s: {weighted: {healthCheck: {}}}}}", &[]),
        ("http: {services: {s: {weighted: {services: []}}}}", &[]),
        ("http: {services: {s: {failover: {service: a, healthCheck: {}, errors: {status: [500]}}}}}", &[]),
        ("http: {serversTransports: {t: {spiffe: {}, certificates: {}, rootCAs: {}}}}", &[]),
        ("http: {middlewares: {m: {compress: {}, contentType: {}}}}", &[]),
        ("http: {middlewares: {m: {compress: false}}}", &[]),
        ("http: {middlewares: {m: {ipAllowList: {ipStrategy: {}}}}}", &[]),
        ("http: {middlewares: {m: {plugin: {p: {a: {b: [1, c]}}}}}}", &[]),
        ("http: {middlewares: {m: {plugin: {p: {}}}}}", &[]),
        ("http: {middlewares: {m: {redirectScheme: {port: 80}}}}", &[]),
        ("http: {middlewares: {m: {appRoot: {}}}}", &["http.middlewares.m.appRoot"]),
        (
            "http: {middlewares: {m: {errors: {status: ['500-510', 'a'], statusRewrites: {'500-502': 200}}}}}",
            &[],
        ),
        ("tcp: {routers: {r: {rule: a, tls: {}}}}", &[]),
        (
            "tcp: {services: {s: {loadBalancer: {proxyProtocol: {}, healthCheck: {}}}}}",
            &["tcp.services.s.loadBalancer.proxyProtocol"],
        ),
        ("tcp: {serversTransports: {t: {tls: {spiffe: {}}, proxyProtocol: {}}}}", &[]),
        ("udp: {routers: {r: {}}}", &[]),
        ("tls: {certificates: []}", &[]),
        ("tls: {options: {o: {}}, stores: {s: {}}}", &[]),
        ("HTTP: {Routers: {r: {RULE: a, ENTRYPOINTS: [b]}}}", &[]),
        ("{\"http\": {\"routers\": {\"r\": {\"rule\": \"a\"}}}}", &[]),
    ];
    for &(text, warned) in cases {
        let (dynamic, problems) = yaml(text);
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, warned, "{text}: {problems:?}");
        assert!(
            problems.iter().all(|problem| !problem.is_error()) && dynamic.broken.is_empty(),
            "{text}: {problems:?}"
        );
    }
}

#[test]
fn what_traefik_refuses() {
    // Documents that the released Traefik was seen to refuse, with its words.
    let cases = [
        ("[]", ProblemKind::BadValue, ""),
        ("5", ProblemKind::BadValue, ""),
        (
            "http: {}",
            ProblemKind::Standalone,
            "http cannot be a standalone element (type *dynamic.HTTPConfiguration)",
        ),
        (
            "http: 5",
            ProblemKind::Standalone,
            "http cannot be a standalone element (type *dynamic.HTTPConfiguration)",
        ),
        (
            "http: {routers: }",
            ProblemKind::Standalone,
            "http cannot be a standalone element (type *dynamic.HTTPConfiguration)",
        ),
        (
            "http: {routers: {}}",
            ProblemKind::Standalone,
            "routers cannot be a standalone element (type map[string]*dynamic.Router)",
        ),
        (
            "http: {routers: {r: }}",
            ProblemKind::Standalone,
            "routers cannot be a standalone element (type map[string]*dynamic.Router)",
        ),
        ("http: {a.b: 1}", ProblemKind::UnknownField, "field not found, node: a.b"),
        ("http: {routers: {r: {rulez: a}}}", ProblemKind::UnknownField, "field not found, node: rulez"),
        (
            "http: {routers: {r: {rule: a, priority: abc}}}",
            ProblemKind::BadValue,
            "strconv.ParseInt: parsing \"abc\": invalid syntax",
        ),
        (
            "http: {routers: {r: {rule: a, priority: 1.5}}}",
            ProblemKind::BadValue,
            "strconv.ParseInt: parsing \"1.500000\": invalid syntax",
        ),
        (
            "http: {routers: {r: {rule: a, priority: true}}}",
            ProblemKind::BadValue,
            "strconv.ParseInt: parsing \"true\": invalid syntax",
        ),
        ("http: {routers: {r: {rule: {a: b}}}}", ProblemKind::BadValue, ""),
        (
            "http: {routers: {r: {rule: a, observability: {}}}}",
            ProblemKind::Standalone,
            "observability cannot be a standalone element (type *dynamic.RouterObservabilityConfig)",
        ),
        (
            "http: {services: {s: {loadBalancer: {}}}}",
            ProblemKind::Standalone,
            "loadBalancer cannot be a standalone element (type *dynamic.ServersLoadBalancer)",
        ),
        (
            "http: {services: {s: {loadBalancer: {healthCheck: {}}}}}",
            ProblemKind::Standalone,
            "healthCheck cannot be a standalone element (type *dynamic.ServerHealthCheck)",
        ),
        (
            "http: {services: {s: {weighted: {sticky: {}}}}}",
            ProblemKind::Standalone,
            "sticky cannot be a standalone element (type *dynamic.Sticky)",
        ),
        (
            "http: {services: {s: {failover: {errors: {}}}}}",
            ProblemKind::Standalone,
            "errors cannot be a standalone element (type *dynamic.FailoverError)",
        ),
        (
            "http: {middlewares: {m: {headers: {}}}}",
            ProblemKind::Standalone,
            "headers cannot be a standalone element (type *dynamic.Headers)",
        ),
        (
            "http: {middlewares: {m: {headers: {customRequestHeaders: {X: }}}}}",
            ProblemKind::Standalone,
            "customRequestHeaders cannot be a standalone element (type map[string]string)",
        ),
        (
            "http: {middlewares: {m: {plugin: {}}}}",
            ProblemKind::Standalone,
            "plugin cannot be a standalone element (type map[string]dynamic.PluginConf)",
        ),
        ("http: {middlewares: {m: {nope: {}}}}", ProblemKind::UnknownField, "field not found, node: nope"),
        (
            "http: {middlewares: {m: {retry: {initialInterval: 5x}}}}",
            ProblemKind::BadValue,
            "time: unknown unit \"x\" in duration \"5x\"",
        ),
        (
            "tcp: {services: {s: {mirroring: {}}}}",
            ProblemKind::UnknownField,
            "field not found, node: mirroring",
        ),
        (
            "tls: {options: {o: {clientAuth: {}}}}",
            ProblemKind::Standalone,
            "clientAuth cannot be a standalone element (type tls.ClientAuth)",
        ),
        (
            "tls: {}",
            ProblemKind::Standalone,
            "tls cannot be a standalone element (type *dynamic.TLSConfiguration)",
        ),
    ];
    for (text, kind, words) in cases {
        let (_, problems) = yaml(text);
        let [problem] = &problems[..] else { panic!("{text}: {problems:#?}") };
        assert_eq!((problem.kind, problem.severity), (kind, Severity::Error), "{text}");
        assert_eq!(problem.traefik.as_deref().unwrap_or_default(), words, "{text}");
    }
}

#[test]
fn what_we_refuse_and_traefik_misreads() {
    // Each of these is accepted there and silently becomes garbage or nothing.
    for text in [
        "http: {routers: {r: {rule: [a]}}}",
        "http: {routers: {r: x}}",
        "http: {routers: [{rule: a}]}",
        "http: {routers: {r: {rule: a, entryPoints: {a: b}}}}",
        "http: {routers: {r: {rule: a, tls: [a]}}}",
        "http: {routers: {r: {rule: a, tls: {domains: [a]}}}}",
        "http: {routers: {r: {rule: a, RULE: b}}}",
        "http: {services: {s: {loadBalancer: {servers: ['http://a']}}}}",
        "http: {services: {s: {loadBalancer: {servers: {url: x}}}}}",
        "http: {middlewares: {m: {headers: {customRequestHeaders: {X: [a, b]}}}}}",
        "http: {middlewares: {m: {headers: {customRequestHeaders: {X: {a: b}}}}}}",
    ] {
        let (_, problems) = yaml(text);
        let [problem] = &problems[..] else { panic!("{text}: {problems:#?}") };
        assert_eq!((problem.kind, problem.severity), (ProblemKind::BadValue, Severity::Error), "{text}");
    }
}

#[test]
fn toml_is_the_same() {
    let toml = "[http.routers.r]
rule = 'PathPrefix(`/v1`)'
service = \"w\"
entryPoints = [\"web\"]
priority = 42
[http.middlewares.m.headers.customResponseHeaders]
X-Toml = \"yes\"
[http.services.w.weighted]
[[http.services.w.weighted.services]]
name = \"s\"
[http.services.s.loadBalancer]
passHostHeader = false
[[http.services.s.loadBalancer.servers]]
url = \"http://a\"
";
    let node = Format::Toml.load(&Source::file("dyn.toml", toml)).unwrap();
    let (dynamic, problems) = decode_dynamic(&node);
    assert!(problems.is_empty(), "{problems:?}");
    let same = good(
        "http:
  routers:
    r: {rule: PathPrefix(`/v1`), service: w, entryPoints: [web], priority: 42}
  middlewares:
    m: {headers: {customResponseHeaders: {X-Toml: 'yes'}}}
  services:
    w: {weighted: {services: [{name: s}]}}
    s: {loadBalancer: {passHostHeader: false, servers: [{url: http://a}]}}
",
    );
    assert_eq!(dynamic, same);
    assert_eq!(dynamic.http.routers["r"].origin.to_string(), "dyn.toml:1:15");
}

#[test]
fn objects_of_no_or_several_kinds() {
    let dynamic = good(
        "http:
  services:
    none: {}
    two: {loadBalancer: {strategy: wrr}, weighted: {services: []}}
  middlewares:
    none: {}
    two: {addPrefix: {prefix: /a}, stripPrefix: {prefixes: [/b]}}
    one: {addPrefix: {prefix: /a}}
",
    );
    let http = &dynamic.http;
    assert_eq!(http.services["none"].value.kind(), Err(KindError::None));
    assert_eq!(http.services["two"].value.kind(), Err(KindError::Several));
    assert_eq!(http.middlewares["none"].value.kind(), Err(KindError::None));
    assert_eq!(http.middlewares["two"].value.kind(), Err(KindError::Several));
    assert_eq!(http.middlewares["one"].value.kind().map(MiddlewareKind::name), Ok("addPrefix"));
}

#[test]
fn unchanged_objects_are_shared_on_request() {
    let text =
        "http: {routers: {a: {rule: x}, b: {rule: y}}, services: {s: {loadBalancer: {servers: [{url: z}]}}}}";
    let (before, mut after) = (good(text), good(&text.replace("rule: y", "rule: w")));
    after.reuse(&before);
    let same = |name: &str| Arc::ptr_eq(&before.http.routers[name].value, &after.http.routers[name].value);
    assert!(same("a") && !same("b"));
    assert!(Arc::ptr_eq(&before.http.services["s"].value, &after.http.services["s"].value));
    assert_ne!(before, after);
}
