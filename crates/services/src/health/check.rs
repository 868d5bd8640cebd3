//! What is configured of a health check, understood.

use std::collections::BTreeMap;
use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Method, StatusCode};
use ferroway_config::dynamic::HealthCheck;
use ferroway_core::HeaderList;
use ferroway_upstream::{Tls, TransportOptions};

use super::target::CheckTarget;
use super::{grpc, http};

/// Time between checks where the option makes no sense.
const INTERVAL: Duration = Duration::from_secs(30);
/// Longest time of a check where the option makes no sense.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A health check, understood.
#[derive(Debug, Clone)]
pub struct Check {
    pub(super) mode: Mode,
    /// In place of the server's.
    pub(super) scheme: Option<String>,
    /// In place of the server's.
    pub(super) port: Option<u16>,
    pub(super) path: String,
    pub(super) method: Method,
    /// The one status that means well; `None` is any 2xx or 3xx.
    pub(super) status: Option<StatusCode>,
    /// In place of the server's address in `Host`.
    pub(super) hostname: Option<HeaderValue>,
    pub(super) headers: HeaderList,
    pub(super) follow_redirects: bool,
    pub(super) interval: Duration,
    pub(super) unhealthy_interval: Duration,
    pub(super) timeout: Duration,
    pub(super) options: TransportOptions,
    pub(super) tls: Option<Tls>,
}

/// How a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// By a request.
    Http,
    /// By the method `Check` of the service `grpc.health.v1.Health`.
    Grpc,
}

impl Check {
    /// A check as configured, over a transport.
    ///
    /// # Errors
    /// An option that cannot be used: its name, its value and what was expected.
    pub fn new(config: &HealthCheck, options: &TransportOptions, tls: Option<&Tls>) -> Result<Self, String> {
        let positive =
            |duration: ferroway_config::Duration| (duration.as_nanos() > 0).then(|| duration.to_std());
        let interval = positive(config.interval).unwrap_or(INTERVAL);
        Ok(Self {
            mode: mode(&config.mode)?,
            scheme: scheme(&config.scheme)?,
            port: port(config.port)?,
            path: path(&config.path)?,
            method: method(&config.method)?,
            status: status(config.status)?,
            hostname: hostname(&config.hostname)?,
            headers: headers(&config.headers)?,
            follow_redirects: config.follow_redirects,
            interval,
            unhealthy_interval: config.unhealthy_interval.and_then(positive).unwrap_or(interval),
            timeout: positive(config.timeout).unwrap_or(TIMEOUT),
            options: options.clone(),
            tls: tls.cloned(),
        })
    }

    /// Asks once, within the time that there is.
    pub(super) async fn ask(&self, target: &CheckTarget) -> Result<(), String> {
        let asking = async {
            match self.mode {
                Mode::Http => http::ask(self, target).await,
                Mode::Grpc => grpc::ask(self, target).await,
            }
        };
        match tokio::time::timeout(self.timeout, asking).await {
            Ok(result) => result,
            Err(_) => Err(format!("no answer within {:?}", self.timeout)),
        }
    }
}

fn bad(option: &str, value: &str, expected: &str) -> String {
    format!("healthCheck.{option} {value:?}: expected {expected}")
}

fn mode(configured: &str) -> Result<Mode, String> {
    match configured.to_ascii_lowercase().as_str() {
        "" | "http" => Ok(Mode::Http),
        "grpc" => Ok(Mode::Grpc),
        _ => Err(bad("mode", configured, "http or grpc")),
    }
}

fn scheme(configured: &str) -> Result<Option<String>, String> {
    match configured {
        "" => Ok(None),
        "http" | "https" | "h2c" => Ok(Some(configured.to_owned())),
        _ => Err(bad("scheme", configured, "http, https or h2c")),
    }
}

fn port(configured: i64) -> Result<Option<u16>, String> {
    let port = u16::try_from(configured);
    let port = port.map_err(|_| bad("port", &configured.to_string(), "a port, or 0 for the server's"))?;
    Ok(Some(port).filter(|port| *port > 0))
}

fn path(configured: &str) -> Result<String, String> {
    if configured.contains("://") || configured.starts_with("//") {
        return Err(bad("path", configured, "a path without scheme and host"));
    }
    Ok(configured.to_owned())
}

fn method(configured: &str) -> Result<Method, String> {
    if configured.is_empty() {
        return Ok(Method::GET);
    }
    configured.parse().map_err(|_| bad("method", configured, "a method of HTTP"))
}

fn status(configured: i64) -> Result<Option<StatusCode>, String> {
    if configured == 0 {
        return Ok(None);
    }
    let status = u16::try_from(configured).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let error = || bad("status", &configured.to_string(), "a status, or 0 for any 2xx and 3xx");
    status.map(Some).ok_or_else(error)
}

fn hostname(configured: &str) -> Result<Option<HeaderValue>, String> {
    if configured.is_empty() {
        return Ok(None);
    }
    HeaderValue::from_str(configured).map(Some).map_err(|_| bad("hostname", configured, "a host"))
}

fn headers(configured: &BTreeMap<String, String>) -> Result<HeaderList, String> {
    let mut headers = HeaderList::new();
    // `Host` does not come from here, as in Go.
    for (name, value) in configured.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        let field: HeaderName = name.parse().map_err(|_| bad("headers", name, "the name of a field"))?;
        let error = |_| bad(&format!("headers.{name}"), value, "the value of a field");
        headers.append(field, HeaderValue::from_str(value).map_err(error)?);
    }
    Ok(headers)
}
