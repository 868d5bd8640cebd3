//! One server of a load balancer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ferroway_upstream::{Endpoint, EndpointKey, Protocol, Tls, TransportOptions};
use http::HeaderValue;

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP/1.1 without encryption.
    Http,
    /// HTTP/2 without encryption.
    H2c,
    /// HTTP/1.1 or HTTP/2, encrypted.
    Https,
    /// A scheme that is not supported: every request is answered with 500.
    Unsupported,
}

/// A server as configured, ready to be used.
#[derive(Debug)]
pub struct Server {
    /// The URL as configured, for logs and the API.
    pub url: Arc<str>,
    /// `host:port`.
    pub address: Arc<str>,
    /// What `Host` says where the client's is not passed on.
    pub authority: HeaderValue,
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Path that is put in front of the request's, with `preservePath`.
    pub base_path: Option<Box<str>>,
    /// Where connections go.
    pub endpoint: Arc<Endpoint>,
    is_up: AtomicBool,
}

/// Why a server's URL cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("server URL {url:?}: {problem}; expected scheme://host[:port][/path]")]
pub struct ServerUrlError {
    url: String,
    problem: &'static str,
}

impl Server {
    /// A server at a URL. `preserve_path` keeps the URL's path; `tls` is for servers that are spoken to over TLS,
    /// which are not supported without.
    ///
    /// # Errors
    /// The URL is malformed.
    pub fn new(
        url: &str,
        preserve_path: bool,
        transport: &TransportOptions,
        tls: Option<&Tls>,
    ) -> Result<Self, ServerUrlError> {
        let error = |problem| ServerUrlError { url: url.to_owned(), problem };
        let (scheme, rest) = url.split_once("://").ok_or_else(|| error("no scheme"))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_port(authority).ok_or_else(|| error("malformed host or port"))?;
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Scheme::Http, 80),
            "h2c" => (Scheme::H2c, 80),
            "https" => (Scheme::Https, 443),
            _ => (Scheme::Unsupported, 80),
        };
        let (scheme, protocol) = match (scheme, tls) {
            (Scheme::H2c, _) => (scheme, Protocol::H2c),
            (Scheme::Https, Some(tls)) => (scheme, Protocol::Https(tls.clone())),
            (Scheme::Https, None) => (Scheme::Unsupported, Protocol::Http1),
            (Scheme::Http | Scheme::Unsupported, _) => (scheme, Protocol::Http1),
        };
        let port = port.unwrap_or(default_port);
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        Ok(Self {
            url: url.into(),
            address: format!("{host}:{port}").into(),
            authority: HeaderValue::from_str(authority)
                .map_err(|_| error("invalid character in the host"))?,
            scheme,
            base_path: (preserve_path && !path.is_empty()).then(|| path.into()),
            endpoint: Endpoint::of(EndpointKey { host: bare, port, protocol, transport: transport.clone() }),
            is_up: AtomicBool::new(true),
        })
    }

    /// Whether its health check lets requests go there; true without a check.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// Sets what [`is_up`](Self::is_up) says; true when that is new.
    pub(crate) fn set_up(&self, is_up: bool) -> bool {
        self.is_up.swap(is_up, Ordering::Relaxed) != is_up
    }
}

/// Host, and port where there is one.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let colon = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|at| bracket + at),
        None => authority.find(':'),
    };
    let (host, port) = match colon {
        Some(colon) => (&authority[..colon], Some(authority[colon + 1..].parse().ok()?)),
        None => (authority, None),
    };
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (url, expected) in [
            ("http://a.test", Some(("a.test:80", "a.test", None))),
            ("http://a.test:8080/base/?q", Some(("a.test:8080", "a.test:8080", Some("/base")))),
            ("HTTP://[::1]:81", Some(("[::1]:81", "[::1]:81", None))),
            ("http://[::1]", Some(("[::1]:80", "[::1]", None))),
            ("http://u:p@a.test", Some(("a.test:80", "a.test", None))),
            ("https://a.test", Some(("a.test:443", "a.test", None))),
            ("a.test:80", None),
            ("http://:80", None),
            ("http://a.test:port", None),
            ("http://a\u{1}b", None),
        ] {
            let server = Server::new(url, true, &TransportOptions::default(), None).ok();
            let seen = server.as_ref().map(|server| {
                (&*server.address, server.authority.to_str().expect("ASCII"), server.base_path.as_deref())
            });
            assert_eq!(seen, expected, "{url}");
        }
    }
}
