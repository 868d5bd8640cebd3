//! The side towards servers, against the side towards clients: every request passes both.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use ferroway_core::{
    Body, BodyError, BodyStream, HeaderList, InterimQueue, Io, Phase, RequestHead, Response, Target,
};
use ferroway_http::h2::client::{Failure, H2Conn, Options, handshake};
use ferroway_http::h2::server::Limits;
use http::uri::Scheme;
use http::{HeaderValue, Method, StatusCode, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::support::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, SETTINGS, field, frame, reset, settings_frame,
    take_frame,
};
use crate::support::{Paths, Pieces, fields, read, run, seconds, settings, start};

fn head(method: Method, path: &str) -> RequestHead {
    RequestHead {
        method,
        target: Target::parse(path.as_bytes()).expect("a target").target,
        version: Version::HTTP_11,
        host: HeaderValue::from_static("a.test"),
        headers: HeaderList::new(),
        connection: Vec::new(),
        upgrade: None,
        accepts_trailers: true,
    }
}

async fn connect(io: DuplexStream, options: Options) -> H2Conn {
    let (conn, driver) = handshake(Io::Other(Box::new(io)), options).await.expect("memory takes it");
    tokio::task::spawn_local(driver);
    conn
}

/// A client of the server that does what the path says.
async fn served() -> (H2Conn, Rc<Paths>) {
    let (io, handler, connections, _) = start(settings(), Limits::default());
    // The server's tasks have to find it for as long as the test runs.
    tokio::task::spawn_local(async move {
        std::future::pending::<()>().await;
        drop(connections);
    });
    (connect(io, Options::new(Scheme::HTTP)).await, handler)
}

async fn get(conn: &H2Conn, head: &RequestHead, body: Body) -> Result<Response, Failure> {
    conn.request(head, body, &InterimQueue::default(), None).await
}

async fn view(result: Result<Response, Failure>) -> String {
    match result {
        Ok(mut response) => {
            let length = response.body.length();
            let text = read(&mut response.body).await;
            response.body.finish();
            format!("{} {text} of {length:?}", response.head.status.as_u16())
        }
        Err(failure) => {
            let body = if failure.body.is_some() { ", body kept" } else { "" };
            let unprocessed = if failure.unprocessed { ", unprocessed" } else { "" };
            format!("{}{body}{unprocessed}", failure.error)
        }
    }
}

#[test]
fn requests() {
    let trailers = || Some(fields(&[("x-sum", "7")]));
    for (name, method, path, body, expected) in [
        ("plain", Method::GET, "/x?q", Body::Empty, "200 /x of Some(2)"),
        ("of all resources", Method::OPTIONS, "*", Body::Empty, "200 * of Some(1)"),
        ("empty", Method::GET, "/empty", Body::Empty, "200  of Some(0)"),
        ("HEAD", Method::HEAD, "/x", Body::Empty, "200  of Some(0)"),
        ("large", Method::GET, "/big", Body::Empty, "200 300000 bytes of Some(300000)"),
        ("trailers", Method::GET, "/trailers", Body::Empty, "200 onetwo [grpc-status: 0] of None"),
        ("trailers alone", Method::GET, "/only-trailers", Body::Empty, "200  [grpc-status: 5] of None"),
        ("body in memory", Method::POST, "/read", Body::full(&b"12345"[..]), "200 12345 of Some(5)"),
        (
            "body in pieces, with trailers",
            Method::POST,
            "/read",
            Pieces { trailers: trailers(), ..Pieces::of([b"12", b"34"]) }.body(),
            "200 1234 [x-sum: 7] of Some(15)",
        ),
        (
            "body of known length",
            Method::PUT,
            "/echo",
            Pieces { length: Some(4), ..Pieces::of([b"12", b"34"]) }.body(),
            "200 1234 of Some(4)",
        ),
        (
            "large both ways",
            Method::POST,
            "/echo",
            Body::full(&crate::support::BIG[..]),
            "200 300000 bytes of Some(300000)",
        ),
        (
            "answered without the body",
            Method::POST,
            "/x",
            Pieces { stays_open: true, ..Pieces::of([b"12"]) }.body(),
            "200 /x of Some(2)",
        ),
        (
            "broken off by the server",
            Method::GET,
            "/broken",
            Body::Empty,
            "the server reset the stream: unexpected internal error encountered, body kept",
        ),
        (
            "broken off by the client",
            Method::POST,
            "/read",
            Pieces { breaks: true, ..Pieces::of([b"12"]) }.body(),
            "the server closed the connection before the end of the response body",
        ),
    ] {
        run(async {
            let (conn, _) = served().await;
            let got = view(get(&conn, &head(method, path), body).await).await;
            assert_eq!(got, expected, "{name}");
            assert_eq!((conn.streams(), conn.is_usable(), conn.has_room()), (0, true, true), "{name}");
        });
    }
}

