use super::check_received;
use crate::testing::{check_problems, check_sent, exchange};

#[test]
fn request_fields_are_set_and_removed() {
    check_sent(
        "headers: {customRequestHeaders: {X-Custom: test, x-lower-name: a, X-Two: 'b, c', X-Gone: '', X-D: ' d '}}",
        &[
            ("GET /", "GET / | X-Custom: test | X-D: d | X-Lower-Name: a | X-Two: b, c"),
            (
                "GET / | X-Custom: old | x-custom: older | X-Gone: 1 | x-gone: 2 | X-Kept: 3",
                "GET / | X-Custom: test | X-D: d | X-Kept: 3 | X-Lower-Name: a | X-Two: b, c",
            ),
        ],
    );
    check_sent("headers: {customRequestHeaders: {X-U: café}}", &[("GET /", "GET / | X-U: café")]);
    check_sent("headers: {customRequestHeaders: {X-N: \"a\\n  b\\n\"}}", &[("GET /", "GET / | X-N: a   b")]);
}

/// What a rule says about a field holds for servers that take `_` for `-`, too.
#[test]
fn aliases_of_request_fields_are_removed() {
    check_sent(
        "headers: {customRequestHeaders: {X-User: me, X-Admin: '', X_Odd: '1'}}",
        &[
            ("GET / | x_user: you | X-Admin: 1 | X_ADMIN: 1", "GET / | X-User: me | X_odd: 1"),
            ("GET / | X_Other: 1 | X-Odd: 2", "GET / | X-Odd: 2 | X-User: me | X_odd: 1 | X_other: 1"),
        ],
    );
}

#[test]
fn host() {
    check_sent(
        "headers: {customRequestHeaders: {host: other.example:81}}",
        &[("GET /", "GET / | Host: other.example:81")],
    );
    check_sent("headers: {customRequestHeaders: {Host: ''}}", &[("GET http://foo/", "GET / | Host: foo")]);
    check_problems(&[
        ("headers: {customRequestHeaders: {Host: a b}}", "customRequestHeaders: \"a b\" is no host"),
        ("headers: {customRequestHeaders: {Host: 'a:b'}}", "customRequestHeaders: \"a:b\" is no host"),
    ]);
}

#[test]
fn framing_and_connections_are_not_touched() {
    check_sent(
        "headers: {customRequestHeaders: {Content-Length: '5', Transfer-Encoding: chunked, Connection: close, Upgrade: x}}",
        &[("GET / | Upgrade: websocket", "GET / | Upgrade: websocket")],
    );
    for name in ["Connection", "Upgrade"] {
        check_sent(
            &format!("headers: {{customRequestHeaders: {{{name}: ''}}}}"),
            &[("GET / | Upgrade: websocket", "GET /")],
        );
    }
    for (value, expected) in [("trailers", "GET / | Te: trailers"), ("gzip", "GET /"), ("''", "GET /")] {
        let middleware = format!("headers: {{customRequestHeaders: {{Te: {value}}}}}");
        check_sent(&middleware, &[("GET /", expected), ("GET / | Te: trailers", expected)]);
    }
    check_received(&[(
        "customResponseHeaders: {Content-Length: '3', Transfer-Encoding: x, Connection: close, Keep-Alive: a, \
         Upgrade: b, Trailer: c, TE: d, Proxy-Connection: e}",
        "GET /",
        "200 | Upgrade: theirs",
        "200 | Upgrade: theirs",
    )]);
}

#[test]
fn an_empty_x_forwarded_for_is_suppressed() {
    let middlewares = "\
none: {headers: {customRequestHeaders: {X-Forwarded-For: ''}}}
lower: {headers: {customRequestHeaders: {x-forwarded-for: ''}}}
set: {headers: {customRequestHeaders: {X-Forwarded-For: 5.5.5.5}}}
other: {headers: {customRequestHeaders: {X-A: '1'}}}";
    for (names, expected) in [
        (&["none"][..], "GET / | no X-Forwarded-For"),
        (&["lower"], "GET /"),
        (&["none", "set"], "GET / | X-Forwarded-For: 5.5.5.5"),
        (&["set", "none"], "GET / | no X-Forwarded-For"),
        (&["none", "other"], "GET / | X-A: 1 | no X-Forwarded-For"),
    ] {
        let (server, _) = exchange(middlewares, names, "GET / | X-Forwarded-For: 1.1.1.1", "200");
        assert_eq!(server.unwrap(), expected, "{names:?}");
    }
}

#[test]
fn response_fields_are_set_and_removed() {
    check_received(&[
        (
            "customResponseHeaders: {X-Added: '1', x-lower: '2', Server: me, X-Backend: '', Content-Type: text/html, X-None: ''}",
            "GET /",
            "200 | Server: echo | X-Added: old | X-Added: older | X-Backend: b1 | X_added: 3",
            "200 | Content-Type: text/html | Server: me | X-Added: 1 | X-Lower: 2 | X_added: 3",
        ),
        ("customResponseHeaders: {X-Added: '1'}", "GET /", "502", "502 | X-Added: 1"),
        (
            "customResponseHeaders: {X-U: café, X-N: \"a\\r\\nb\"}",
            "GET /",
            "200",
            "200 | X-N: a  b | X-U: café",
        ),
    ]);
}

#[test]
fn bad_fields() {
    check_problems(&[
        ("headers: {customRequestHeaders: {X Bad: a}}", "customRequestHeaders: \"X Bad\" is no field name"),
        ("headers: {customRequestHeaders: {'': a}}", "customRequestHeaders: \"\" is no field name"),
        (
            "headers: {customRequestHeaders: {X-A: \"a\\x01\"}}",
            "customRequestHeaders: \"a\\u{1}\" has characters",
        ),
        ("headers: {customResponseHeaders: {X Bad: a}}", "customResponseHeaders: \"X Bad\" is no field name"),
        (
            "headers: {customResponseHeaders: {X-A: \"a\\0\"}}",
            "customResponseHeaders: \"a\\0\" has characters",
        ),
    ]);
}
