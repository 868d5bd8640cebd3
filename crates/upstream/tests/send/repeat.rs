//! Connections that the server had ended: which requests are sent once more over a new one.

use bytes::Bytes;
use ferroway_core::Body;
use ferroway_upstream::TransportOptions;

use crate::support::{Act, Answer, Close, Request, Server, Write, ask, get, head, outcome, run};

/// Answers one request and closes the connection when the second one is there.
const STALE: &[Act] = &[Request, Answer, Request, Close];
/// The same, with the beginning of a response.
const STARTS: &[Act] = &[Request, Answer, Request, Write("HTTP/1.1 2"), Close];
const ONCE: &[Act] = &[Request, Answer];

/// Sends a first request, and then this one over the same connection: the outcome and what the server saw of it.
async fn second(
    scripts: [&'static [Act]; 2],
    method: &str,
    fields: &[(&'static str, &'static str)],
    body: &'static str,
) -> (String, Vec<String>) {
    let server = Server::start(scripts).await;
    let endpoint = server.endpoint(TransportOptions::default());
    assert_eq!(get(&endpoint, "GET", "/first").await, "200 ok");
    let body = Body::full(Bytes::from_static(body.as_bytes()));
    let got = outcome(ask(&endpoint, &head(method, "/", fields), body).await).await;
    let port = format!(":{}", server.address.port());
    let lines = server.log.lines().into_iter().filter(|line| line.contains(" /") && !line.contains("/first"));
    (got.replace(&port, ""), lines.collect())
}

#[test]
fn only_what_may_be_received_twice_is_sent_again() {
    const KEY: &[(&str, &str)] = &[("idempotency-key", "1")];
    let closed = "upstream_closed: 127.0.0.1: the server closed the connection before it answered";
    for (method, fields, body, repeated) in [
        ("GET", &[][..], "", true),
        ("HEAD", &[], "", true),
        ("OPTIONS", &[], "", true),
        ("TRACE", &[], "", true),
        ("PUT", &[], "", true),
        ("DELETE", &[], "", true),
        ("POST", &[], "", false),
        ("PATCH", &[], "", false),
        ("PURGE", &[], "", false),
        ("POST", KEY, "", true),
        // Some of the body is gone, so the request is not whole any more.
        ("PUT", &[], "hello", false),
        ("POST", KEY, "hello", false),
    ] {
        run(async {
            let (got, seen) = second([STALE, ONCE], method, fields, body).await;
            if repeated {
                let expected = if method == "HEAD" { "200 " } else { "200 ok" };
                assert_eq!(got, expected, "{method} {body}");
                assert_eq!(seen, [format!("1: {method} /"), format!("2: {method} /")], "{method} {body}");
            } else {
                let again = if body.is_empty() { ", may be sent again" } else { "" };
                assert_eq!(got, format!("{closed}{again}"), "{method} {body}");
                assert_eq!(seen, [format!("1: {method} /")], "{method} {body}");
            }
        });
    }
}

#[test]
fn nothing_is_sent_a_third_time() {
    run(async {
        let (got, seen) = second([STALE, &[Request, Close]], "GET", &[], "").await;
        let closed = "upstream_closed: 127.0.0.1: the server closed the connection before it answered";
        assert!(got.starts_with(closed), "{got}");
        assert_eq!(seen, ["1: GET /", "2: GET /"]);
    });
}

#[test]
fn nothing_is_sent_again_after_a_byte_of_an_answer() {
    run(async {
        let (got, seen) = second([STARTS, ONCE], "GET", &[], "").await;
        let closed = "upstream_closed: 127.0.0.1: the server closed the connection within the response head";
        assert!(got.starts_with(closed), "{got}");
        assert_eq!(seen, ["1: GET /"]);
    });
}

#[test]
fn nothing_is_sent_again_after_a_new_connection_failed() {
    run(async {
        let server = Server::start([&[Request, Close][..], ONCE]).await;
        let got = get(&server.endpoint(TransportOptions::default()), "GET", "/").await;
        assert!(got.starts_with("upstream_closed: "), "{got}");
        assert_eq!(server.log.lines(), ["1: GET /", "1: closed"]);
    });
}

/// The server ends its connections while they are idle; requests that cannot be repeated ask the kernel first.
#[test]
fn an_idle_connection_that_has_ended_is_not_used() {
    for method in ["GET", "POST"] {
        run(async {
            let server = Server::start([&[Request, Answer, Close][..], ONCE]).await;
            let endpoint = server.endpoint(TransportOptions::default());
            get(&endpoint, "GET", "/first").await;
            server.log.until("1: closed").await;
            assert_eq!(get(&endpoint, method, "/").await, "200 ok", "{method}");
            assert_eq!(
                server.log.lines(),
                ["1: GET /first".to_owned(), "1: closed".to_owned(), format!("2: {method} /")],
                "{method}"
            );
        });
    }
}

/// The same, before anything but the kernel knows of it: this thread learns of the end only by asking.
#[test]
fn the_kernel_is_asked_for_requests_that_cannot_be_repeated() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let (close, to_close) = std::sync::mpsc::channel();
    let (closed, is_closed) = std::sync::mpsc::channel();
    let serving = std::thread::spawn(move || {
        let answer = || {
            let (mut stream, _) = listener.accept().expect("a connection");
            assert!(stream.read(&mut [0; 1000]).expect("connected") > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").expect("connected");
            stream
        };
        let first = answer();
        to_close.recv().expect("the test runs");
        drop(first);
        closed.send(()).expect("the test runs");
        answer();
    });
    run(async {
        let endpoint = crate::support::endpoint("127.0.0.1", port, TransportOptions::default());
        assert_eq!(get(&endpoint, "GET", "/first").await, "200 ok");
        close.send(()).expect("the server runs");
        is_closed.recv().expect("the server runs");
        assert_eq!(get(&endpoint, "POST", "/").await, "200 ok");
    });
    serving.join().expect("no panic");
}
