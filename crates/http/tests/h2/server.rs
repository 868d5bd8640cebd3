//! The side towards clients.

use std::time::Duration;

use ferroway_core::Phase;
use ferroway_http::h2::server::Limits;

use crate::support::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, block, data, field, frame, head, last_data,
    post, request, reset, window_update,
};
use crate::support::{Served, run, seconds, settings};

/// What is sent, what comes, and what the handler notes.
type Case<'a> = (&'a str, Vec<u8>, &'a [&'a str], &'a [&'a str]);

/// Plays each case on a connection of its own.
fn check<const N: usize>(cases: [Case<'_>; N]) {
    for (name, bytes, expected, seen) in cases {
        run(async {
            let mut served = Served::greeted().await;
            assert_eq!(served.exchange(bytes).await, expected, "{name}: what comes");
            assert_eq!(served.leave().await, seen, "{name}: what the handler sees");
        });
    }
}

#[test]
fn responses() {
    check([
        ("in memory", request(1, "/x"), &["1: HEADERS 200", "1: DATA \"/x\", end"], &["200 sent 2"]),
        ("empty", request(1, "/empty"), &["1: HEADERS 200, end"], &["200 sent 0"]),
        ("204", request(1, "/no-content"), &["1: HEADERS 204, end"], &["204 sent 0"]),
        (
            "to HEAD",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, &head("HEAD", "/x", &[])),
            &["1: HEADERS 200, end"],
            &["200 sent 0"],
        ),
        (
            "trailers, without those of a connection",
            request(1, "/trailers"),
            &["1: HEADERS 200", "1: DATA \"one\"", "1: DATA \"two\"", "1: HEADERS, end"],
            &["200 sent 6"],
        ),
        (
            "trailers alone",
            request(1, "/only-trailers"),
            &["1: HEADERS 200", "1: HEADERS, end"],
            &["200 sent 0"],
        ),
        (
            "of known length",
            request(1, "/known"),
            &["1: HEADERS 200", "1: DATA \"one\"", "1: DATA \"two\", end"],
            &["200 sent 6"],
        ),
        (
            "longer than announced",
            request(1, "/too-long"),
            &["1: HEADERS 200", "1: DATA \"one\"", "1: DATA \"tw\", end"],
            &["200 sent 5"],
        ),
        (
            "shorter than announced",
            request(1, "/too-short"),
            &["1: RST_STREAM INTERNAL_ERROR"],
            &["200 sent 6 broken off"],
        ),
        ("broken off", request(1, "/broken"), &["1: RST_STREAM INTERNAL_ERROR"], &["200 sent 3 broken off"]),
        (
            "several at once",
            [request(1, "/a"), request(3, "/b")].concat(),
            &["1: HEADERS 200", "3: HEADERS 200", "1: DATA \"/a\", end", "3: DATA \"/b\", end"],
            &["200 sent 2", "200 sent 2"],
        ),
    ]);
}

/// A client of gRPC is told of a failure by a head alone, and everybody else in words; logs tell the status.
#[test]
fn failures_of_grpc() {
    let grpc = [("content-type", "application/grpc")];
    let page = &["1: HEADERS other", "1: DATA \"Bad Gateway\", end"];
    check([
        ("a page", request(1, "/failed"), page, &["502 sent 11"]),
        (
            "a head alone, while the request goes on",
            [post(1, "/failed", &grpc), data(1, b"12")].concat(),
            &["1: HEADERS 200, end", "1: RST_STREAM NO_ERROR"],
            &["502 sent 0"],
        ),
        (
            "what a server says is passed on",
            [post(1, "/read", &grpc), last_data(1, b"12")].concat(),
            &["1: HEADERS 200", "1: DATA \"12\", end"],
            &["200 sent 2, took 2"],
        ),
    ]);
}