#[test]
fn many_requests_at_once() {
    run(async {
        let (conn, handler) = served().await;
        let heads: Vec<_> = (0..100).map(|n| head(Method::GET, &format!("/{n}"))).collect();
        let requests = heads.iter().map(|head| async { view(get(&conn, head, Body::Empty).await).await });
        let answers = futures_util::future::join_all(requests).await;
        let expected =
            (0..100).map(|n| format!("/{n}")).map(|path| format!("200 {path} of Some({})", path.len()));
        assert_eq!(answers, expected.collect::<Vec<_>>());
        assert_eq!(handler.seen.take().len(), 100);
    });
}

/// A body that gets what is put into it.
#[derive(Clone, Default)]
struct Fed(Rc<RefCell<(String, Option<std::task::Waker>)>>);

impl Fed {
    fn feed(&self, text: &str) {
        let mut fed = self.0.borrow_mut();
        fed.0.push_str(text);
        if let Some(waker) = fed.1.take() {
            waker.wake();
        }
    }
}

/// What was taken out of it.
struct Taken(Fed, String);

impl BodyStream for Taken {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        let mut fed = self.0.0.borrow_mut();
        self.1.push_str(&std::mem::take(&mut fed.0));
        if self.1.is_empty() {
            fed.1 = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(self.1.len()))
    }

    fn data(&self) -> &[u8] {
        self.1.as_bytes()
    }

    fn consume(&mut self, n: usize) {
        self.1.drain(..n);
    }

    fn length(&self) -> Option<u64> {
        None
    }
}

#[test]
fn both_directions_stream_at_once() {
    run(async {
        let (conn, _) = served().await;
        let fed = Fed::default();
        fed.feed("ping 0");
        let body = Body::Stream(Box::new(Taken(fed.clone(), String::new())));
        let response = get(&conn, &head(Method::POST, "/echo"), body).await;
        let mut response = response.expect("the head comes before the body's end");
        for n in 0..10 {
            let ping = format!("ping {n}");
            let length = poll_fn(|cx| response.body.poll_fill(cx)).await.expect("more");
            assert_eq!(response.body.data(), ping.as_bytes());
            response.body.consume(length);
            fed.feed(&format!("ping {}", n + 1));
        }
        assert_eq!(conn.streams(), 1);
        drop(response);
        assert_eq!(conn.streams(), 0);
    });
}

#[test]
fn interim_responses_come_before_the_final_one() {
    run(async {
        let (conn, _) = served().await;
        let interim = InterimQueue::default();
        let head = head(Method::GET, "/interim");
        let mut request = std::pin::pin!(conn.request(&head, Body::Empty, &interim, None));
        assert!(tokio::time::timeout(Duration::from_millis(500), request.as_mut()).await.is_err());
        let (status, hints) = interim.pop().expect("a hint");
        assert_eq!((status, hints), (StatusCode::EARLY_HINTS, fields(&[("link", "</a.css>")])));
        assert_eq!(request.await.expect("a response").head.status, StatusCode::OK);
    });
}

