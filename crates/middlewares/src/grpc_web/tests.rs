use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferroway_core::{
    Body, BodyError, BodyStream, Exchange, HeaderList, Reason, Request, Response, Terminal, respond,
    run_chain,
};
use http::{HeaderName, HeaderValue, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;

use super::base64::{Decoder, Malformed};
use crate::testing::{build, parse_request, parse_response, show_request, show_response};

const OPTIONS: &str = "{allowOrigins: ['https://ok.test', 'https://too.test']}";

/// A body that arrives in pieces, with a wait before each.
#[derive(Default)]
struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    waited: bool,
    length: Option<u64>,
    trailers: Option<HeaderList>,
    /// Whether it breaks off instead of ending.
    breaks: bool,
}

impl Pieces {
    /// Pieces are separated by `|`.
    fn of(text: &str) -> Self {
        let pieces = text.split('|').filter(|piece| !piece.is_empty());
        Self { pieces: pieces.map(|piece| piece.as_bytes().to_vec()).collect(), ..Self::default() }
    }

    fn body(self) -> Body {
        Body::Stream(Box::new(self))
    }
}

impl BodyStream for Pieces {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        self.waited = !self.waited;
        if self.waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match self.pieces.front() {
            None if self.breaks => Poll::Ready(Err(BodyError::UpstreamClosed)),
            piece => Poll::Ready(Ok(piece.map_or(0, Vec::len))),
        }
    }

    fn data(&self) -> &[u8] {
        self.pieces.front().map_or(&[], Vec::as_slice)
    }

    fn consume(&mut self, n: usize) {
        if let Some(piece) = self.pieces.front_mut() {
            piece.drain(..n);
        }
        self.pieces.retain(|piece| !piece.is_empty());
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.trailers.take()
    }

    fn length(&self) -> Option<u64> {
        self.length
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}

/// All of a body, a few bytes at a time, and why it broke off.
fn drain(mut body: Body) -> Result<String, String> {
    let mut read = Vec::new();
    loop {
        let filled = block_on(std::future::poll_fn(|cx| body.poll_fill(cx)));
        let there = filled.map_err(|error| format!("{} then: {error}", read.escape_ascii()))?;
        if there == 0 {
            break;
        }
        let taken = there.min(7);
        read.extend_from_slice(&body.data()[..taken]);
        body.consume(taken);
    }
    assert!(body.data().is_empty());
    Ok(read.escape_ascii().to_string())
}

/// Remembers what it gets and answers as it was told.
#[derive(Default)]
struct Server {
    got: RefCell<Option<String>>,
    answer: RefCell<Option<Response>>,
}

impl Terminal for Server {
    async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        let body = drain(request.body).unwrap_or_else(|error| error);
        *self.got.borrow_mut() = Some(format!("{} | {body:?}", show_request(&request.head, exchange)));
        self.answer.take().expect("one request")
    }
}

/// What the server gets, if anything, and what the client gets.
fn exchange(options: &str, request: &str, body: Body, answer: Response) -> (Option<String>, String) {
    let chain = build(&format!("m: {{grpcWeb: {options}}}"), &["m"]).unwrap();
    let (head, mut exchange) = parse_request(request);
    let server = Server { answer: RefCell::new(Some(answer)), ..Server::default() };
    let request = Request { head: Box::new(head), body };
    let mut response = block_on(run_chain(&chain, &server, request, &mut exchange));
    let length = response.body.length();
    let body = drain(std::mem::take(&mut response.body)).unwrap_or_else(|error| error);
    let length = length.map_or_else(String::new, |length| format!(" | {length} bytes"));
    (server.got.take(), format!("{}{length} | {body:?}", show_response(&response)))
}

/// What the server gets of a request.
fn sent(request: &str, body: Body) -> String {
    exchange(OPTIONS, request, body, Response::new(StatusCode::OK)).0.unwrap()
}

/// What a client without an origin gets, behind the fields that are always the same.
fn received(content_type: &str, answer: &str, body: Body) -> String {
    let mut answer = parse_response(answer);
    answer.body = body;
    let (_, got) = exchange(OPTIONS, &format!("POST / | Content-Type: {content_type}"), Body::Empty, answer);
    got.replace(" | Vary: Origin", "")
}

