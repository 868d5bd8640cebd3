//! `healthCheck`: asks servers at intervals whether they are well (specification section 3.5).
//!
//! Checks run beside the data plane, on the control plane's thread, and use a service's own transport. What they find
//! is a flag of the server, which all workers read.

mod grpc;
mod http;
mod target;

use std::sync::{Arc, Weak};
use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Method, StatusCode};
use ferroway_config::dynamic::HealthCheck;
use ferroway_core::{HeaderList, LocalBoxFuture};
use ferroway_upstream::{Tls, TransportOptions};

use crate::LoadBalancer;
use target::CheckTarget;

/// Time between checks where the option makes no sense.
const INTERVAL: Duration = Duration::from_secs(30);
/// Longest time of a check where the option makes no sense.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A health check, understood.
#[derive(Debug, Clone)]
pub struct Check {
    mode: Mode,
    /// In place of the server's.
    scheme: Option<String>,
    /// In place of the server's.
    port: Option<u16>,
    path: String,
    method: Method,
    /// The one status that means well; `None` is any 2xx or 3xx.
    status: Option<StatusCode>,
    /// In place of the server's address in `Host`.
    hostname: Option<HeaderValue>,
    headers: HeaderList,
    follow_redirects: bool,
    interval: Duration,
    unhealthy_interval: Duration,
    timeout: Duration,
    options: TransportOptions,
    tls: Option<Tls>,
}

/// How a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
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
        let bad = |option: &str, value: &str, expected: &str| {
            Err(format!("healthCheck.{option} {value:?}: expected {expected}"))
        };
        let mode = match config.mode.to_ascii_lowercase().as_str() {
            "" | "http" => Mode::Http,
            "grpc" => Mode::Grpc,
            _ => return bad("mode", &config.mode, "http or grpc"),
        };
        if !matches!(config.scheme.as_str(), "" | "http" | "https" | "h2c") {
            return bad("scheme", &config.scheme, "http, https or h2c");
        }
        let method = if config.method.is_empty() { "GET" } else { &config.method };
        let Ok(method) = method.parse() else { return bad("method", method, "a method of HTTP") };
        if config.path.contains("://") || config.path.starts_with("//") {
            return bad("path", &config.path, "a path without scheme and host");
        }
        let status = match config.status {
            0 => None,
            number => match u16::try_from(number).ok().and_then(|code| StatusCode::from_u16(code).ok()) {
                Some(status) => Some(status),
                None => return bad("status", &number.to_string(), "a status, or 0 for any 2xx and 3xx"),
            },
        };
        let port = match config.port {
            0 => None,
            number => match u16::try_from(number) {
                Ok(port) => Some(port),
                Err(_) => return bad("port", &number.to_string(), "a port, or 0 for the server's"),
            },
        };
        let hostname = match config.hostname.as_str() {
            "" => None,
            name => match HeaderValue::from_str(name) {
                Ok(value) => Some(value),
                Err(_) => return bad("hostname", name, "a host"),
            },
        };
        let mut headers = HeaderList::new();
        // `Host` does not come from here, as in Go.
        for (name, value) in config.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                (Ok(name), Ok(value)) => headers.append(name, value),
                (Err(_), _) => return bad("headers", name, "the name of a field"),
                (_, Err(_)) => return bad(&format!("headers.{name}"), value, "the value of a field"),
            }
        }
        let positive =
            |duration: ferroway_config::Duration| (duration.as_nanos() > 0).then(|| duration.to_std());
        let interval = positive(config.interval).unwrap_or(INTERVAL);
        Ok(Self {
            mode,
            scheme: Some(config.scheme.clone()).filter(|scheme| !scheme.is_empty()),
            port,
            path: config.path.clone(),
            method,
            status,
            hostname,
            headers,
            follow_redirects: config.follow_redirects,
            interval,
            unhealthy_interval: config.unhealthy_interval.and_then(positive).unwrap_or(interval),
            timeout: positive(config.timeout).unwrap_or(TIMEOUT),
            options: options.clone(),
            tls: tls.cloned(),
        })
    }

    /// Asks once, within the time that there is.
    async fn ask(&self, target: &CheckTarget) -> Result<(), String> {
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

/// One future for each server of a load balancer, which asks it at intervals, and marks it as up or down for all
/// workers. A server is up until its first check says otherwise, an interval after the beginning.
///
/// Each future ends soon after the load balancer is gone; dropping it ends the checks, too.
pub fn health_checks(balancer: &Arc<LoadBalancer>, check: Check) -> Vec<LocalBoxFuture<'static, ()>> {
    let check = Arc::new(check);
    let one = |number| -> LocalBoxFuture<'static, ()> {
        Box::pin(watch(Arc::downgrade(balancer), number, check.clone()))
    };
    (0..balancer.servers().len()).map(one).collect()
}

async fn watch(balancer: Weak<LoadBalancer>, number: usize, check: Arc<Check>) {
    let mut pause = check.interval;
    loop {
        tokio::time::sleep(pause).await;
        let Some(balancer) = balancer.upgrade() else { return };
        let server = &balancer.servers()[number];
        let outcome = match CheckTarget::of(&server.url, &check) {
            Ok(target) => check.ask(&target).await,
            Err(message) => Err(message),
        };
        pause = if outcome.is_ok() { check.interval } else { check.unhealthy_interval };
        let (service, url) = (balancer.name(), &*server.url);
        match (server.set_up(outcome.is_ok()), outcome) {
            (true, Ok(())) => tracing::info!(
                serviceName = service,
                targetURL = url,
                "Health check succeeded: server is up again"
            ),
            (true, Err(error)) => {
                tracing::warn!(serviceName = service, targetURL = url, %error, "Health check failed: server is down")
            }
            (false, Err(error)) => {
                tracing::debug!(serviceName = service, targetURL = url, %error, "Health check failed again")
            }
            (false, Ok(())) => {}
        }
    }
}
