//! Heads as `h2` gives them, and what becomes of them.

use http::header::HeaderName;
use http::request::Parts;
use http::{HeaderValue, Method, Uri};

use super::*;

fn parts(method: &str, uri: &str, fields: &[(&'static str, &str)]) -> Parts {
    let mut request = http::Request::new(());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
    *request.uri_mut() = uri.parse::<Uri>().expect("a URI");
    for (name, value) in fields {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    request.into_parts().0
}

fn view(result: Result<Translated, HeadError>) -> String {
    let translated = match result {
        Ok(translated) => translated,
        Err(error) => return format!("refused: {error}"),
    };
    let head = translated.head;
    let mut view = format!("{} {} {}", head.method, head.host_str(), head.target.as_str());
    for (name, value) in &head.headers {
        let value = if name == SEC_WEBSOCKET_KEY { "..." } else { value.to_str().expect("text") };
        view.push_str(&format!(" | {name}: {value}"));
    }
    for (told, word) in [
        (head.accepts_trailers, "te"),
        (translated.expects_continue, "waits"),
        (translated.is_connect, "tunnel"),
        (head.upgrade.is_some(), "upgrade"),
    ] {
        if told {
            view.push_str(&format!(" ({word})"));
        }
    }
    if let Some(length) = translated.length {
        view.push_str(&format!(" ({length} bytes)"));
    }
    view
}

#[test]
fn heads() {
    for (method, uri, fields, expected) in [
        ("GET", "http://a.test/", &[][..], "GET a.test /"),
        ("GET", "https://a.test:8443/a%41?q=1", &[], "GET a.test:8443 /aA?q=1"),
        ("GET", "/x", &[("host", "a.test")], "GET a.test /x"),
        ("GET", "http://a.test/", &[("host", "b.test"), ("host", "c.test")], "GET a.test /"),
        ("OPTIONS", "*", &[("host", "a.test")], "OPTIONS a.test *"),
        (
            "BREW",
            "http://[::1]:80/",
            &[("x", "1"), ("y", "2"), ("x", "3")],
            "BREW [::1]:80 / | x: 1 | x: 3 | y: 2",
        ),
        ("GET", "http://a.test/", &[("te", "trailers")], "GET a.test / (te)"),
        (
            "GET",
            "http://a.test/",
            &[("cookie", "a=1"), ("x", "1"), ("cookie", "b=2"), ("cookie", "c=3")],
            "GET a.test / | x: 1 | cookie: a=1; b=2; c=3",
        ),
        ("GET", "http://a.test/", &[("x", " padded\t")], "GET a.test / | x: padded"),
        (
            "GET",
            "http://a.test/",
            &[("proxy-authorization", "x"), ("proxy-authenticate", "x")],
            "GET a.test /",
        ),
        (
            "POST",
            "http://a.test/",
            &[("content-length", "5"), ("content-length", "5"), ("expect", "100-Continue")],
            "POST a.test / | expect: 100-Continue (waits) (5 bytes)",
        ),
        // Refusals.
        ("GET", "/", &[], "refused: missing required Host header"),
        ("GET", "/", &[("host", "")], "refused: missing required Host header"),
        ("GET", "/", &[("host", "a.test"), ("host", "a.test")], "refused: too many Host headers"),
        ("GET", "http://user@a.test/", &[], "refused: malformed Host header"),
        ("GET", "/", &[("host", "a.test/x")], "refused: malformed Host header"),
        ("GET", "/", &[("host", "a.test, b.test")], "refused: malformed Host header"),
        ("GET", "ftp://a.test/", &[], "refused: the request target is neither a path nor an absolute URL"),
        (
            "GET",
            "*",
            &[("host", "a.test")],
            "refused: the request target is neither a path nor an absolute URL",
        ),
        ("GET", "http://a.test/%x", &[], "refused: invalid %-escape in the request target"),
        ("CONNECT", "a.test:443", &[], "refused: CONNECT is not supported"),
        (
            "GET",
            "http://a.test/",
            &[("content-length", "5"), ("content-length", "6")],
            "refused: invalid Content-Length",
        ),
        ("GET", "http://a.test/", &[("content-length", "+5")], "refused: invalid Content-Length"),
        ("GET", "http://a.test/", &[("content-length", "")], "refused: invalid Content-Length"),
    ] {
        assert_eq!(view(translate(parts(method, uri, fields))), expected, "{method} {uri} {fields:?}");
    }
}

#[test]
fn extended_connect() {
    for (protocol, expected) in [
        ("websocket", "GET a.test /chat | sec-websocket-key: ... (tunnel) (upgrade)"),
        ("connect-udp", "refused: CONNECT is not supported"),
    ] {
        let mut parts = parts("CONNECT", "https://a.test/chat", &[]);
        parts.extensions.insert(Protocol::from(protocol));
        assert_eq!(view(translate(parts)), expected, "{protocol}");
    }
}

#[test]
fn too_many_fields() {
    for (fields, expected) in [(MAX_FIELDS, true), (MAX_FIELDS + 1, false)] {
        let crumbs = vec![("cookie", "a=1"); fields];
        assert_eq!(translate(parts("GET", "http://a.test/", &crumbs)).is_ok(), expected, "{fields} fields");
    }
}
