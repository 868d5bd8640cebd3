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
    assert_eq!(balancer.servers[0], Server { url: "http://a".into(), weight: 1, preserve_path: false });
    assert_eq!(balancer.servers[1], Server { url: "http://b".into(), weight: 3, preserve_path: true });
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
