//! The runner's own client against its own backends, and how it deals with routers that do not come up.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ferroway_conformance::backend::{Backends, Plan};
use ferroway_conformance::cases::{Exchange, Hello, load};
use ferroway_conformance::client::{Client, Held};
use ferroway_conformance::needs::NotYet;
use ferroway_conformance::observe::{self, Rules};
use ferroway_conformance::play::{Side, play};
use ferroway_conformance::request::Request;
use serde_json::{Value, json};

/// A client whose entry points are the backends themselves.
fn client(backends: &Backends) -> Client {
    Client::new(backends.ports().iter().cloned().collect())
}

async fn ask(client: &Client, request: Value, compare: Value) -> Value {
    let rules: Rules = serde_json::from_value(compare).unwrap();
    observe::answer(&client.send(&Request::try_from(request).unwrap()).await, &rules)
}

#[tokio::test]
async fn backends_answer_as_they_are_told() {
    let backends = Backends::start().await.unwrap();
    let client = client(&backends);
    let plain = "text/plain; charset=utf-8";
    let headers = json!({"content-type": plain, "x-backend": "b1"});
    let table = [
        (
            "@b1 GET http://a/x?y",
            json!({}),
            json!({"status": 200, "headers": headers, "body": "b1 GET /x?y"}),
        ),
        (
            r#"@b1 GET http://a/ | X-Echo: {"chunks": ["ab", "c"], "trailers": [["T", "1"]], "ctype": null}"#,
            json!({"framing": true, "onlyHeaders": []}),
            json!({"status": 200, "body": "abc", "trailers": {"t": "1"}, "framing": "chunked", "proto": "HTTP/1.1"}),
        ),
        (
            r#"@b1 GET http://a/ | X-Echo: {"early": [[103, [["Link", "x"]]]], "status": 404, "gzip": true, "body": "é"}"#,
            json!({"onlyHeaders": ["link"]}),
            json!({"status": 404, "body": "é", "interim": [{"status": 103, "headers": {"link": "x"}}]}),
        ),
        (
            r#"@b1 GET http://a/ | X-Echo: {"length": 5, "body": "abc", "conn_close": true}"#,
            json!({"onlyHeaders": []}),
            json!({"status": 200, "body": "abc", "incomplete": "closed"}),
        ),
        (r#"@b1 GET http://a/ | X-Echo: {"close": "before"}"#, json!({}), json!({"error": "closed"})),
        (
            r#"@b1 GET http://a/ | X-Echo: {"close": "reset"}"#,
            json!({"broken": true}),
            json!({"broken": true}),
        ),
        (
            r#"@b1 GET http://a/ | X-Echo: {"raw": "hello\r\n"}"#,
            json!({}),
            json!({"error": "not HTTP", "got": "hello"}),
        ),
        (r#"@b1 GET http://a/ | X-Echo: {"nope": 1}"#, json!({"body": false}), json!({"status": 500})),
        ("@down1 GET http://a/", json!({}), json!({"error": "refused"})),
    ];
    for (request, compare, expected) in table {
        assert_eq!(ask(&client, json!(request), compare).await, expected, "{request}");
    }
}

#[tokio::test]
async fn backends_speak_tls_and_remember_what_they_saw() {
    let backends = Backends::start().await.unwrap();
    let client = client(&backends);
    let compare = json!({"onlyHeaders": []});
    let tls = json!({"text": "@s2 PUT http://a/ | X-A: 1", "body": "hi", "chunked": true, "tls": {"cert": "client1"}});
    let seen = json!({"cert": "backend.local", "version": "TLSv1.3"});
    assert_eq!(
        ask(&client, tls, compare.clone()).await,
        json!({"status": 200, "body": "s2 PUT /", "tls": seen})
    );
    let without = json!({"text": "@s2 GET http://a/", "tls": {"max": "1.2"}});
    assert_eq!(ask(&client, without, compare).await, json!({"error": "tls"}));
    let view = observe::view(&backends.log(), &Rules::default()).unwrap();
    let request = json!({
        "request": "s2 PUT /", "headers": {"host": "a", "x-a": "1"}, "body": "hi", "clientCertificate": "client1",
    });
    assert_eq!(view, json!([request]));
}

#[tokio::test]
async fn upgraded_connections_are_echoed_and_failures_are_counted() {
    let backends = Backends::start().await.unwrap();
    let client = client(&backends);
    let upgrade = json!({"text": "@b1 GET http://a/ | Connection: Upgrade | Upgrade: x", "payload": "bytes"});
    let answer = ask(&client, upgrade, json!({"onlyHeaders": ["upgrade"]})).await;
    assert_eq!(answer, json!({"status": 101, "headers": {"upgrade": "x"}, "echo": "bytes"}));

    let plan: Plan = serde_json::from_value(json!({"fail": {"n": 1, "plan": {"status": 503}}})).unwrap();
    backends.reset([(&"b2".to_owned(), &plan)]).await.unwrap();
    for (path, status) in [("/a", 503), ("/a", 200), ("/b", 503)] {
        let answer = ask(&client, json!(format!("@b2 GET http://a{path}")), json!({"body": false})).await;
        assert_eq!(answer["status"], status, "{path}");
    }
    let exchange = json!({"entryPoint": "b1", "send": "GET / HTTP/1.1\r\n\r\n", "readTimeout": 0.2});
    let exchange: Exchange = serde_json::from_value(exchange).unwrap();
    let seen = client.exchange(&exchange, &mut Held::default()).await.unwrap();
    assert!(seen.got.ends_with("b1 GET /") && seen.closed == Some(false), "{seen:?}");
}

#[tokio::test]
async fn backends_of_other_routers_say_who_they_are() {
    let backends = Backends::start().await.unwrap();
    let client = client(&backends);
    let compare = Rules::default();
    let exchanges = [
        (json!({"entryPoint": "t1", "line": true}), json!({"got": "t1\n"})),
        (json!({"entryPoint": "tq", "send": "hi", "halfClose": true}), json!({"got": "hi", "end": "closed"})),
        (
            json!({"entryPoint": "ts2", "line": true, "tls": {"sni": "x.test", "alpn": ["mqtt"]}}),
            json!({
                "got": "ts2 sni=x.test alpn=mqtt\n",
                "tls": {"alpn": "mqtt", "cert": "passthrough.local", "version": "TLSv1.3"},
            }),
        ),
        (json!({"entryPoint": "ts1", "probe": true, "tls": {"alpn": ["foo"]}}), json!({"error": "tls"})),
        (json!({"entryPoint": "down2"}), json!({"error": "refused"})),
    ];
    for (exchange, expected) in exchanges {
        let exchange: Exchange = serde_json::from_value(exchange).unwrap();
        let seen = client.exchange(&exchange, &mut Held::default()).await;
        assert_eq!(observe::exchanged(&seen, &exchange, &compare), expected);
    }
    let datagrams =
        serde_json::from_value(json!({"entryPoint": "u2", "send": ["a", "b"], "sockets": 2})).unwrap();
    assert_eq!(client.datagrams(&datagrams).await.unwrap(), ["u2:a", "u2:b"]);
}

/// What is said of a name that nobody knows.
const NOPE: &str = r#""NOPE" is not a name of TLS that is known here"#;

#[tokio::test]
async fn hellos_and_frames_are_answered() {
    let backends = Backends::start().await.unwrap();
    let client = client(&backends);
    let hellos = [
        (
            json!({"entryPoint": "s2", "versions": ["1.2"], "groups": ["secp384r1"], "pieces": [1, 3]}),
            json!({
                "version": "1.2", "cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "group": "secp384r1",
                "cert": "backend.local", "wantsClientCertificate": true,
            }),
        ),
        (
            json!({"entryPoint": "ts1", "versions": ["1.3"], "groups": ["x25519"], "sni": "a.test", "records": [9]}),
            json!({"version": "1.3", "cipher": "TLS_AES_128_GCM_SHA256", "group": "x25519"}),
        ),
        (json!({"entryPoint": "s3", "versions": ["1.3"]}), json!({"alert": "protocol_version"})),
        (json!({"entryPoint": "t1"}), json!({"error": "not TLS", "got": "t1"})),
        (json!({"entryPoint": "s1", "ciphers": ["NOPE"]}), json!({"error": "wrong case", "got": NOPE})),
    ];
    let compare = Rules { alerts: true, ..Rules::default() };
    for (hello, expected) in hellos {
        let hello: Hello = serde_json::from_value(hello).unwrap();
        assert_eq!(observe::choice(&client.hello(&hello).await, &compare), expected);
    }
    let frames = json!({"entryPoint": "h2c", "streams": 1, "frames": [{"headers": {"fields": [
        [":method", "GET"], [":scheme", "http"], [":authority", "a"], [":path", "/x"],
    ]}}]});
    let seen = client.frames(&serde_json::from_value(frames).unwrap()).await.unwrap();
    let expected = json!([
        {"stream": 1, "status": "200"},
        {"stream": 1, "data": "h2c GET /x", "end": true},
    ]);
    assert_eq!(seen, json!({"frames": expected}));
    let request = json!({"text": "@h2s PUT http://a/", "tls": {"alpn": ["h2"]}, "body": "hi", "trailers": [["X-T", "1"]]});
    let answer = ask(&client, request, json!({"onlyHeaders": []})).await;
    assert_eq!(answer["body"], "h2s PUT /");
    assert_eq!(backends.log()[1].trailers.get("x-t"), Some("1"));
}

/// A router that ends at once and one that cannot be run fail every case of a scenario, with the reason.
#[tokio::test]
async fn a_router_that_does_not_come_up_fails_its_cases() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenarios = load(&home.join("cases")).unwrap();
    let scenario = scenarios.iter().find(|scenario| scenario.name == "stripPrefix").unwrap();
    let keys: BTreeSet<String> = scenario.cases.iter().take(2).map(|case| case.key.clone()).collect();
    let folder = std::env::temp_dir().join(format!("conformance-parts-{}", std::process::id()));
    for (binary, reason) in [("/bin/false", "it ended by itself"), ("/does/not/exist", "cannot run")] {
        let side = Side::new("candidate", PathBuf::from(binary), NotYet::default());
        let played: BTreeMap<_, _> = play(&side, scenario, &keys, &folder).await;
        assert_eq!(played.keys().cloned().collect::<BTreeSet<_>>(), keys);
        for outcome in played.values() {
            let error = outcome.as_ref().unwrap_err();
            assert!(error.starts_with("does not start: ") && error.contains(reason), "{error}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