#[test]
fn request_bodies() {
    let trailers = frame(HEADERS, END_STREAM | END_HEADERS, 1, &block(&[("x-sum", "7"), ("cookie", "no")]));
    let pseudo =
        |stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &block(&[(":path", "/x"), ("x-sum", "7")]));
    check([
        (
            "read",
            [post(1, "/read", &[("content-length", "5")]), data(1, b"12"), last_data(1, b"345")].concat(),
            &["1: HEADERS 200", "1: DATA \"12345\", end"],
            &["200 sent 5, took 5"],
        ),
        (
            "with trailers",
            [post(1, "/read", &[]), data(1, b"12"), trailers].concat(),
            &["1: HEADERS 200", "1: DATA \"12 [x-sum: 7]\", end"],
            &["200 sent 13, took 2"],
        ),
        (
            "with trailers that have a pseudo field",
            [post(1, "/read", &[]), data(1, b"12"), pseudo(1), request(3, "/x")].concat(),
            &["1: RST_STREAM PROTOCOL_ERROR", "3: HEADERS 200", "3: DATA \"/x\", end"],
            &["499 sent 0 broken off client_closed, took 2", "200 sent 2"],
        ),
        (
            "echoed while it comes",
            [post(1, "/echo", &[]), data(1, b"12")].concat(),
            &["1: HEADERS 200", "1: DATA \"12\""],
            &["200 sent 2 broken off, took 2"],
        ),
        (
            "not wanted",
            [post(1, "/x", &[]), data(1, b"12")].concat(),
            &["1: HEADERS 200", "1: DATA \"/x\", end", "1: RST_STREAM NO_ERROR"],
            &["200 sent 2"],
        ),
        (
            "longer than announced",
            [post(1, "/read", &[("content-length", "3")]), last_data(1, b"12345")].concat(),
            &["1: RST_STREAM PROTOCOL_ERROR"],
            &["499 sent 0 broken off client_closed"],
        ),
        (
            "shorter than announced",
            [post(1, "/read", &[("content-length", "9")]), last_data(1, b"12345")].concat(),
            &["1: RST_STREAM PROTOCOL_ERROR"],
            &["499 sent 0 broken off client_closed"],
        ),
        (
            "waited for",
            post(1, "/read", &[("expect", "100-continue")]),
            &["1: HEADERS other"],
            &["/read given up", "499 sent 0 broken off client_closed"],
        ),
    ]);
    run(async {
        // When the response is under way.
        let mut served = Served::greeted().await;
        let answer = served.exchange([post(1, "/echo", &[]), data(1, b"12")].concat()).await;
        assert_eq!(answer, ["1: HEADERS 200", "1: DATA \"12\""]);
        assert_eq!(served.exchange(pseudo(1)).await, ["1: RST_STREAM PROTOCOL_ERROR"]);
        assert_eq!(served.leave().await, ["200 sent 2 broken off, took 2"]);
    });
}

#[test]
fn refusals() {
    let bare = |fields: &[(&str, &str)]| frame(HEADERS, END_STREAM | END_HEADERS, 1, &block(fields));
    let with =
        |fields: &[(&str, &str)]| frame(HEADERS, END_STREAM | END_HEADERS, 1, &head("GET", "/x", fields));
    let at = |path: &str| frame(HEADERS, END_STREAM | END_HEADERS, 1, &head("GET", path, &[]));
    const MALFORMED: &[&str] = &["1: RST_STREAM PROTOCOL_ERROR"];
    // What is no field at all ends the connection.
    const NOT_A_FIELD: &[&str] = &["GOAWAY after 0, PROTOCOL_ERROR", "closed"];
    check([
        (
            "two hosts",
            bare(&[
                (":method", "GET"),
                (":scheme", "http"),
                (":path", "/"),
                ("host", "a.test"),
                ("host", "b.test"),
            ]),
            MALFORMED,
            &[],
        ),
        ("no host", bare(&[(":method", "GET"), (":scheme", "http"), (":path", "/")]), MALFORMED, &[]),
        (
            "userinfo",
            bare(&[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "u@a.test")]),
            MALFORMED,
            &[],
        ),
        (
            "another scheme",
            bare(&[(":method", "GET"), (":scheme", "ftp"), (":path", "/"), (":authority", "a.test")]),
            MALFORMED,
            &[],
        ),
        ("a path without slash", at("x"), MALFORMED, &[]),
        ("an absolute URL for a path", at("http://b.test/"), MALFORMED, &[]),
        ("a fragment", at("/x#y"), &["1: HEADERS 400, end"], &[]),
        ("a space in the path", at("/x HTTP/1.1"), MALFORMED, &[]),
        ("CR LF in a value", with(&[("x", "1\r\nx-evil: 1")]), NOT_A_FIELD, &[]),
        ("a bad name", with(&[("x y", "1")]), NOT_A_FIELD, &[]),
        ("an upper case name", with(&[("X-Y", "1")]), NOT_A_FIELD, &[]),
        ("a connection field", with(&[("connection", "close")]), MALFORMED, &[]),
        ("transfer-encoding", with(&[("transfer-encoding", "chunked")]), MALFORMED, &[]),
        ("te", with(&[("te", "gzip")]), MALFORMED, &[]),
        ("an escape", at("/%zz"), MALFORMED, &[]),
        (
            "CONNECT",
            bare(&[(":method", "CONNECT"), (":authority", "a.test:443")]),
            &["1: HEADERS other, end"],
            &[],
        ),
    ]);
}