#[test]
fn expectations_hold_the_body_back() {
    run(async {
        let (conn, _) = served().await;
        let mut head = head(Method::POST, "/read");
        head.headers = fields(&[("expect", "100-continue")]);
        let before = tokio::time::Instant::now();
        let got = view(get(&conn, &head, Body::full(&b"12"[..])).await).await;
        assert_eq!(got, "200 12 of Some(2)");
        assert!(before.elapsed() < Duration::from_millis(500), "the server's word was not heard");
    });
}

/// A server that says hello and answers the first request with these bytes; what it got before and after.
async fn answered(options: Options, body: Body, answer: &[u8]) -> (String, Vec<String>) {
    let (client, mut server) = tokio::io::duplex(1 << 20);
    let conn = connect(client, options).await;
    let hello = [settings_frame(&[]), frame(SETTINGS, ACK, 0, &[])].concat();
    server.write_all(&hello).await.expect("memory takes it");
    let head = head(Method::POST, "/x");
    let mut request = std::pin::pin!(async { view(get(&conn, &head, body).await).await });
    let sent = tokio::time::timeout(Duration::from_millis(1), request.as_mut()).await;
    assert!(sent.is_err(), "answered before there was an answer");
    let mut got = vec![0; 1 << 20];
    let n = server.read(&mut got).await.expect("memory gives it");
    assert_eq!(&got[..24], ferroway_http::h2::PREFACE);
    got.truncate(n);
    got.drain(..24);
    let mut frames = Vec::new();
    while let Some(frame) = take_frame(&mut got) {
        frames.push(frame);
    }
    server.write_all(answer).await.expect("memory takes it");
    if answer.is_empty() {
        drop(server);
    }
    (request.await, frames)
}

#[test]
fn failures() {
    let goaway = |last: u32| frame(GOAWAY, 0, 0, &[last.to_be_bytes(), 0_u32.to_be_bytes()].concat());
    let ok = |fields: &[u8], flags| frame(HEADERS, flags, 1, &[&[0x88][..], fields].concat());
    let sent = || Pieces { stays_open: true, ..Pieces::of([b"12"]) }.body();
    let unsent = || Pieces { stays_open: true, ..Pieces::of([]) }.body();
    let refused = "the server refused the request: ";
    for (name, body, answer, expected) in [
        (
            "refused",
            Body::Empty,
            reset(1, 7),
            format!(
                "{refused}refused stream before processing any application logic, body kept, unprocessed"
            ),
        ),
        (
            "refused before the body",
            unsent(),
            reset(1, 7),
            format!(
                "{refused}refused stream before processing any application logic, body kept, unprocessed"
            ),
        ),
        (
            "refused, some of the body gone",
            sent(),
            reset(1, 7),
            format!("{refused}refused stream before processing any application logic, unprocessed"),
        ),
        (
            "refused, body in memory",
            Body::full(&b"12"[..]),
            reset(1, 7),
            format!(
                "{refused}refused stream before processing any application logic, body kept, unprocessed"
            ),
        ),
        (
            "leaving, not seen",
            unsent(),
            goaway(0),
            format!("{refused}not a result of an error, body kept, unprocessed"),
        ),
        (
            "leaving, seen",
            Body::Empty,
            [goaway(1), ok(b"", END_HEADERS | END_STREAM)].concat(),
            "200  of Some(0)".to_owned(),
        ),
        (
            "reset",
            Body::Empty,
            reset(1, 2),
            "the server reset the stream: unexpected internal error encountered, body kept".to_owned(),
        ),
        (
            "gone",
            Body::Empty,
            Vec::new(),
            "the server closed the connection before it answered, body kept".to_owned(),
        ),
        (
            "no HTTP/2",
            Body::Empty,
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            "malformed response: frame with invalid size, body kept".to_owned(),
        ),
        (
            "no status",
            Body::Empty,
            frame(HEADERS, END_HEADERS, 1, &field("x", "y")),
            "malformed response: unspecific protocol error detected, body kept".to_owned(),
        ),
        (
            "101",
            Body::Empty,
            frame(HEADERS, END_HEADERS, 1, &field(":status", "101")),
            "malformed response: unspecific protocol error detected, body kept".to_owned(),
        ),
        (
            "too many interim responses",
            Body::Empty,
            frame(HEADERS, END_HEADERS, 1, &field(":status", "103")).repeat(65),
            "the response head is too large, body kept".to_owned(),
        ),
        (
            "shorter than announced",
            Body::Empty,
            [ok(&field("content-length", "5"), END_HEADERS), frame(DATA, END_STREAM, 1, b"123")].concat(),
            "200  (malformed response body: the stream is not a valid message) of Some(5)".to_owned(),
        ),
        (
            "broken off",
            Body::Empty,
            [ok(b"", END_HEADERS), frame(DATA, 0, 1, b"123"), reset(1, 2)].concat(),
            "200 123 (the server closed the connection before the end of the response body) of None"
                .to_owned(),
        ),
    ] {
        run(async {
            let (got, _) = answered(Options::new(Scheme::HTTP), body, &answer).await;
            assert_eq!(got, expected, "{name}");
        });
    }
}

