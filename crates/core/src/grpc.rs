//! What an answer of ferroway's own is to a client of gRPC: a status of gRPC, not a page.
//!
//! Clients that get an HTTP status alone take it for a status of gRPC by a table of gRPC's; said by the same table, and
//! with the reason in words, they know what they would have guessed, and why.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, StatusCode};

use crate::{RequestHead, Response, ResponseHead};

const GRPC: &[u8] = b"application/grpc";
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Whether a request is one of gRPC: a `POST` of `application/grpc`, with a suffix (`+proto`) or parameters or none.
pub fn is_request(head: &RequestHead) -> bool {
    let content_type = head.headers.get(&CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    // `application/grpc-web` is another protocol.
    head.method == Method::POST
        && content_type.get(..GRPC.len()).is_some_and(|start| start.eq_ignore_ascii_case(GRPC))
        && matches!(content_type.get(GRPC.len()), None | Some(b'+' | b';' | b' '))
}

/// Whether a response says that ferroway itself could not, or would not, pass the request on.
pub fn is_failure(response: &Response) -> bool {
    response.reason.is_some() && response.head.status.as_u16() >= 400
}

/// The head of the same answer to a client of gRPC, which nothing follows ("Trailers-Only").
pub fn trailers_only(response: &Response) -> ResponseHead {
    let status = response.head.status;
    let mut headers = response.head.headers.clone();
    for about_the_body in [CONTENT_LENGTH, CONTENT_ENCODING] {
        headers.remove(&about_the_body);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(GRPC_STATUS, HeaderValue::from_static(code(status)));
    if let Ok(message) = HeaderValue::try_from(message(response)) {
        headers.insert(GRPC_MESSAGE, message);
    }
    ResponseHead { status: StatusCode::OK, headers }
}

/// For people. Nothing in it needs the percent encoding of gRPC's messages.
fn message(response: &Response) -> String {
    match response.reason {
        Some(reason) => format!("{} ({reason})", response.head.status),
        None => response.head.status.to_string(),
    }
}

/// What gRPC's table makes of an HTTP status (`doc/http-grpc-status-mapping.md` in the repository `grpc/grpc`).
fn code(status: StatusCode) -> &'static str {
    const UNKNOWN: &str = "2";
    const PERMISSION_DENIED: &str = "7";
    const UNIMPLEMENTED: &str = "12";
    const INTERNAL: &str = "13";
    const UNAVAILABLE: &str = "14";
    const UNAUTHENTICATED: &str = "16";
    match status.as_u16() {
        400 | 431 => INTERNAL,
        401 => UNAUTHENTICATED,
        403 => PERMISSION_DENIED,
        404 => UNIMPLEMENTED,
        429 | 502 | 503 | 504 => UNAVAILABLE,
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use http::Version;

    use super::*;
    use crate::{Body, HeaderList, Reason, Target, respond_text};

    fn request(method: Method, content_type: Option<&'static str>) -> RequestHead {
        let mut headers = HeaderList::new();
        if let Some(content_type) = content_type {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        RequestHead {
            method,
            target: Target::root(),
            version: Version::HTTP_2,
            host: HeaderValue::from_static("a.test"),
            headers,
            connection: Vec::new(),
            upgrade: None,
            accepts_trailers: true,
        }
    }

    #[test]
    fn requests_of_grpc_are_told_from_others() {
        for (content_type, expected) in [
            (Some("application/grpc"), true),
            (Some("application/grpc+proto"), true),
            (Some("Application/gRPC; charset=utf-8"), true),
            (Some("application/grpc-web"), false),
            (Some("application/grpc-web+proto"), false),
            (Some("application/grp"), false),
            (Some("text/plain"), false),
            (None, false),
        ] {
            assert_eq!(is_request(&request(Method::POST, content_type)), expected, "{content_type:?}");
        }
        assert!(!is_request(&request(Method::GET, Some("application/grpc"))));
    }

    #[test]
    fn only_own_failures_are_said_in_another_way() {
        for (status, reason, expected) in [
            (502, Some(Reason::ConnectFailed), true),
            (404, Some(Reason::NoRoute), true),
            (404, None, false),
            (302, Some(Reason::MiddlewareRedirect), false),
            (200, Some(Reason::Internal), false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let response = Response { reason, ..Response::new(status) };
            assert_eq!(is_failure(&response), expected, "{status} {reason:?}");
        }
    }

    #[test]
    fn the_status_is_the_one_that_clients_would_guess() {
        for (status, reason, code, message) in [
            (400, Reason::EncodedCharacter, "13", "400 Bad Request (encoded_character)"),
            (401, Reason::MiddlewareRejected, "16", "401 Unauthorized (middleware_rejected)"),
            (403, Reason::MiddlewareRejected, "7", "403 Forbidden (middleware_rejected)"),
            (404, Reason::NoRoute, "12", "404 Not Found (no_route)"),
            (421, Reason::Misdirected, "2", "421 Misdirected Request (misdirected)"),
            (429, Reason::MiddlewareRejected, "14", "429 Too Many Requests (middleware_rejected)"),
            (431, Reason::HeaderTooLarge, "13", "431 Request Header Fields Too Large (header_too_large)"),
            (500, Reason::UpstreamTls, "2", "500 Internal Server Error (upstream_tls)"),
            (502, Reason::ConnectFailed, "14", "502 Bad Gateway (upstream_connect_failed)"),
            (503, Reason::NoServer, "14", "503 Service Unavailable (no_server)"),
            (504, Reason::UpstreamTimeout, "14", "504 Gateway Timeout (upstream_header_timeout)"),
        ] {
            let mut response = respond_text(StatusCode::from_u16(status).unwrap(), reason, "text");
            response.head.headers.append(CONTENT_LENGTH, HeaderValue::from_static("5"));
            response.head.headers.append(http::header::RETRY_AFTER, HeaderValue::from_static("1"));
            let head = trailers_only(&response);
            let text = |name: &HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
            assert_eq!(head.status, StatusCode::OK, "{status}");
            assert_eq!(text(&GRPC_STATUS), Some(code), "{status}");
            assert_eq!(text(&GRPC_MESSAGE), Some(message), "{status}");
            assert_eq!(text(&CONTENT_TYPE), Some("application/grpc"), "{status}");
            assert_eq!(text(&CONTENT_LENGTH), None, "{status}");
            assert_eq!(text(&http::header::RETRY_AFTER), Some("1"), "{status}: fields of middlewares stay");
            assert!(matches!(response.body, Body::Full(_)), "the answer itself is as it was");
        }
    }
}
