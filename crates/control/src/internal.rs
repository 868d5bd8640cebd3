//! The configuration that ferroway writes itself: redirections between entry points, and routers of its
//! own services (specification sections 1.4 and 2.9).

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{
    Dynamic, Middleware, MiddlewareKind, Object, RedirectRegex, RedirectScheme, Router, StripPrefix,
};
use ferroway_config::{Source, Span};

/// A redirection of everything on an entry point to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// The entry point that redirects.
    pub from: String,
    /// What it redirects to, as configured: the name of an entry point or `:port`.
    pub to: String,
    /// The port to redirect to; empty means that of the scheme.
    pub port: String,
    /// The scheme to redirect to.
    pub scheme: String,
    /// Whether clients may remember it.
    pub permanent: bool,
    /// Priority of the generated router.
    pub priority: i64,
}

/// What ferroway serves itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Internal {
    /// Redirections between entry points.
    pub redirections: Vec<Redirection>,
    /// The entry point of `/ping`.
    pub ping: Option<String>,
    /// Whether the API has routers on the entry point `traefik` (`api.insecure`).
    pub api: bool,
    /// Whether the dashboard is among them.
    pub dashboard: bool,
    /// Whether figures for debugging are among them (`api.debug`).
    pub debug: bool,
}

/// The configuration for all of it.
pub fn internal_configuration(internal: &Internal) -> Dynamic {
    let mut out = Generated::default();
    for redirection in &internal.redirections {
        redirect(&mut out, redirection);
    }
    if let Some(entry_point) = &internal.ping {
        out.router("ping", entry_point, "PathPrefix(`/ping`)", i64::MAX, "ping", &[]);
    }
    if internal.api {
        out.router("api", "traefik", "PathPrefix(`/api`)", i64::MAX - 1, "api", &[]);
    }
    if internal.api && internal.debug {
        out.router("debug", "traefik", "PathPrefix(`/debug`)", i64::MAX - 1, "api", &[]);
    }
    if internal.api && internal.dashboard {
        let middlewares = ["dashboard_redirect", "dashboard_stripprefix"];
        out.router("dashboard", "traefik", "PathPrefix(`/`)", i64::MAX - 2, "dashboard", &middlewares);
        let redirect = RedirectRegex {
            regex: r"^(http:\/\/(\[[\w:.]+\]|[\w\._-]+)(:\d+)?)\/$".to_owned(),
            replacement: "${1}/dashboard/".to_owned(),
            permanent: true,
        };
        out.middleware(middlewares[0], MiddlewareKind::RedirectRegex(redirect));
        let strip = StripPrefix {
            prefixes: vec!["/dashboard/".to_owned(), "/dashboard".to_owned()],
            ..StripPrefix::default()
        };
        out.middleware(middlewares[1], MiddlewareKind::StripPrefix(strip));
    }
    let mut dynamic = Dynamic::default();
    (dynamic.http.routers, dynamic.http.middlewares) = (out.routers, out.middlewares);
    dynamic
}

/// Objects of the internal provider.
#[derive(Default)]
struct Generated {
    routers: BTreeMap<String, Object<Router>>,
    middlewares: BTreeMap<String, Object<Middleware>>,
}

impl Generated {
    fn router(
        &mut self,
        name: &str,
        entry_point: &str,
        rule: &str,
        priority: i64,
        service: &str,
        middlewares: &[&str],
    ) {
        let router = Router {
            entry_points: vec![entry_point.to_owned()],
            rule: rule.to_owned(),
            priority,
            service: format!("{service}@internal"),
            middlewares: middlewares.iter().map(|name| format!("{name}@internal")).collect(),
            rule_syntax: "default".to_owned(),
            ..Router::default()
        };
        self.routers.insert(name.to_owned(), object(router));
    }

    fn middleware(&mut self, name: &str, kind: MiddlewareKind) {
        let middleware = Middleware { kinds: vec![kind] };
        self.middlewares.insert(name.to_owned(), object(middleware));
    }
}

fn object<T>(value: T) -> Object<T> {
    Object { value: Arc::new(value), origin: Span::whole(&Source::other("ferroway itself")) }
}

fn redirect(out: &mut Generated, redirection: &Redirection) {
    let target = redirection.to.trim_start_matches(':');
    let name = format!("{}-to-{target}", redirection.from);
    let middleware = format!("redirect-{name}");
    let config = RedirectScheme {
        scheme: redirection.scheme.clone(),
        port: redirection.port.clone(),
        permanent: redirection.permanent,
    };
    out.middleware(&middleware, MiddlewareKind::RedirectScheme(config));
    out.router(&name, &redirection.from, "HostRegexp(`^.+$`)", redirection.priority, "noop", &[&middleware]);
}
