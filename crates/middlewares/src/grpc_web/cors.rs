//! Which scripts may ask (CORS).

use ferroway_core::{Reason, RequestHead, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

/// For how many seconds browsers may remember the answer to a preflight.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The methods that scripts may use.
const METHODS: [&[u8]; 4] = [b"GET", b"HEAD", b"OPTIONS", b"POST"];

/// Origins whose scripts may ask.
pub(super) struct Origins {
    any: bool,
    listed: Vec<String>,
}

impl Origins {
    pub(super) fn new(listed: &[String]) -> Self {
        Self { any: listed.iter().any(|origin| origin == "*"), listed: listed.to_vec() }
    }

    /// The request's origin, where it has one that may ask.
    pub(super) fn allowed<'a>(&self, head: &'a RequestHead) -> Option<&'a HeaderValue> {
        let origin = head.headers.get(ORIGIN).filter(|origin| !origin.is_empty())?;
        (self.any || self.listed.iter().any(|listed| listed.as_bytes() == origin.as_bytes()))
            .then_some(origin)
    }

    /// The answer to a preflight; `None` for other requests. A script that may not ask learns it from what is missing.
    pub(super) fn preflight(&self, head: &RequestHead) -> Option<Response> {
        let wanted = head.headers.get(ACCESS_CONTROL_REQUEST_METHOD).filter(|method| !method.is_empty());
        let wanted = wanted.filter(|_| head.method == Method::OPTIONS)?.as_bytes().to_ascii_uppercase();
        let mut response = Response::local(StatusCode::OK, Reason::MiddlewareAnswer);
        let headers = &mut response.head.headers;
        for varies in ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"] {
            headers.append(VARY, HeaderValue::from_static(varies));
        }
        let Some(origin) = self.allowed(head).filter(|_| METHODS.contains(&&wanted[..])) else {
            return Some(response);
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_bytes(&wanted).ok()?);
        let names = head.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).map(|names| names_in(names.as_bytes()));
        if let Some(names) = names.filter(|names| !names.is_empty()) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::try_from(names.join(", ")).ok()?);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        Some(response)
    }
}

/// What a response to a script of `origin` has, unless the server has an opinion of its own.
pub(super) fn response_fields(
    origin: Option<HeaderValue>,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let allowed = origin.into_iter().flat_map(|origin| {
        [
            (ACCESS_CONTROL_ALLOW_ORIGIN, origin),
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")),
        ]
    });
    std::iter::once((VARY, HeaderValue::from_static("Origin"))).chain(allowed)
}

/// The names in a list as Traefik repeats them: every word of a name begins with a capital, and what names are not made of
/// is left out.
fn names_in(list: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut capital = true;
    for word in list.split(|byte| matches!(byte, b' ' | b',')) {
        let mut name = String::new();
        for &byte in word {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
                let byte = if capital { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
                name.push(char::from(byte));
            }
            capital = matches!(byte, b'-' | b'_');
        }
        if !name.is_empty() {
            names.push(name);
            capital = true;
        }
    }
    names
}
