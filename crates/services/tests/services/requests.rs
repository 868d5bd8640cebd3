//! What servers get (specification sections 6.3 and 6.5).

use crate::support::{Setup, USUAL, pass, run};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Every request below ends with these, where nothing is said about them.
fn usual(head: &str) -> String {
    format!("{head}X-Forwarded-For: 192.0.2.1\r\nAccept-Encoding: gzip\r\n")
}

fn check<const N: usize>(cases: [(Setup, &str, String); N]) {
    for (setup, client, server) in cases {
        let outcome = run(pass(setup, client, OK));
        assert_eq!(outcome.received, server, "{client:?}");
    }
}

#[test]
fn method_target_and_body_pass() {
    check([
        (USUAL, "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n", usual("GET /a?b HTTP/1.1\r\nHost: a\r\n") + "\r\n"),
        (USUAL, "PURGE /%2F HTTP/1.1\r\nHost: a\r\n\r\n", usual("PURGE /%2F HTTP/1.1\r\nHost: a\r\n") + "\r\n"),
        (USUAL, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", usual("OPTIONS * HTTP/1.1\r\nHost: a\r\n") + "\r\n"),
        (USUAL, "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", usual("GET /x HTTP/1.1\r\nHost: b\r\n") + "\r\n"),
        (
            USUAL,
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            usual("POST / HTTP/1.1\r\nHost: a\r\n") + "Content-Length: 2\r\n\r\nhi",
        ),
        (
            USUAL,
            "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
            usual("POST / HTTP/1.1\r\nHost: a\r\n") + "Content-Length: 0\r\n\r\n",
        ),
        (
            USUAL,
            "POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\nhi",
            "POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nX-Forwarded-For: 192.0.2.1\r\nAccept-Encoding: gzip\r\n\
             Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n"
                .to_owned(),
        ),
        (
            USUAL,
            "GET / HTTP/1.1\r\nHost: a\r\nx-a_B: 1\r\nCOOKIE: a=b\r\nX-Empty:\r\n\r\n",
            usual("GET / HTTP/1.1\r\nHost: a\r\nX-A_b: 1\r\nCookie: a=b\r\nX-Empty: \r\n") + "\r\n",
        ),
    ]);
}

#[test]
fn the_host_is_the_clients_or_the_servers() {
    let own = Setup { pass_host_header: false, ..USUAL };
    check([
        (
            USUAL,
            "GET / HTTP/1.1\r\nHost: A.test:80\r\n\r\n",
            usual("GET / HTTP/1.1\r\nHost: A.test:80\r\n") + "\r\n",
        ),
        (own, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", usual("GET / HTTP/1.1\r\nHost: SERVER\r\n") + "\r\n"),
        (USUAL, "GET / HTTP/1.0\r\n\r\n", usual("GET / HTTP/1.1\r\nHost: SERVER\r\n") + "\r\n"),
        (USUAL, "GET / HTTP/1.1\r\nHost:\r\n\r\n", usual("GET / HTTP/1.1\r\nHost: SERVER\r\n") + "\r\n"),
    ]);
}

#[test]
fn the_clients_address_is_appended() {
    let get = |fields: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let with = |list: &str| get(&format!("X-Forwarded-For: {list}\r\nAccept-Encoding: gzip\r\n"));
    for (setup, fields, expected) in [
        (USUAL, "", with("192.0.2.1")),
        (USUAL, "X-Forwarded-For: 10.0.0.1\r\n", with("10.0.0.1, 192.0.2.1")),
        (
            USUAL,
            "X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nX-Forwarded-For: x\r\n",
            with("10.0.0.1, 10.0.0.2, x, 192.0.2.1"),
        ),
        (Setup { peer: "2001:db8::1", ..USUAL }, "", with("2001:db8::1")),
        (Setup { peer: "::ffff:192.0.2.9", ..USUAL }, "", with("192.0.2.9")),
        (Setup { suppress_forwarded_for: true, ..USUAL }, "X-Forwarded-For: 10.0.0.1\r\n", with("10.0.0.1")),
        (Setup { suppress_forwarded_for: true, ..USUAL }, "", get("Accept-Encoding: gzip\r\n")),
    ] {
        check([(setup, &get(fields), expected)]);
    }
}

#[test]
fn gzip_is_asked_for_unless_the_client_has_its_own_wishes() {
    let request = |method: &str, fields: &str| format!("{method} / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let forwarded = "X-Forwarded-For: 192.0.2.1\r\n";
    for (method, client, server) in [
        ("GET", "", format!("{forwarded}Accept-Encoding: gzip\r\n")),
        ("GET", "Accept-Encoding: br\r\n", format!("Accept-Encoding: br\r\n{forwarded}")),
        ("GET", "Accept-Encoding: identity\r\n", format!("Accept-Encoding: identity\r\n{forwarded}")),
        ("GET", "Accept-Encoding:\r\n", format!("Accept-Encoding: gzip\r\n{forwarded}")),
        ("GET", "Range: bytes=0-1\r\n", format!("Range: bytes=0-1\r\n{forwarded}")),
        ("HEAD", "", forwarded.to_owned()),
    ] {
        check([(USUAL, &request(method, client), request(method, &server))]);
    }
}

#[test]
fn fields_for_the_next_hop_only_stay_behind() {
    let get = |fields: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    for (client, server) in [
        ("Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n", usual("")),
        ("Proxy-Connection: close\r\nProxy-Authorization: x\r\nProxy-Authenticate: y\r\n", usual("")),
        ("Connection: X-A, x-b\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\n", usual("X-C: 3\r\n")),
        // What servers trust cannot be struck out.
        (
            "Connection: X-Forwarded-Proto, X-Real-Ip\r\nX-Forwarded-Proto: https\r\nX-Real-Ip: 10.0.0.1\r\n",
            usual("X-Forwarded-Proto: https\r\nX-Real-Ip: 10.0.0.1\r\n"),
        ),
        ("TE: gzip, trailers;q=0.5\r\n", usual("")),
        ("TE: gzip, trailers\r\n", usual("") + "Te: trailers\r\n"),
        ("Upgrade: x\r\n", usual("")),
        (
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-Websocket-Key: k\r\n",
            usual("Sec-WebSocket-Key: k\r\n") + "Connection: Upgrade\r\nUpgrade: websocket\r\n",
        ),
        ("Content-Length: 0\r\nTrailer: X-A\r\n", usual("")),
        // Nobody's name is made up.
        ("User-Agent:\r\n", usual("")),
        (
            "User-Agent: x\r\nServer: y\r\nVia: 1.1 z\r\n",
            usual("User-Agent: x\r\nServer: y\r\nVia: 1.1 z\r\n"),
        ),
    ] {
        check([(USUAL, &get(client), get(&server))]);
    }
}

#[test]
fn the_path_of_a_server_counts_where_it_is_to_be_preserved() {
    let preserving = |path| Setup { path, preserve_path: true, ..USUAL };
    for (setup, target, expected) in [
        (Setup { path: "/base", ..USUAL }, "/a?b", "/a?b"),
        (preserving("/base"), "/a?b", "/base/a?b"),
        (preserving("/base/"), "/a", "/base/a"),
        (preserving("/base/"), "/", "/base/"),
        (preserving("/base?x=y"), "/a", "/base/a"),
        (preserving("/%2Fb"), "/a%2Fb", "/%2Fb/a%2Fb"),
        (preserving(""), "/a", "/a"),
        (preserving("/"), "/a", "/a"),
    ] {
        let head = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n");
        check([(setup, &(head(target) + "\r\n"), usual(&head(expected)) + "\r\n")]);
    }
}