#[test]
fn given_up_requests() {
    check([(
        "before the response",
        [request(1, "/ever"), reset(1, 8), request(3, "/x")].concat(),
        &["3: HEADERS 200", "3: DATA \"/x\", end"],
        &["499 sent 0 broken off client_closed", "200 sent 2"],
    )]);
    run(async {
        let mut served = Served::greeted().await;
        assert_eq!(served.exchange(request(1, "/ever")).await, [""; 0]);
        assert_eq!(served.exchange(request(3, "/open")).await, ["3: HEADERS 200", "3: DATA \"one\""]);
        assert_eq!(served.exchange([reset(1, 8), reset(3, 8)].concat()).await, [""; 0]);
        let seen = ["/ever given up", "499 sent 0 broken off client_closed", "200 sent 3 broken off"];
        assert_eq!(served.leave().await, seen);
    });
}

#[test]
fn flow_control() {
    run(async {
        // No more than the windows give, and the rest when they are opened.
        let mut served = Served::start(settings(), Limits::default());
        served.greet(&[(4, 10)]).await;
        assert_eq!(
            served.exchange(request(1, "/read-nothing")).await,
            ["1: HEADERS 200", "1: DATA \"/read-noth\""]
        );
        assert_eq!(served.exchange(window_update(1, 2)).await, ["1: DATA \"in\""]);
        assert_eq!(served.exchange(window_update(1, 2)).await, ["1: DATA \"g\", end"]);
        assert_eq!(served.leave().await, ["200 sent 13"]);
    });
    run(async {
        // Credit for a body comes as it is read.
        let mut served = Served::greeted().await;
        let piece = [0; 16 * 1024];
        served.send(post(1, "/ever", &[])).await;
        for _ in 0..32 {
            assert_eq!(served.exchange(data(1, &piece)).await, [""; 0]);
        }
        // The stream's window is used up, the connection's is not.
        served.send(request(3, "/x")).await;
        assert_eq!(served.frames().await, ["3: HEADERS 200", "3: DATA \"/x\", end"]);
        assert_eq!(
            served.exchange(data(1, b"more")).await,
            ["1: RST_STREAM FLOW_CONTROL_ERROR", "0: WINDOW_UPDATE 524292"]
        );
    });
}

#[test]
fn interim_responses() {
    run(async {
        let mut served = Served::greeted().await;
        assert_eq!(served.exchange(request(1, "/interim")).await, ["1: HEADERS other"]);
        tokio::time::sleep(seconds(1)).await;
        assert_eq!(served.frames().await, ["1: HEADERS 200", "1: DATA \"hinted\", end"]);
    });
}

#[test]
fn timeouts() {
    let at = |second: u64| async move { tokio::time::sleep(seconds(second)).await };
    run(async {
        // Nothing at all comes.
        let mut served = Served::start(settings(), Limits::default());
        served.frames().await;
        at(59).await;
        assert_eq!(served.frames().await, [""; 0]);
        at(2).await;
        assert_eq!(served.frames().await, ["closed"]);
    });
    run(async {
        // No request comes; pings do not count.
        let mut served = Served::greeted().await;
        at(59).await;
        assert_eq!(served.exchange(frame(PING, 0, 0, b"12345678")).await, ["PING ack"]);
        at(2).await;
        assert_eq!(served.frames().await, ["GOAWAY after 0, NO_ERROR", "closed"]);
    });
    run(async {
        // No further request comes.
        let mut served = Served::greeted().await;
        assert_eq!(served.exchange(request(1, "/x")).await.len(), 2);
        at(178).await;
        assert_eq!(served.frames().await, [""; 0]);
        at(4).await;
        assert_eq!(served.frames().await, ["GOAWAY after 1, NO_ERROR", "closed"]);
    });
    run(async {
        // The body does not come in time.
        let mut served = Served::greeted().await;
        assert_eq!(served.exchange([post(1, "/read", &[]), data(1, b"12")].concat()).await, [""; 0]);
        at(58).await;
        assert_eq!(served.frames().await, [""; 0]);
        at(3).await;
        let expected = ["1: HEADERS 200", "1: DATA of 60, end", "1: RST_STREAM NO_ERROR"];
        assert_eq!(served.frames().await, expected);
    });
    run(async {
        // The client does not take the response.
        let mut served = Served::start(settings(), Limits::default());
        served.greet(&[(4, 0)]).await;
        assert_eq!(served.exchange(request(1, "/x")).await, ["1: HEADERS 200"]);
        at(182).await;
        assert_eq!(served.frames().await, ["1: RST_STREAM INTERNAL_ERROR"]);
        assert_eq!(served.seen(), ["200 sent 0 broken off"]);
    });
    run(async {
        // The response takes longer than the write timeout.
        let settings = ferroway_http::server::Settings { write_timeout: Some(seconds(5)), ..settings() };
        let mut served = Served::start(settings, Limits::default());
        served.greet(&[]).await;
        assert_eq!(served.exchange(request(1, "/open")).await, ["1: HEADERS 200", "1: DATA \"one\""]);
        at(6).await;
        assert_eq!(served.frames().await, ["1: RST_STREAM INTERNAL_ERROR"]);
    });
}