#[test]
fn the_server_decides_when_to_leave() {
    run(async {
        let (io, _, connections, _) = start(settings(), Limits::default());
        let conn = connect(io, Options::new(Scheme::HTTP)).await;
        assert_eq!(view(get(&conn, &head(Method::GET, "/x"), Body::Empty).await).await, "200 /x of Some(2)");
        assert!(conn.is_usable());
        connections.set_phase(Phase::Draining);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(!conn.is_usable());
        let got = view(get(&conn, &head(Method::GET, "/x"), Body::Empty).await).await;
        assert!(got.ends_with("body kept, unprocessed"), "{got}");
    });
}

#[test]
fn a_connection_without_handles_ends() {
    run(async {
        let (io, _, _connections, serving) = start(settings(), Limits::default());
        let conn = connect(io, Options::new(Scheme::HTTP)).await;
        assert_eq!(view(get(&conn, &head(Method::GET, "/x"), Body::Empty).await).await, "200 /x of Some(2)");
        drop(conn);
        tokio::time::timeout(seconds(1), serving).await.expect("it stays").expect("no panic");
    });
}

#[test]
fn health_checks() {
    let options = |idle| Options {
        read_idle_timeout: Some(idle),
        ping_timeout: seconds(5),
        ..Options::new(Scheme::HTTP)
    };
    run(async {
        // A silent server is asked, and given up when it does not answer.
        let before = tokio::time::Instant::now();
        let (got, _) = answered(options(seconds(10)), Body::Empty, &settings_frame(&[])).await;
        assert_eq!(got, "the server closed the connection before it answered, body kept");
        let after = before.elapsed().as_secs();
        assert!((14..=16).contains(&after), "given up after {after} seconds");
    });
    run(async {
        // One that answers is not.
        let (io, handler, _connections, _) = start(settings(), Limits::default());
        let conn = connect(io, options(seconds(1))).await;
        let head = head(Method::GET, "/ever");
        let request = get(&conn, &head, Body::Empty);
        assert!(tokio::time::timeout(seconds(40), request).await.is_err(), "given up");
        assert!(conn.is_usable());
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(handler.seen.take(), ["/ever given up", "499 sent 0 broken off client_closed"]);
    });
    // Nobody asks without being told to.
    run(async {
        let (client, mut server) = tokio::io::duplex(1 << 20);
        let _conn = connect(client, Options::new(Scheme::HTTP)).await;
        let mut got = vec![0; 1 << 20];
        // The client's hello.
        while tokio::time::timeout(seconds(1), server.read(&mut got)).await.is_ok() {}
        let more = tokio::time::timeout(seconds(3600), server.read(&mut got)).await;
        assert!(more.is_err(), "a ping");
    });
}
