//! Requests that cannot be handled: what is said, that the connection is closed, and that nothing behind
//! them is handled.

use crate::support::server::{Case, check, ok, refused};
use crate::support::*;

const NEXT: &str = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn malformed_heads() {
    let bad = "400 Bad Request";
    for (head, status, text) in [
        ("GET / HTTP/1.1\r\n\r\n", bad, "400 Bad Request: missing required Host header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", bad, "400 Bad Request: too many Host headers"),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", bad, "400 Bad Request: malformed Host header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX y: 1\r\n\r\n", bad, "400 Bad Request: invalid header name"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", bad, "400 Bad Request: invalid header name"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", bad, "400 Bad Request: invalid header value"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", bad, "400 Bad Request: invalid header name"),
        ("GET / HTTP/1.1\nHost: a\n\n", bad, "400 Bad Request"),
        ("\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", bad, "400 Bad Request"),
        ("GET /\r\n\r\n", bad, "400 Bad Request"),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", bad, "400 Bad Request"),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", bad, "400 Bad Request"),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", bad, "400 Bad Request"),
        ("G=T / HTTP/1.1\r\nHost: a\r\n\r\n", bad, "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", bad, "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            bad,
            "400 Bad Request",
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            bad,
            "400 Bad Request",
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad, "400 Bad Request"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "501 Not Implemented",
            "Unsupported transfer encoding",
        ),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "501 Not Implemented", ""),
        (
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            "505 HTTP Version Not Supported",
            "505 HTTP Version Not Supported",
        ),
        (
            "PRI * HTTP/2.0\r\nHost: a\r\n\r\n",
            "505 HTTP Version Not Supported",
            "505 HTTP Version Not Supported",
        ),
    ] {
        let answer = refused(status, text);
        check([
            Case::new(head).steps([send([head, NEXT].concat()), get(answer.clone()), Closed]),
            Case::new(head)
                .steps([send(NEXT), get(ok("/next")), send_bytewise(head), get(answer), Closed])
                .seen(["GET /next a"]),
        ]);
    }
}

#[test]
fn large_heads() {
    const TOO_LARGE: &str = "431 Request Header Fields Too Large";
    // What Go's server allows beyond the limit.
    const SLACK: usize = 4096;
    let head_of = |length: usize| {
        let rest = length - "GET /1 HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".len();
        format!("GET /1 HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(rest))
    };
    let many = |n: usize| format!("GET /1 HTTP/1.1\r\nHost: a\r\n{}\r\n", "Connection: close\r\n".repeat(n));
    let small = |settings: &mut ferroway_http::server::Settings| settings.max_header_bytes = 1000;
    let refusal = refused(TOO_LARGE, TOO_LARGE);
    check([
        Case::new("as large as may be")
            .settings(small)
            .steps([
                send([head_of(1000 + SLACK).as_str(), NEXT].concat()),
                get([ok("/1"), ok("/next")].concat()),
            ])
            .seen(["GET /1 a [x: <5063 bytes>]", "GET /next a"]),
        Case::new("one byte more").settings(small).steps([
            send([head_of(1001 + SLACK).as_str(), NEXT].concat()),
            get(refusal.clone()),
            Closed,
        ]),
        Case::new("without an end").settings(small).steps([
            send(&head_of(2000 + SLACK).as_bytes()[..1001 + SLACK]),
            get(refusal.clone()),
            Closed,
        ]),
        Case::new("not yet too large without an end")
            .settings(small)
            .steps([send(&head_of(2000 + SLACK).as_bytes()[..1000 + SLACK]), closed_after(60)]),
        Case::new("a large body behind a small head is nobody's business here")
            .settings(small)
            .steps([
                send(
                    [b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", &[b'x'; 100_000][..]]
                        .concat(),
                ),
                get(ok("/1")),
            ])
            .seen(["POST /1 a <100000 bytes>"]),
        Case::new("too many fields").steps([send(many(2000)), get(refusal), Closed]),
        Case::new("as many fields as may be")
            .steps([send(many(1999)), get(crate::support::server::ok_close("/1")), Closed])
            .seen(["GET /1 a"]),
    ]);
}
