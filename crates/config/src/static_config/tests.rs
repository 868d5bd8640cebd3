//! Tests of the static model.

use super::*;
use crate::decode::Context;
use crate::{Format, Problem, Source};

/// Decodes a document without regard to what is implemented, and validates it.
fn check(text: &str) -> Vec<Problem> {
    let node = Format::Yaml.load(&Source::file("s.yml", text)).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    let mut config = Static::default();
    let mut cx = Context::new().with_planned();
    config.decode_parts(&node, &mut cx);
    let problems = cx.finish().0;
    let unexpected: Vec<_> =
        problems.iter().filter(|p| p.kind != crate::ProblemKind::NotImplemented).collect();
    assert!(unexpected.iter().all(|problem| !problem.is_error()), "{text}: {unexpected:?}");
    validate(&config)
}

#[test]
fn what_forbids_the_start() {
    let cases = [
        ("entryPoints: {w: {address: nonsense}}", "missing port"),
        ("entryPoints: {w: {}}", "missing port"),
        ("entryPoints: {w: {address: ':99999'}}", "invalid port"),
        ("entryPoints: {w: {address: '::1:80'}}", "invalid host"),
        ("entryPoints: {w: {address: ':80/sctp'}}", "invalid protocol: sctp"),
        (
            "entryPoints: {w: {address: ':1', forwardedHeaders: {trustedIPs: [abc]}}}",
            "\"abc\" is no IP address",
        ),
        (
            "entryPoints: {w: {address: ':1', forwardedHeaders: {trustedIPs: [10.0.0.0/33]}}}",
            "is no IP address",
        ),
        (
            "entryPoints: {w: {address: ':1', http: {aliasHeadersStrategy: maybe}}}",
            "invalid aliasHeadersStrategy",
        ),
        (
            "entryPoints: {w: {address: ':1', http: {underscoreHeadersStrategy: maybe}}}",
            "underscoreHeadersStrategy",
        ),
        (
            "entryPoints: {w: {address: ':1', http: {aliasHeadersStrategy: keep, underscoreHeadersStrategy: delete}}}",
            "differ",
        ),
        ("entryPoints: {w: {address: ':1', http2: {maxConcurrentStreams: -1}}}", "expected 0 or more"),
        ("entryPoints: {w: {address: ':1', http3: {advertisedPort: -1}}}", "expected 0 or more"),
        ("entryPoints: {w: {address: ':1/udp', udp: {timeout: 0}}}", "must be more than 0"),
        ("entryPoints: {w: {address: ':1', proxyProtocol: {}}}", "needs trustedIPs or insecure"),
        ("entryPoints: {w: {address: ':1', proxyProtocol: {trustedIPs: [abc]}}}", "is no IP address"),
        ("entryPoints: {a: {address: ':1'}, b: {address: ':1'}}", "is that of a too"),
        ("entryPoints: {a: {address: ':8080'}}\nping: {}", "is that of a too"),
        ("core: {defaultRuleSyntax: v4}", "unsupported default rule syntax"),
        ("providers: {precedence: [file, foo]}", "provider \"foo\" is not a valid provider name"),
        ("providers: {knative: {}}", "needs experimental.knative"),
        (
            "providers: {kubernetesIngressNGINX: {watchNamespace: a, watchNamespaceSelector: b}}",
            "exclude each other",
        ),
        ("api: {basePath: x}", "invalid base path"),
        ("api: {basePath: '/a b'}", "invalid base path"),
        ("ocsp: {responderOverrides: {'http://a': ''}}", "the responder for \"http://a\" is empty"),
        ("ocsp: {responderOverrides: {'http://a': b}}", "expected http://host or https://host"),
        ("ocsp: {responderOverrides: {'http://a': 'ftp://b'}}", "expected http://host or https://host"),
        ("ocsp: {responderOverrides: {'http://a': 'http:///b'}}", "expected http://host or https://host"),
        ("ocsp: {responderOverrides: {'http://a': 'http://b c'}}", "expected http://host or https://host"),
        (
            "ocsp: {responderOverrides: {'http://a': 'http://b:99999'}}",
            "expected http://host or https://host",
        ),
        ("log: {otlp: {}}", "needs experimental.otlpLogs"),
        ("accessLog: {otlp: {}}", "needs experimental.otlpLogs"),
        ("metrics: {otlp: {grpc: {insecure: true, tls: {ca: x}}}}", "exclude each other"),
        ("tracing: {otlp: {grpc: {insecure: true, tls: {ca: x}}}}", "exclude each other"),
        ("certificatesResolvers: {a: {acme: {email: x}, tailscale: {}}}", "exclude each other"),
        ("certificatesResolvers: {a: {acme: {storage: ''}}}", "has no storage"),
        ("certificatesResolvers: {a: {acme: {certificatesDuration: 0}}}", "1 hour or more"),
        ("certificatesResolvers: {a: {acme: {clientTimeout: 5}}}", "is less than"),
    ];
    for (text, expected) in cases {
        let problems = check(text);
        let found = problems.iter().any(|problem| problem.is_error() && problem.message.contains(expected));
        assert!(found, "{text}: {problems:?}");
    }
}

