//! What clients get (specification section 6.6), and what is taken down for the logs.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;

use crate::support::{USUAL, pass, run, view};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}

/// What a client gets when the server answers with these bytes.
fn got(client: &str, answer: &[u8]) -> String {
    run(async {
        let mut outcome = pass(USUAL, client, answer).await;
        view(&mut outcome.response).await
    })
}

#[test]
fn answers_pass() {
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nok", "200 [x-a: 1] ok"),
        ("HTTP/1.1 404 Nope\r\nContent-Length: 2\r\nDate: then\r\n\r\nok", "404 [date: then] ok"),
        ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n", "503 [retry-after: 1]"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n",
            "200 [trailer: X-T] ok +[x-t: 1] +[x-u: 2]",
        ),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", "200 until the end"),
        ("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n", "204 [x-a: 1]"),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nEtag: e\r\n\r\n",
            "304 [etag: e] [content-length: 7]",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: x\r\n\
             Proxy-Authenticate: y\r\nUpgrade: z\r\nProxy-Connection: w\r\nServer: v\r\n\r\n",
            "200 [server: v]",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
            "200 ok!the server closed the connection before the end of the response body",
        ),
    ] {
        assert_eq!(got(GET, answer.as_bytes()), expected, "{answer:?}");
    }
}

#[test]
fn interim_answers_pass_before_the_final_one() {
    run(async {
        let answer =
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let mut outcome = pass(USUAL, GET, answer).await;
        assert_eq!(view(&mut outcome.response).await, "200");
        let (status, headers) = outcome.exchange.interim.pop().expect("the hints");
        assert_eq!((status.as_u16(), headers.get("link").map(HeaderValue::as_bytes)), (103, Some(&b"x"[..])));
        assert!(outcome.exchange.interim.pop().is_none());
    });
}

#[test]
fn what_was_packed_on_our_account_is_unpacked() {
    let packed = gzip(b"hello hello");
    let answer = |fields: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let as_is = packed.escape_ascii().to_string();
    let gzip_field = "Content-Encoding: gzip\r\n";
    let asking = "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";
    let ranged = "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\n";
    for (client, answer, expected) in [
        (GET, answer(gzip_field, &packed), "200 hello hello".to_owned()),
        (GET, answer("Content-Encoding: GZIP\r\nX-A: 1\r\n", &packed), "200 [x-a: 1] hello hello".to_owned()),
        (GET, answer("Content-Encoding: br\r\n", b"br"), "200 [content-encoding: br] br".to_owned()),
        (GET, answer(gzip_field, b""), "200 [content-encoding: gzip]".to_owned()),
        (GET, answer("", &packed), format!("200 {as_is}")),
        (asking, answer(gzip_field, &packed), format!("200 [content-encoding: gzip] {as_is}")),
        (ranged, answer(gzip_field, &packed), format!("200 [content-encoding: gzip] {as_is}")),
        (
            GET,
            answer(gzip_field, &packed[..packed.len() - 9]),
            "200 !malformed response body: the gzip data is incomplete".to_owned(),
        ),
        (
            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 40\r\n\r\n".to_vec(),
            "200 [content-encoding: gzip] [content-length: 40]".to_owned(),
        ),
    ] {
        assert_eq!(got(client, &answer), expected, "{}", answer.escape_ascii());
    }
}

#[test]
fn packed_chunks_keep_their_trailers() {
    let packed = gzip(b"hello");
    let mut answer =
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for byte in &packed {
        answer.extend_from_slice(&[b'1', b'\r', b'\n', *byte, b'\r', b'\n']);
    }
    answer.extend_from_slice(b"0\r\nX-T: 1\r\n\r\n");
    assert_eq!(got(GET, &answer), "200 hello +[x-t: 1]");
}

#[test]
fn the_record_tells_who_answered() {
    run(async {
        let mut outcome = pass(USUAL, GET, b"HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\n\r\nhi").await;
        assert_eq!(view(&mut outcome.response).await, "418 hi");
        assert!(outcome.response.reason.is_none());
        let record = &outcome.exchange.record;
        assert_eq!(record.service.as_deref(), Some("s@test"));
        let address = record.server_addr.as_deref().expect("the server");
        assert_eq!(record.server_url.as_deref(), Some(&*format!("http://{address}")));
        assert_eq!(record.origin_status.map(|status| status.as_u16()), Some(418));
        assert!(record.reason.is_none() && record.detail.is_none());
    });
}