fn fields(list: &[(&'static str, &'static str)]) -> Option<HeaderList> {
    let mut fields = HeaderList::new();
    for (name, value) in list {
        fields.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Some(fields)
}

#[test]
fn requests() {
    for (request, body, expected) in [
        (
            "POST /a.B/C | Content-Type: application/grpc-web+proto | X-Grpc-Web: 1",
            "\0\0\0\0\u{2}hi",
            r#"POST /a.B/C | Content-Type: application/grpc+proto | X-Grpc-Web: 1 | "\\x00\\x00\\x00\\x00\\x02hi""#,
        ),
        (
            "POST / | Content-Type: application/grpc-web-text+proto; a=application/grpc-web",
            "AAA|AAAJoaQ==",
            r#"POST / | Content-Type: application/grpc+proto; a=application/grpc-web | "\\x00\\x00\\x00\\x00\\x02hi""#,
        ),
        (
            "POST / | Content-Type: application/grpc-web-text",
            "",
            r#"POST / | Content-Type: application/grpc | """#,
        ),
        (
            "POST / | Content-Type: application/grpc-webby",
            "x",
            r#"POST / | Content-Type: application/grpcby | "x""#,
        ),
        (
            "POST / | Content-Type: application/grpc-web-text | Content-Type: application/grpc-web",
            "aGk=",
            r#"POST / | Content-Type: application/grpc | "hi""#,
        ),
        // What is not gRPC-Web passes as it is.
        ("POST / | Content-Type: application/grpc", "x", r#"POST / | Content-Type: application/grpc | "x""#),
        (
            "POST / | Content-Type: Application/grpc-web",
            "x",
            r#"POST / | Content-Type: Application/grpc-web | "x""#,
        ),
        (
            "PUT / | Content-Type: application/grpc-web-text",
            "x",
            r#"PUT / | Content-Type: application/grpc-web-text | "x""#,
        ),
        ("POST / | Origin: https://ok.test", "x", r#"POST / | Origin: https://ok.test | "x""#),
        (
            "OPTIONS / | Access-Control-Request-Method: POST | Access-Control-Request-Headers: content-type",
            "",
            r#"OPTIONS / | Access-Control-Request-Headers: content-type | Access-Control-Request-Method: POST | """#,
        ),
        // No preflight without a method, and then a request like any other.
        (
            "OPTIONS / | Access-Control-Request-Headers: X-Grpc-Web",
            "",
            r#"OPTIONS / | Access-Control-Request-Headers: X-Grpc-Web | Content-Type:  | """#,
        ),
    ] {
        assert_eq!(sent(request, Pieces::of(body).body()), expected, "{request}");
    }
}

#[test]
fn base64_in_pieces_of_any_size() {
    for (text, expected) in [
        ("", Ok("")),
        ("aGVsbG8gd29ybGQ=", Ok("hello world")),
        ("aGVs\r\nbG8g\nd29ybGQ=\r\n", Ok("hello world")),
        // Several encodings one after the other.
        ("aA==aGk=aGVs", Ok("hhihel")),
        // Bits that belong to no byte.
        ("aB==", Ok("h")),
        ("aGVsbG8", Err("hel then: malformed request body: base64 that is cut off")),
        ("aGVsb", Err("hel then: malformed request body: base64 that is cut off")),
        ("aGV!", Err(" then: malformed request body: no base64")),
        ("aGVs-_-_", Err("hel then: malformed request body: no base64")),
        ("====", Err(" then: malformed request body: no base64")),
        ("a===", Err(" then: malformed request body: no base64")),
        ("aG=s", Err(" then: malformed request body: no base64")),
        ("aA=", Err(" then: malformed request body: base64 that is cut off")),
        ("\u{e9}\u{e9}", Err(" then: malformed request body: no base64")),
    ] {
        for size in [1, 2, 3, 4, 5, 100] {
            let pieces = text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
            let body = Pieces { pieces, ..Pieces::default() };
            let got = sent("POST / | Content-Type: application/grpc-web-text", body.body());
            let got = got.strip_prefix("POST / | Content-Type: application/grpc | ").unwrap();
            match expected {
                Ok(expected) => assert_eq!(got, format!("{expected:?}"), "{text:?} in pieces of {size}"),
                // How much was decoded before depends on the pieces.
                Err(error) => {
                    let error = error.rsplit("then: ").next().unwrap();
                    assert!(got.contains(error), "{text:?} in pieces of {size}: {got}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_base64_is_found_at_once() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(b"aGVsbG"), Ok(b"hel".to_vec()));
    assert!(!decoder.is_between_groups());
    assert_eq!(decoder.decode(b"8="), Ok(b"lo".to_vec()));
    assert!(decoder.is_between_groups());
    assert_eq!(decoder.decode(b"aGVsaG!!"), Err(Malformed));
}

#[test]
fn responses() {
    let fields = fields(&[("x-b", "2"), ("grpc-status", "0"), ("x-b", "1"), ("x-a", " a  b ")]);
    let body = || Pieces { trailers: fields.clone(), ..Pieces::of("ab|c") }.body();
    let answer = "200 | Content-Type: application/grpc+proto | Trailer: Grpc-Status";
    let head = "200 | Access-Control-Expose-Headers: Content-Type, Vary, grpc-status, grpc-message";
    let frame = b"\x80\0\0\0\x2bgrpc-status: 0\r\nx-a: a  b\r\nx-b: 2\r\nx-b: 1\r\n";
    let shown = format!("abc{}", frame.escape_ascii());
    assert_eq!(
        received("application/grpc-web", answer, body()),
        format!("{head} | Content-Type: application/grpc-web+proto | {shown:?}")
    );
    // Every piece is an encoding of its own, and so is the frame.
    let shown = format!("YWI=Yw=={}", STANDARD.encode(frame));
    assert_eq!(
        received("application/grpc-web-text", answer, body()),
        format!("{head} | Content-Type: application/grpc-web-text+proto | {shown:?}")
    );
}

#[test]
fn what_follows_a_body() {
    let (web, text) = ("application/grpc-web", "application/grpc-web-text");
    let known = |text: &str| Pieces { length: Some(text.len() as u64), ..Pieces::of(text) }.body();
    let frame = r"\\x80\\x00\\x00\\x00\\x00";
    for (content_type, answer, body, expected) in [
        (web, "200 | Content-Type: application/grpc", known("abc"), format!("\"abc{frame}\"")),
        (text, "200 | Content-Type: application/grpc", known("abc"), "\"YWJjgAAAAAA=\"".to_owned()),
        (web, "200 | Content-Type: application/grpc", Body::Empty, format!("5 bytes | \"{frame}\"")),
        (web, "404 | Content-Type: text/plain", Pieces::of("no").body(), format!("\"no{frame}\"")),
        // A page with a length stays what it is.
        (web, "404 | Content-Type: text/plain", known("no"), "2 bytes | \"no\"".to_owned()),
        (text, "404 | Content-Type: text/plain", known("no"), "\"bm8=\"".to_owned()),
        (web, "404", Body::Empty, "0 bytes | \"\"".to_owned()),
        (text, "404 | Content-Type: text/plain", Body::full("no"), "4 bytes | \"bm8=\"".to_owned()),
        (web, "204 | Content-Type: application/grpc", Body::Empty, "0 bytes | \"\"".to_owned()),
        (text, "304", Body::Empty, "0 bytes | \"\"".to_owned()),
        (
            web,
            "200 | Content-Type: application/grpc",
            Pieces { breaks: true, ..Pieces::of("abc") }.body(),
            "\"abc then: the server closed the connection before the end of the response body\"".to_owned(),
        ),
    ] {
        let got = received(content_type, answer, body);
        assert!(got.ends_with(&format!(" | {expected}")), "{content_type}, {answer}: {got}");
    }
    for (content_type, expected) in [
        (web, format!("16 bytes | \"Bad Gateway{frame}\"")),
        (text, "24 bytes | \"QmFkIEdhdGV3YXmAAAAAAA==\"".to_owned()),
    ] {
        let own = respond(StatusCode::BAD_GATEWAY, Reason::ConnectFailed, "Bad Gateway");
        let (_, got) = exchange(OPTIONS, &format!("POST / | Content-Type: {content_type}"), Body::Empty, own);
        assert!(got.ends_with(&format!(" | {expected}")), "{got}");
    }
}

#[test]
fn long_bodies_are_encoded_in_pieces() {
    let long = "abcdefg".repeat(10_000);
    let got = received("application/grpc-web-text", "200", Pieces::of(&long).body());
    let encoded = got.rsplit(" | ").next().unwrap().trim_matches('"');
    let (encoded, frame) = encoded.split_at(encoded.len() - 8);
    assert_eq!(frame, "gAAAAAA=");
    assert_eq!(Decoder::default().decode(encoded.as_bytes()).unwrap(), long.as_bytes());
    // Padding stands at the end alone.
    assert!(!encoded.trim_end_matches('=').contains('='));
}

#[test]
fn fields_for_scripts() {
    let answer = "200 | Content-Type: application/grpc | X-Two: 1 | X-Two: 2";
    let rest = "| Content-Type: application/grpc-web | Vary: Origin | X-Two: 1 | X-Two: 2";
    let open = "200 | Access-Control-Allow-Credentials: true | Access-Control-Allow-Origin: https://ok.test \
                | Access-Control-Expose-Headers: X-Two, Content-Type, Vary, Access-Control-Allow-Origin, \
                Access-Control-Allow-Credentials, grpc-status, grpc-message";
    let closed = "200 | Access-Control-Expose-Headers: X-Two, Content-Type, Vary, grpc-status, grpc-message";
    for (options, origin, answer, expected) in [
        (OPTIONS, "https://ok.test", answer, format!("{open} {rest}")),
        ("{allowOrigins: [x, '*']}", "https://ok.test", answer, format!("{open} {rest}")),
        (OPTIONS, "https://ok.test.evil", answer, format!("{closed} {rest}")),
        (OPTIONS, "HTTPS://ok.test", answer, format!("{closed} {rest}")),
        (OPTIONS, "", answer, format!("{closed} {rest}")),
        ("{allowOrigins: ['*']}", "", answer, format!("{closed} {rest}")),
        ("{allowOrigins: ['*.test', '']}", "https://ok.test", answer, format!("{closed} {rest}")),
        // What the server says stands.
        (
            OPTIONS,
            "https://ok.test",
            "200 | Vary: X | Access-Control-Allow-Origin: no | Access-Control-Expose-Headers: X",
            "200 | Access-Control-Allow-Credentials: true | Access-Control-Allow-Origin: no \
             | Access-Control-Expose-Headers: Vary, Access-Control-Allow-Origin, Access-Control-Expose-Headers, \
             Access-Control-Allow-Credentials, Content-Type, Content-Length, grpc-status, grpc-message | Vary: X"
                .to_owned(),
        ),
    ] {
        let request = format!("POST / | Content-Type: application/grpc-web | Origin: {origin}");
        let (_, got) = exchange(options, &request, Body::Empty, parse_response(answer));
        assert!(got.starts_with(&format!("{expected} | ")), "{origin} with {options}:\n{got}\n{expected}");
    }
}

#[test]
fn preflights() {
    let vary = "Vary: Origin | Vary: Access-Control-Request-Method | Vary: Access-Control-Request-Headers";
    let good = |method: &str, headers: &str| {
        format!(
            "200 | Access-Control-Allow-Credentials: true | Access-Control-Allow-Headers: {headers} \
             | Access-Control-Allow-Methods: {method} | Access-Control-Allow-Origin: https://ok.test \
             | Access-Control-Max-Age: 600 | {vary} | 0 bytes | \"\""
        )
    };
    let bad = format!("200 | {vary} | 0 bytes | \"\"");
    for (origin, method, headers, expected) in [
        ("https://ok.test", "POST", "x-grpc-web", good("POST", "X-Grpc-Web")),
        ("https://ok.test", "get", "content-type, X-GRPC-WEB", good("GET", "Content-Type, X-Grpc-Web")),
        ("https://ok.test", "options", "x_y z.a,, x-grpc-web1", good("OPTIONS", "X_Y, Za, X-Grpc-Web1")),
        ("https://ok.test", "PUT", "x-grpc-web", bad.clone()),
        ("https://evil.test", "POST", "x-grpc-web", bad.clone()),
        ("", "POST", "x-grpc-web", bad),
    ] {
        let request = format!(
            "OPTIONS / | Origin: {origin} | Access-Control-Request-Method: {method} \
             | Access-Control-Request-Headers: {headers}"
        );
        let got = exchange(OPTIONS, &request, Body::Empty, Response::new(StatusCode::OK));
        assert_eq!(got, (None, expected), "{request}");
    }
}

/// What a decoder makes of a text in pieces, the end included.
fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, Malformed> {
    let mut decoder = Decoder::default();
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend(decoder.decode(piece)?);
    }
    if decoder.is_between_groups() { Ok(bytes) } else { Err(Malformed) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn how_base64_arrives_makes_no_difference(text in "([AZaz09+/]{4}){0,8}[A-C=]{0,9}[\r\n!-]?[A-C=]{0,9}", size in 1_usize..9) {
        prop_assert_eq!(decode(text.as_bytes().chunks(size)), decode(std::iter::once(text.as_bytes())));
    }

    #[test]
    fn what_is_encoded_can_be_decoded(bodies in vec(vec(any::<u8>(), 1..100), 0..6), size in 1_usize..300) {
        let whole = bodies.concat();
        let pieces = Pieces { pieces: bodies.into(), ..Pieces::default() };
        let mut answer = Response::new(StatusCode::OK);
        answer.body = pieces.body();
        super::response::to_web(&mut answer, true, None);
        let text = drain(answer.body).expect("it does not break off");
        let framed = [&whole[..], b"\x80\0\0\0\0"].concat();
        prop_assert_eq!(decode(text.as_bytes().chunks(size)), Ok(framed));
    }
}
