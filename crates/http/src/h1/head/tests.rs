//! Tables of heads: what is refused, and what the others mean.

use http::HeaderName;

use super::*;

/// As the codec does: finds the head and parses it.
fn parse(head: &str) -> Result<ParsedRequest, HeadError> {
    let end = end_of_head(head.as_bytes(), 0)?.expect("a whole head");
    assert_eq!(end, head.len());
    parse_request(head.as_bytes())
}

fn framing_of(fields: &str) -> Result<Framing, HeadError> {
    let head = format!("POST /x HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n");
    parse(&head).map(|parsed| parsed.framing)
}

#[test]
fn request_framing_is_strict() {
    for (fields, expected) in [
        ("", Ok(Framing::Length(0))),
        ("Content-Length: 5\r\n", Ok(Framing::Length(5))),
        ("Content-Length: \t5 \r\n", Ok(Framing::Length(5))),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", Ok(Framing::Length(5))),
        ("Transfer-Encoding: Chunked\r\n", Ok(Framing::Chunked)),
        ("Content-Length: +5\r\n", Err(HeadError::ContentLength)),
        ("Content-Length: \r\n", Err(HeadError::ContentLength)),
        ("Content-Length: 5, 5\r\n", Err(HeadError::ContentLength)),
        ("Content-Length: 18446744073709551621\r\n", Err(HeadError::ContentLength)),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", Err(HeadError::ContentLength)),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Err(HeadError::TwoLengths)),
        ("Transfer-Encoding: gzip, chunked\r\n", Err(HeadError::TransferCoding)),
        ("Transfer-Encoding: chunked, chunked\r\n", Err(HeadError::TransferCoding)),
        ("Transfer-Encoding: \u{b}chunked\r\n", Err(HeadError::FieldValue)),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Err(HeadError::TransferEncoding)),
        ("Transfer-Encoding: \"chunked\"\r\n", Err(HeadError::TransferEncoding)),
        ("Transfer-Encoding:\r\n", Err(HeadError::TransferEncoding)),
    ] {
        assert_eq!(framing_of(fields), expected, "{fields:?}");
    }
}

#[test]
fn malformed_requests_are_refused() {
    for (head, expected) in [
        ("GET / HTTP/1.1\r\n\r\n", HeadError::HostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", HeadError::HostTwice),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HeadError::HostMalformed),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HeadError::HostMalformed),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", HeadError::HostMalformed),
        ("GET / HTTP/1.1\r\nHost: a:port\r\n\r\n", HeadError::HostMalformed),
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", HeadError::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", HeadError::FieldValue),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", HeadError::FieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", HeadError::FieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", HeadError::FieldValue),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::StartLine),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", HeadError::Version),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", HeadError::StartLine),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::StartLine),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::Target(TargetError::Form)),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", HeadError::Connect),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HeadError::TransferEncoding),
    ] {
        assert_eq!(parse(head).map(|_| ()), Err(expected), "{head:?}");
    }
}

#[test]
fn what_the_data_plane_gets() {
    let head = "GET http://b.test:8080/p?q HTTP/1.2\r\nHost: a.test\r\nConnection: X, Upgrade\r\n\
                Upgrade: websocket\r\nExpect: 100-continue\r\nContent-Length: 3\r\nX: 1\r\nx: 2\r\n\r\n";
    let parsed = parse(head).expect("valid");
    assert_eq!(parsed.head.host_str(), "b.test:8080");
    assert_eq!(parsed.head.target.as_str(), "/p?q");
    assert_eq!(parsed.head.version, Version::HTTP_11);
    assert_eq!(parsed.head.upgrade.as_ref().map(HeaderValue::as_bytes), Some(&b"websocket"[..]));
    assert_eq!(parsed.head.headers.get_all("x").count(), 2);
    let names: Vec<_> = parsed.head.headers.names().map(HeaderName::as_str).collect();
    assert_eq!(names, ["expect", "x", "x"]);
    assert_eq!(parsed.head.connection.iter().map(HeaderName::as_str).collect::<Vec<_>>(), ["x"]);
    assert!(parsed.keep_alive && parsed.expects_continue);
}

#[test]
fn bytes_that_are_no_text_are_escaped() {
    let head = b"GET /caf\xe9?\xff HTTP/1.1\r\nHost: a\r\nX: \xe9\r\n\r\n";
    let parsed = parse_request(head).expect("valid");
    assert_eq!(parsed.head.target.as_str(), "/caf%E9?%FF");
    assert_eq!(parsed.head.headers.get("x").map(HeaderValue::as_bytes), Some(&b"\xe9"[..]));
}

#[test]
fn keep_alive_by_version_and_option() {
    for (head, expected) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
    ] {
        assert_eq!(parse_request(head.as_bytes()).map(|parsed| parsed.keep_alive), Ok(expected), "{head:?}");
    }
}

#[test]
fn response_framing() {
    for (head, to_head, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(5), true))),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, Ok((Framing::Length(0), true))),
        ("HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(0), true))),
        ("HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(0), true))),
        ("HTTP/1.1 200\r\n\r\n", false, Ok((Framing::UntilClose, false))),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, Ok((Framing::Chunked, true))),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(5), false))),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", false, Err(HeadError::ContentLength)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: cow\r\n\r\n", false, Err(HeadError::TransferCoding)),
        ("HTTP/1.1 20 OK\r\n\r\n", false, Err(HeadError::Status)),
        ("HTTP/2 200 OK\r\n\r\n", false, Err(HeadError::Version)),
        ("HTTP/1.1 200 OK\r\nX-A : v\r\n\r\n", false, Err(HeadError::FieldName)),
    ] {
        let parsed = parse_response(head.as_bytes(), to_head);
        assert_eq!(parsed.map(|parsed| (parsed.framing, parsed.keep_alive)), expected, "{head:?}");
    }
}

#[test]
fn many_fields_are_counted() {
    let head = |n: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(n));
    assert!(parse(&head(MAX_FIELDS - 1)).is_ok());
    assert_eq!(parse(&head(MAX_FIELDS)).map(|_| ()), Err(HeadError::TooManyFields));
    let head = |n: usize| format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: {}close\r\n\r\n", "x,".repeat(n));
    assert!(parse(&head(100)).is_ok());
    assert_eq!(parse(&head(101)).map(|_| ()), Err(HeadError::TooManyFields));
}

#[test]
fn trailers_cannot_frame_or_route() {
    let trailers =
        parse_trailers(b"X-Sum: 1\r\nContent-Length: 3\r\nX_Forwarded_For: 1\r\n\r\n").expect("valid");
    assert_eq!(trailers.names().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-sum"]);
}
