//! TCP routes: services, middlewares, and the tables of entry points.

mod services;
mod transports;

use std::collections::HashMap;
use std::sync::Arc;

use ferroway_config::dynamic::{TcpMiddleware, TcpServersTransport};
use ferroway_config::{Problem, ProblemKind, Source, Span};
use ferroway_control::{Plan, PlanEntry, PlannedTcpRouter, TcpTls, local_name};
use ferroway_core::LocalBoxFuture;
use ferroway_router::Tie;
use ferroway_router::tcp::TcpRoute as TableRoute;
use ferroway_tcp::{Middleware, Service};
use ferroway_tls::Files;

use super::spread::Spreads;
use super::tls::Tls;
use crate::tcp::{HttpsNames, OverTls, TcpRoute, TcpTables};
use services::Tcp;

/// Everything of TCP.
pub(super) struct TcpBuild {
    services: Spreads<Tcp>,
    /// By the router's name and the entry point's number.
    routes: HashMap<(Arc<str>, usize), Built>,
    problems: Vec<Problem>,
}

/// A route, and what it was made of.
struct Built {
    planned: Arc<PlannedTcpRouter>,
    definitions: Vec<Arc<TcpMiddleware>>,
    route: Arc<TcpRoute>,
}

impl TcpBuild {
    pub(super) fn new(default_transport: Arc<TcpServersTransport>, files: Files) -> Self {
        let services = Spreads::new(Tcp::new(default_transport, files));
        Self { services, routes: HashMap::new(), problems: Vec::new() }
    }

    /// Builds what a plan says: the tables of each entry point, `None` where it has no TCP router.
    pub(super) fn update(
        &mut self,
        plan: &Plan,
        tls: &Tls,
        entry_points: usize,
    ) -> Vec<Option<Arc<TcpTables>>> {
        self.services.protocol.transports.begin();
        self.services.update(plan);
        self.services.protocol.transports.end();
        self.problems = self.services.problems(plan);
        self.problems.extend(self.transport_warnings(plan));
        let old = std::mem::take(&mut self.routes);
        let mut routes: Vec<[Vec<TableRoute<Arc<TcpRoute>>>; 2]> = vec![Default::default(); entry_points];
        for provider in &plan.tcp_routers {
            for entry in &provider.routers {
                let (planned, Some(rule)) = (&entry.planned, &entry.planned.rule) else { continue };
                for number in &planned.entry_points {
                    let key = (planned.name.clone(), *number);
                    let built = match self.route(plan, tls, entry, old.get(&key)) {
                        Ok(built) => built,
                        Err(message) => {
                            self.tell(entry, &message);
                            break;
                        }
                    };
                    let tie = Tie { provider: provider.rank, name: planned.name.clone() };
                    routes[*number][usize::from(planned.tls != TcpTls::None)].push(TableRoute {
                        rule: rule.clone(),
                        priority: planned.priority,
                        tie,
                        value: built.route.clone(),
                    });
                    self.routes.insert(key, built);
                }
            }
        }
        let tables = |(number, [plain, over_tls]): (usize, [Vec<_>; 2])| {
            if plain.is_empty() && over_tls.is_empty() {
                return None;
            }
            let https = if over_tls.is_empty() { HttpsNames::default() } else { https_names(plan, number) };
            Some(Arc::new(TcpTables::new(plain, over_tls, https)))
        };
        routes.into_iter().enumerate().map(tables).collect()
    }

    /// A route, the old one where nothing that it is made of changed.
    fn route(
        &mut self,
        plan: &Plan,
        tls: &Tls,
        entry: &PlanEntry<PlannedTcpRouter>,
        old: Option<&Built>,
    ) -> Result<Built, String> {
        let planned = entry.planned.clone();
        let service = self.services.get(&planned.service)?;
        let over_tls = match &planned.tls {
            TcpTls::None => OverTls::None,
            TcpTls::Passthrough => OverTls::Passthrough,
            TcpTls::Terminated(options) => {
                if let Err(message) = tls.check(options) {
                    self.tell(entry, &format!("{message}; its connections are closed"));
                }
                OverTls::Terminated(tls.acceptor(options))
            }
        };
        let mut definitions = Vec::with_capacity(planned.middlewares.len());
        for name in &planned.middlewares {
            let found = plan.providers.tcp_middleware(name);
            let found = found.ok_or_else(|| format!("middleware {name:?} does not exist"))?;
            definitions.push(found.value.clone());
        }
        let same_chain = old.filter(|old| old.definitions == definitions);
        if let Some(old) = same_chain
            && Arc::ptr_eq(&old.planned, &planned)
            && Arc::ptr_eq(&old.route.service, &service)
            && old.route.over_tls.is_same(&over_tls)
        {
            return Ok(Built { planned, definitions, route: old.route.clone() });
        }
        // Those that count connections go on counting while they are what they were.
        let middlewares = match same_chain {
            Some(old) => old.route.middlewares.clone(),
            None => chain(&planned, &definitions)?,
        };
        let name = planned.name.clone();
        let route = Arc::new(TcpRoute { name, middlewares, service, over_tls });
        Ok(Built { planned, definitions, route })
    }

    fn tell(&mut self, entry: &PlanEntry<PlannedTcpRouter>, message: &str) {
        let path = format!("tcp.routers.{}", local_name(&entry.planned.name));
        let message = format!("TCP router {}: {message}", entry.planned.name);
        self.problems.push(Problem::error(ProblemKind::Semantic, entry.origin.clone(), path, message));
    }

    fn transport_warnings(&self, plan: &Plan) -> Vec<Problem> {
        let warning = |(name, words): (&str, &str)| {
            let path = format!("tcp.serversTransports.{}", local_name(name));
            let origin = plan.providers.tcp_servers_transport(name).map(|object| object.origin.clone());
            let origin = origin.unwrap_or_else(|| Span::whole(&Source::other("static configuration")));
            let message = format!("TCP servers transport {name}: {words}");
            Problem::warning(ProblemKind::Semantic, origin, path, message)
        };
        self.services.protocol.transports.warnings().map(warning).collect()
    }

    /// The servers of a service as configured, and whether they are up.
    pub(super) fn servers(&self, service: &str) -> Vec<(String, bool)> {
        match self.services.get(service).as_deref() {
            Ok(Service::LoadBalancer(balancer)) => {
                balancer.servers().iter().map(|server| (server.address.to_string(), server.is_up())).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The health checks of services that are new since the last call. They end with their services.
    pub(super) fn take_checks(&mut self) -> Vec<LocalBoxFuture<'static, ()>> {
        std::mem::take(&mut self.services.protocol.checks)
    }
}

impl std::fmt::Debug for TcpBuild {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TcpBuild").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}

fn chain(
    planned: &PlannedTcpRouter,
    definitions: &[Arc<TcpMiddleware>],
) -> Result<Arc<[Middleware]>, String> {
    let built = planned.middlewares.iter().zip(definitions).map(|(name, definition)| {
        Middleware::new(definition).map_err(|error| format!("middleware {name}: {error}"))
    });
    built.collect()
}

/// The names that HTTPS routers on an entry point are for.
fn https_names(plan: &Plan, entry_point: usize) -> HttpsNames {
    let mut names = HttpsNames::default();
    for entry in plan.routers() {
        let mounts = &entry.planned.mounts;
        if !mounts.iter().any(|mount| mount.tls.is_some() && mount.entry_points.contains(&entry_point)) {
            continue;
        }
        names.any |= entry.planned.hosts.is_empty();
        names.hosts.extend(entry.planned.hosts.iter().cloned());
    }
    names
}