#[test]
fn leaving() {
    run(async {
        // Requests that are under way end; the client is told at once.
        let mut served = Served::greeted().await;
        served.send(request(1, "/interim")).await;
        assert_eq!(served.frames().await, ["1: HEADERS other"]);
        served.enter(Phase::Draining);
        assert_eq!(served.frames().await, ["GOAWAY soon, NO_ERROR", "PING"]);
        // One that was under way to us counts as well.
        assert_eq!(served.exchange(request(3, "/x")).await, ["3: HEADERS 200", "3: DATA \"/x\", end"]);
        let shutdown_ping = [0x0b, 0x7b, 0xa2, 0xf0, 0x8b, 0x9b, 0xfe, 0x54];
        assert_eq!(served.exchange(frame(PING, 1, 0, &shutdown_ping)).await, ["GOAWAY after 3, NO_ERROR"]);
        tokio::time::sleep(seconds(1)).await;
        assert_eq!(served.frames().await, ["1: HEADERS 200", "1: DATA \"hinted\", end", "closed"]);
        assert_eq!(served.leave().await, ["200 sent 2", "200 sent 6"]);
    });
    run(async {
        // A client that says nothing is not waited for when there are no requests.
        let mut served = Served::greeted().await;
        served.enter(Phase::Draining);
        assert_eq!(served.frames().await, ["GOAWAY soon, NO_ERROR", "PING"]);
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(served.frames().await, ["GOAWAY after 0, NO_ERROR", "closed"]);
    });
    run(async {
        // The end for everybody.
        let mut served = Served::greeted().await;
        served.send(request(1, "/ever")).await;
        assert_eq!(served.frames().await, [""; 0]);
        served.enter(Phase::Closed);
        assert_eq!(served.frames().await, ["GOAWAY after 1, NO_ERROR", "closed"]);
        assert_eq!(served.leave().await, ["/ever given up", "499 sent 0 broken off client_closed"]);
    });
    run(async {
        // The last request that a connection is good for.
        let settings = ferroway_http::server::Settings { keep_alive_max_requests: Some(2), ..settings() };
        let mut served = Served::start(settings, Limits::default());
        served.greet(&[]).await;
        assert_eq!(served.exchange(request(1, "/x")).await, ["1: HEADERS 200", "1: DATA \"/x\", end"]);
        let expected = ["GOAWAY soon, NO_ERROR", "PING", "3: HEADERS 200", "3: DATA \"/x\", end"];
        assert_eq!(served.exchange(request(3, "/x")).await, expected);
    });
}

#[test]
fn websockets_over_extended_connect() {
    run(async {
        let mut served = Served::start(settings(), Limits { extended_connect: true, ..Limits::default() });
        served.greet(&[]).await;
        let connect = [head("CONNECT", "/tunnel", &[]), field("sec-websocket-version", "13")].concat();
        let connect = [field(":protocol", "websocket"), connect].concat();
        let opened = served.exchange(frame(HEADERS, END_HEADERS, 1, &connect)).await;
        assert_eq!(opened, ["1: HEADERS 200"]);
        assert_eq!(served.exchange(data(1, b"hello")).await, ["1: DATA \"hello\""]);
        assert_eq!(
            served.exchange(frame(DATA, END_STREAM, 1, b"!")).await,
            ["1: DATA \"!bye\"", "1: DATA \"\", end"]
        );
        assert_eq!(served.leave().await, ["200 sent 0"]);
    });
}

#[test]
fn other_protocols_are_told() {
    run(async {
        let mut served = Served::start(settings(), Limits::default());
        let got = served.exchange(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
        assert_eq!(got, ["SETTINGS", "GOAWAY after 0, PROTOCOL_ERROR", "closed"]);
    });
    run(async {
        let mut served = Served::greeted().await;
        let got = served.exchange(frame(CONTINUATION, END_HEADERS, 1, b"")).await;
        assert_eq!(got, ["GOAWAY after 0, PROTOCOL_ERROR", "closed"]);
    });
}
