//! Request heads: what is accepted is unambiguous, and means the same once it was written out again.

#![no_main]

use ferroway_core::Target;
use ferroway_http::h1::encode::{OutFraming, write_request_head};
use ferroway_http::h1::head::{Framing, HeadError, ParsedRequest, end_of_head, parse_request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = end_of_head(bytes, 0);
    assert_eq!(end_byte_by_byte(bytes), end, "the end of a head depends on how its bytes arrive");
    let Ok(Some(end)) = end else { return };
    let Ok(parsed) = parse_request(&bytes[..end]) else { return };
    check(&parsed);
    let written = write(&parsed);
    assert_eq!(end_of_head(&written, 0), Ok(Some(written.len())), "a field breaks out of the head");
    let again = parse_request(&written).expect("what is written can be read");
    assert_same(&parsed, &again);
});

/// The end of the head as a connection finds it whose bytes arrive one by one.
fn end_byte_by_byte(bytes: &[u8]) -> Result<Option<usize>, HeadError> {
    for length in 1..=bytes.len() {
        if let Some(end) = end_of_head(&bytes[..length], length - 1)? {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

/// What holds for every accepted request.
fn check(parsed: &ParsedRequest) {
    let head = &parsed.head;
    for framing in ["content-length", "transfer-encoding", "connection", "host", "te", "upgrade"] {
        assert!(!head.headers.contains(framing), "{framing} is for the codec alone");
    }
    let target = head.target.as_str();
    assert!(target.starts_with('/') || target == "*", "{target:?}");
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{target:?}");
    let mut clean = parsed.head.target.clone();
    clean.sanitise();
    assert!(clean.is_clean() || clean.path() == "*", "{clean:?}");
    let normal = Target::parse(clean.as_str().as_bytes()).expect("a clean target is one").target;
    assert_eq!(normal, clean, "the normal form of a target has itself as its normal form");
}

/// The request as it goes to a server.
fn write(parsed: &ParsedRequest) -> Vec<u8> {
    let framing = match parsed.framing {
        Framing::Length(length) => OutFraming::Length(length),
        Framing::Chunked => OutFraming::Chunked,
        Framing::UntilClose => unreachable!("a request ends before its connection does"),
    };
    let mut out = Vec::new();
    write_request_head(&mut out, &parsed.head, framing);
    out
}

fn assert_same(a: &ParsedRequest, b: &ParsedRequest) {
    assert_eq!(a.head.method, b.head.method);
    assert_eq!(a.head.target, b.head.target);
    assert_eq!(a.head.host, b.head.host);
    assert_eq!(a.head.headers, b.head.headers);
    assert_eq!(a.head.upgrade, b.head.upgrade);
    assert_eq!(a.head.accepts_trailers, b.head.accepts_trailers);
    assert_eq!(a.framing, b.framing);
}