#[test]
fn what_is_only_warned_about() {
    let cases = [
        ("log: {level: NOISY}", "unknown level \"NOISY\", using ERROR"),
        ("accessLog: {format: nonsense}", "unknown format \"nonsense\", using common"),
        (
            "entryPoints: {w: {address: ':1', http: {redirections: {entryPoint: {to: nowhere}}}}}",
            "unknown entry point \"nowhere\"; nothing is redirected",
        ),
        ("ping: {entryPoint: nope}", "unknown entry point \"nope\"; /ping is not served"),
        ("providers: {file: {watch: true}}", "neither filename nor directory"),
    ];
    for (text, expected) in cases {
        let problems = check(text);
        let [problem] = &problems[..] else { panic!("{text}: {problems:?}") };
        assert!(!problem.is_error() && problem.message.contains(expected), "{text}: {problem:?}");
    }
}

#[test]
fn what_is_right() {
    for text in [
        "entryPoints: {w: {address: ':80'}, x: {address: '[::1]:80/TCP'}, y: {address: 'localhost:http'}}",
        "entryPoints: {a: {address: ':1', reusePort: true}, b: {address: ':1', reusePort: true}}",
        "entryPoints: {a: {address: ':1'}, b: {address: ':1/udp'}, c: {address: ':0'}, d: {address: ':0'}}",
        "entryPoints: {w: {address: ':1', forwardedHeaders: {trustedIPs: [10.0.0.0/8, '::1', 'fe80::/10']}}}",
        "entryPoints: {w: {address: ':1', http: {redirections: {entryPoint: {to: ':443'}}}}}",
        "providers: {precedence: [FILE, docker]}",
        "log: {level: debug}\napi: {basePath: /a-b/~c.d_e:f}",
    ] {
        let problems = check(text);
        assert!(problems.is_empty(), "{text}: {problems:?}");
    }
}

#[test]
fn default_entry_points_of_routers() {
    type Points = &'static [(&'static str, &'static str, bool)];
    let cases: [(Points, &[&str]); 6] = [
        (&[("b", ":1", false), ("a", ":2", false)], &["a", "b"]),
        (&[("a", ":1", false), ("traefik", ":2", false), ("u", ":3/udp", false)], &["a"]),
        (&[("a", ":1", false), ("b", ":2", true)], &["b"]),
        (&[("a", ":1", false), ("traefik", ":2", true)], &[]),
        (&[("a", ":1", false), ("u", ":2/udp", true)], &[]),
        (&[("a", "nonsense", false)], &[]),
    ];
    for (points, expected) in cases {
        let point = |&(name, address, as_default): &(&str, &str, bool)| {
            (name.to_owned(), EntryPoint { address: address.to_owned(), as_default, ..EntryPoint::default() })
        };
        assert_eq!(default_entry_points(&points.iter().map(point).collect()), expected, "{points:?}");
    }
}

#[test]
fn responders_in_place_of_others() {
    for url in ["http://b", "HTTPS://b.test:8080/x?y", "http://[::1]:80/", "http://127.0.0.1:1"] {
        assert!(check(&format!("ocsp: {{responderOverrides: {{'http://a': '{url}'}}}}")).is_empty(), "{url}");
    }
    assert!(check("ocsp: {}").is_empty());
}
