//! `redirectScheme`: sends clients to the same place under another scheme or port.

use ferroway_config::dynamic;
use ferroway_core::header::X_FORWARDED_PROTO;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use http::HeaderValue;

use crate::{Problem, answer, path, url};

#[cfg(test)]
mod tests;

pub(crate) struct RedirectScheme {
    /// In lower case.
    scheme: String,
    /// Empty for the scheme's default.
    port: String,
    permanent: bool,
}

impl RedirectScheme {
    pub(crate) fn new(config: &dynamic::RedirectScheme) -> Result<Self, Problem> {
        let (scheme, port) = (&config.scheme, &config.port);
        if scheme.is_empty() {
            return Err(Problem::invalid("you must provide a target scheme"));
        }
        let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !valid {
            return Err(Problem::invalid(format!(
                "scheme {scheme:?} is no URL scheme, expected https or http"
            )));
        }
        if !port.is_empty() && !port.parse::<u16>().is_ok_and(|number| number > 0) {
            return Err(Problem::invalid(format!("port {port:?} is no port number, expected 1 to 65535")));
        }
        let scheme = scheme.to_ascii_lowercase();
        let port = explicit(&scheme, port).to_owned();
        Ok(Self { scheme, port, permanent: config.permanent })
    }

    fn location(&self, host: &str, request: &RequestHead) -> Option<HeaderValue> {
        let mut location = String::with_capacity(64);
        location.extend([&self.scheme, "://"]);
        url::push_host(&mut location, host)?;
        if !self.port.is_empty() {
            location.extend([":", &self.port]);
        }
        url::push_target(&mut location, &request.target);
        HeaderValue::try_from(location).ok()
    }
}

/// The scheme that the client used: what the entry point or a trusted proxy says, else what the connection says.
/// A WebSocket handshake is still HTTP.
fn scheme_of(request: &RequestHead, exchange: &Exchange) -> &'static str {
    let by_connection = if exchange.conn.is_tls() { "https" } else { "http" };
    let Some(proto) = request.headers.get(&X_FORWARDED_PROTO) else { return by_connection };
    let is = |name: &[u8]| proto.as_bytes().eq_ignore_ascii_case(name);
    if is(b"https") || is(b"wss") {
        "https"
    } else if is(b"http") || is(b"ws") {
        "http"
    } else {
        by_connection
    }
}

/// The port, where it is not the scheme's default.
fn explicit<'a>(scheme: &str, port: &'a str) -> &'a str {
    match (scheme, port) {
        ("http", "80") | ("https", "443") => "",
        _ => port,
    }
}

impl Filter for RedirectScheme {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let scheme = scheme_of(request, exchange);
        // Traefik: loses the brackets of an IPv6 literal that has a port, and answers 502; test `hosts`.
        let (host, port) = url::split_port(request.host_str());
        if scheme == self.scheme && explicit(scheme, port) == self.port {
            return Flow::Next;
        }
        match self.location(host, request).filter(|_| !host.is_empty()) {
            Some(location) => answer::redirect(&request.method, self.permanent, location),
            None => path::refuse(),
        }
    }
}
