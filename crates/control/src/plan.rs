//! The plan: data that says what is to run, where each object came from, and what is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{
    Dynamic, Middleware, Object, Router, ServersTransport, Service, TcpMiddleware, TcpServersTransport,
    TcpService, UdpService,
};
use ferroway_config::{Problem, ProblemKind, Severity, Span};
use ferroway_router::CompiledRule;

use crate::names::{local_name, provider_of};
use crate::router::{Planned, PlannedTcpRouter, PlannedUdpRouter, is_harmless};
use crate::tls::TlsPlan;

/// The newest configuration of every provider.
#[derive(Debug, Clone, Default)]
pub struct Providers(pub BTreeMap<Arc<str>, Arc<Dynamic>>);

impl Providers {
    /// A service by its full name.
    pub fn service(&self, full: &str) -> Option<&Object<Service>> {
        self.of(full)?.http.services.get(local_name(full))
    }

    /// A middleware by its full name.
    pub fn middleware(&self, full: &str) -> Option<&Object<Middleware>> {
        self.of(full)?.http.middlewares.get(local_name(full))
    }

    /// A servers transport by its full name.
    pub fn servers_transport(&self, full: &str) -> Option<&Object<ServersTransport>> {
        self.of(full)?.http.servers_transports.get(local_name(full))
    }

    /// A router by its full name.
    pub fn router(&self, full: &str) -> Option<&Object<Router>> {
        self.of(full)?.http.routers.get(local_name(full))
    }

    /// A TCP service by its full name.
    pub fn tcp_service(&self, full: &str) -> Option<&Object<TcpService>> {
        self.of(full)?.tcp.services.get(local_name(full))
    }

    /// A TCP middleware by its full name.
    pub fn tcp_middleware(&self, full: &str) -> Option<&Object<TcpMiddleware>> {
        self.of(full)?.tcp.middlewares.get(local_name(full))
    }

    /// A TCP servers transport by its full name.
    pub fn tcp_servers_transport(&self, full: &str) -> Option<&Object<TcpServersTransport>> {
        self.of(full)?.tcp.servers_transports.get(local_name(full))
    }

    /// A UDP service by its full name.
    pub fn udp_service(&self, full: &str) -> Option<&Object<UdpService>> {
        self.of(full)?.udp.services.get(local_name(full))
    }

    fn of(&self, full: &str) -> Option<&Dynamic> {
        self.0.get(provider_of(full)).map(|dynamic| &**dynamic)
    }
}

/// What is to run.
#[derive(Debug, Default)]
pub struct Plan {
    /// What the providers said.
    pub providers: Providers,
    /// The HTTP routers, by provider and name.
    pub routers: Vec<ProviderPlan>,
    /// The TCP routers, by provider and name.
    pub tcp_routers: Vec<ProviderPlan<PlannedTcpRouter>>,
    /// The UDP routers, by provider and name.
    pub udp_routers: Vec<ProviderPlan<PlannedUdpRouter>>,
    /// For each parent's full name, the routers that divide its requests further.
    pub children: BTreeMap<Arc<str>, Vec<Arc<PlannedRouter>>>,
    /// What is agreed with clients over TLS.
    pub tls: TlsPlan,
}

/// The routers of one provider.
#[derive(Debug)]
pub struct ProviderPlan<P = PlannedRouter> {
    /// The provider.
    pub provider: Arc<str>,
    /// Its place when priorities are equal.
    pub rank: u32,
    /// Its routers, by name.
    pub routers: Vec<PlanEntry<P>>,
}

/// A router in its place.
#[derive(Debug)]
pub struct PlanEntry<P = PlannedRouter> {
    /// What is to run: shared from plan to plan while it does not change.
    pub planned: Arc<P>,
    /// Where it is defined; moves when lines above it come or go.
    pub origin: Span,
}

/// One router, understood.
#[derive(Debug)]
pub struct PlannedRouter {
    /// `name@provider`.
    pub name: Arc<str>,
    /// Its configuration.
    pub config: Arc<Router>,
    /// Where it answers; empty for one that has parents or is disabled.
    pub mounts: Vec<Mount>,
    /// Its own middlewares, by full names.
    pub middlewares: Vec<Arc<str>>,
    /// Its rule, unless that is broken.
    pub rule: Option<Arc<CompiledRule>>,
    /// Its priority.
    pub priority: i64,
    /// Its service's full name, unless it is a parent.
    pub service: Option<Arc<str>>,
    /// The hosts that its rule names, where it answers over TLS: its options are for them.
    pub hosts: Box<[Box<str>]>,
    /// What is wrong; an error disables the router.
    pub findings: Vec<Finding>,
}

/// Entry points on which a router answers in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The router's name there: an entry point with middlewares of its own has a copy of its own.
    pub name: Arc<str>,
    /// Numbers of the entry points.
    pub entry_points: Vec<usize>,
    /// The entry point's middlewares and the router's, by full names.
    pub middlewares: Vec<Arc<str>>,
    /// The TLS options, by their full name, where the router answers over TLS there; that is one entry point then.
    /// Without, it answers where there is no TLS; never both.
    pub tls: Option<Arc<str>>,
}

/// Something about an object that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// An error disables the object.
    pub severity: Severity,
    /// What is wrong and what was expected.
    pub message: String,
}

impl Finding {
    /// Something that disables the object.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into() }
    }

    /// Something that does not.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, message: message.into() }
    }

    /// Something that the user may want to know, and of which Traefik says nothing.
    pub fn advice(message: impl Into<String>) -> Self {
        Self { severity: Severity::Advice, message: message.into() }
    }

    /// The finding with its place.
    pub fn at(&self, origin: &Span, path: String) -> Problem {
        let make = match self.severity {
            Severity::Error => Problem::error,
            Severity::Warning => Problem::warning,
            Severity::Advice => Problem::advice,
        };
        make(ProblemKind::Semantic, origin.clone(), path, self.message.clone())
    }
}

impl PlannedRouter {
    /// Whether nothing forbids that it runs.
    pub fn is_enabled(&self) -> bool {
        is_harmless(&self.findings)
    }
}

impl Plan {
    /// All HTTP routers.
    pub fn routers(&self) -> impl Iterator<Item = &PlanEntry> {
        self.routers.iter().flat_map(|provider| &provider.routers)
    }

    /// Everything that planning found wrong, with its place.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        tell(&self.routers, &mut problems);
        tell(&self.tcp_routers, &mut problems);
        tell(&self.udp_routers, &mut problems);
        problems.extend(self.tls.problems.iter().cloned());
        problems
    }
}

/// Adds what was found wrong with routers.
fn tell<P: Planned>(providers: &[ProviderPlan<P>], problems: &mut Vec<Problem>) {
    for entry in providers.iter().flat_map(|provider| &provider.routers) {
        let name = entry.planned.name();
        problems.extend(entry.planned.findings().iter().map(|finding| {
            let mut problem = finding.at(&entry.origin, format!("{}.{}", P::SECTION, local_name(name)));
            problem.message = format!("{} {name}: {}", P::KIND, problem.message);
            problem
        }));
    }
}
