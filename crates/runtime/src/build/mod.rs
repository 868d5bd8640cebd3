//! From a plan to a snapshot. What did not change is taken over from the build before.

mod chains;
mod kept;
mod services;
mod spread;
mod tcp;
mod tls;
mod transports;
mod udp;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ferroway_config::dynamic::{ServersTransport, TcpServersTransport};
use ferroway_config::static_config::Ocsp;
use ferroway_config::{Problem, ProblemKind};
use ferroway_control::{DEFAULT_OPTIONS, Mount, Plan, PlanEntry, PlannedRouter, local_name};
use ferroway_core::LocalBoxFuture;
use ferroway_router::{Route as TableRoute, Table, Tie};
use ferroway_tls::Files;
use ferroway_upstream::TransportOptions;

use crate::internal::InternalServices;
use crate::route::{Route, Target};
use crate::snapshot::{EntryTable, Snapshot};
use crate::stapling::Stapling;
use crate::tcp::TcpTables;
use chains::Chains;
use services::Services;
use tcp::TcpBuild;
use tls::Tls;
use udp::UdpBuild;

/// What building needs besides the plan.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// How many entry points there are.
    pub entry_points: usize,
    /// How many UDP entry points there are.
    pub udp_entry_points: usize,
    /// The transport of services that name none.
    pub default_transport: Arc<ServersTransport>,
    /// The transport of TCP services that name none.
    pub default_tcp_transport: Arc<TcpServersTransport>,
    /// How the status of certificates is asked for; `None` if it is not.
    pub ocsp: Option<Ocsp>,
    /// Services that ferroway is itself.
    pub internal: InternalServices,
}

/// A build's result.
pub struct Outcome {
    /// What runs from now on.
    pub snapshot: Arc<Snapshot>,
    /// What could not be built, with its place; planning's problems are not among them.
    pub problems: Vec<Problem>,
    /// Health checks of servers that are new, and what staples OCSP responses to certificates that are new, to be run
    /// beside all else. They end with their services and certificates.
    pub checks: Vec<LocalBoxFuture<'static, ()>>,
}

/// Makes snapshots, each with what can be kept of the one before.
pub struct Builder {
    options: BuildOptions,
    /// The files with certificates.
    files: Files,
    services: Services,
    chains: Chains,
    tls: Tls,
    tcp: TcpBuild,
    udp: UdpBuild,
    routes: Routes,
    /// Why routers with parents cannot be built.
    broken_children: BTreeMap<Arc<str>, String>,
    snapshot: Arc<Snapshot>,
}

/// The routes of all planned routers, by provider, in the order of the plan.
type Routes = BTreeMap<Arc<str>, Vec<BuiltRouter>>;

/// What a planned router became.
#[derive(Debug, Clone)]
struct BuiltRouter {
    planned: Arc<PlannedRouter>,
    /// One for each mount, or why there is none.
    routes: Vec<Result<Arc<Route>, String>>,
}

impl Builder {
    /// A builder that has built nothing yet.
    pub fn new(options: BuildOptions) -> Self {
        let snapshot = Arc::new(Snapshot::empty(options.entry_points, options.udp_entry_points));
        let files = Files::default();
        let tcp = TcpBuild::new(options.default_tcp_transport.clone(), files.clone());
        let stapling = options.ocsp.as_ref().map(Stapling::new);
        Self {
            options,
            services: Services::new(files.clone()),
            chains: Chains::default(),
            tls: Tls::new(files.clone(), stapling),
            files,
            tcp,
            udp: UdpBuild::default(),
            routes: Routes::new(),
            broken_children: BTreeMap::new(),
            snapshot,
        }
    }

    /// Builds what a plan says.
    pub fn build(&mut self, plan: &Plan) -> Outcome {
        let tls_kept = self.tls.update(&plan.tls);
        let chains_kept = self.chains.update(plan);
        let services_kept = self.services.update(plan, &self.options, &mut self.chains);
        self.broken_children.clear();
        let mut routes = Routes::new();
        for provider in &plan.routers {
            let old = self.routes.remove(&provider.provider).unwrap_or_default();
            let mut old = old.into_iter().peekable();
            let mut built = Vec::with_capacity(provider.routers.len());
            for entry in &provider.routers {
                let name = local_name(&entry.planned.name);
                while old.next_if(|known| local_name(&known.planned.name) < name).is_some() {}
                let known = old.next_if(|known| Arc::ptr_eq(&known.planned, &entry.planned));
                let reusable = known.filter(|known| {
                    !plan.children.contains_key(&entry.planned.name)
                        && known.routes.iter().all(Result::is_ok)
                        && (tls_kept || self.same_tls(plan, known))
                        && (chains_kept || self.same_chains(known))
                        && (services_kept || self.same_service(known))
                });
                built.push(reusable.unwrap_or_else(|| self.router(plan, entry)));
            }
            routes.insert(provider.provider.clone(), built);
        }
        self.routes = routes;
        let tcp = self.tcp.update(plan, &self.tls, self.options.entry_points);
        let udp = self.udp.update(plan, self.options.udp_entry_points);
        self.snapshot = Arc::new(Snapshot {
            entry_points: self.assemble(plan, tcp),
            default_acceptor: self.tls.acceptor(DEFAULT_OPTIONS),
            udp,
        });
        let mut problems = self.services.problems(plan);
        problems.extend(self.tls.problems().iter().cloned());
        problems.extend(self.router_problems(plan));
        problems.extend(self.tcp.problems().iter().cloned());
        problems.extend(self.udp.problems().iter().cloned());
        let mut checks = self.services.take_checks();
        checks.append(&mut self.tcp.take_checks());
        checks.append(&mut self.tls.take_staplers());
        Outcome { snapshot: self.snapshot.clone(), problems, checks }
    }

    /// The files with certificates and keys that the snapshot was made of.
    pub fn certificate_files(&self) -> BTreeSet<PathBuf> {
        self.files.in_use()
    }

    /// Reads such files again, which blocks. True if one says something else now, so that building the same plan again
    /// makes something new of it.
    pub fn look_again(&self, files: &[PathBuf]) -> bool {
        self.files.look_again(files)
    }

    /// Whether a router answers under the same TLS options as before.
    fn same_tls(&self, plan: &Plan, known: &BuiltRouter) -> bool {
        let mut held = known.planned.mounts.iter().zip(known.routes.iter().flatten());
        held.all(|(mount, route)| {
            self.tls_options(plan, &known.planned, mount).is_ok_and(|now| now == route.tls_options)
        })
    }

    /// The TLS options that a router answers under, `None` without TLS; or why it cannot.
    fn tls_options(
        &self,
        plan: &Plan,
        planned: &PlannedRouter,
        mount: &Mount,
    ) -> Result<Option<Arc<str>>, String> {
        if plan.tls.is_refused(mount) {
            return Err(
                "its TLS options are not the ones that its clients would get (strictTLSOptions)".to_owned()
            );
        }
        let options = plan.tls.options_of(&planned.hosts, mount);
        if let Some(options) = &options {
            self.tls.check(options)?;
        }
        Ok(options)
    }

    /// Whether a router's chains are the objects that its routes hold.
    fn same_chains(&mut self, known: &BuiltRouter) -> bool {
        let mut held = known.planned.mounts.iter().zip(known.routes.iter().flatten());
        held.all(|(mount, route)| {
            self.chains.get(&mount.middlewares).is_ok_and(|now| Arc::ptr_eq(&now, &route.chain))
        })
    }

    /// Whether a router's service is the object that its routes hold.
    fn same_service(&self, known: &BuiltRouter) -> bool {
        let Some(name) = &known.planned.service else { return false };
        let now = self.services.get(name, &self.options);
        let mut held = known.routes.iter().flatten().map(|route| &route.target);
        held.all(|target| match (target, &now) {
            (Target::Service(held), Ok(now)) => Arc::ptr_eq(held, now),
            _ => false,
        })
    }

    fn router(&mut self, plan: &Plan, entry: &PlanEntry) -> BuiltRouter {
        let planned = entry.planned.clone();
        let mounts = if planned.is_enabled() { &planned.mounts[..] } else { &[] };
        let routes = mounts
            .iter()
            .map(|mount| {
                let chain = self.chains.get(&mount.middlewares)?;
                let tls_options = self.tls_options(plan, &planned, mount)?;
                let route = self.route(plan, &planned, &mount.name, chain, &mut Vec::new())?;
                Ok(Arc::new(Route { tls_options, ..route }))
            })
            .collect();
        BuiltRouter { planned, routes }
    }

    /// One route; `path` holds the parents above it.
    fn route(
        &mut self,
        plan: &Plan,
        planned: &PlannedRouter,
        name: &Arc<str>,
        chain: Arc<[ferroway_core::Step]>,
        path: &mut Vec<Arc<str>>,
    ) -> Result<Route, String> {
        let target = match &planned.service {
            Some(service) => Target::Service(self.services.get(service, &self.options)?),
            None => Target::Children(self.children(plan, planned, path)?),
        };
        let observability = planned.config.observability.as_ref();
        let access_log = observability.and_then(|observability| observability.access_logs);
        Ok(Route { name: name.clone(), chain, target, access_log, tls_options: None })
    }

    fn children(
        &mut self,
        plan: &Plan,
        parent: &PlannedRouter,
        path: &mut Vec<Arc<str>>,
    ) -> Result<Table<Arc<Route>>, String> {
        path.push(parent.name.clone());
        let mut routes = Vec::new();
        for child in plan.children.get(&parent.name).into_iter().flatten() {
            let Some(rule) = &child.rule else { continue };
            // A cycle is cut where it closes; the rest of the tree lives.
            if path.contains(&child.name) {
                continue;
            }
            let built = self
                .chains
                .get(&child.middlewares)
                .and_then(|chain| self.route(plan, child, &child.name, chain, path));
            let route = match built {
                Ok(route) => Arc::new(route),
                Err(message) => {
                    self.broken_children.insert(child.name.clone(), message);
                    continue;
                }
            };
            let tie = Tie { provider: 0, name: child.name.clone() };
            routes.push(TableRoute { rule: rule.clone(), priority: child.priority, tie, value: route });
        }
        path.pop();
        if routes.is_empty() { Err("no child router can answer".to_owned()) } else { Ok(Table::new(routes)) }
    }

    /// The routes of each entry point; tables whose routes are the same are kept.
    fn assemble(&self, plan: &Plan, tcp: Vec<Option<Arc<TcpTables>>>) -> Vec<Arc<EntryTable>> {
        // Without TLS, and over TLS.
        let mut by_entry_point: Vec<[Vec<TableRoute<Arc<Route>>>; 2]> =
            vec![Default::default(); self.options.entry_points];
        for provider in &plan.routers {
            for built in self.routes.get(&provider.provider).into_iter().flatten() {
                let Some(rule) = &built.planned.rule else { continue };
                for (mount, route) in built.planned.mounts.iter().zip(&built.routes) {
                    let Ok(route) = route else { continue };
                    for number in &mount.entry_points {
                        by_entry_point[*number][usize::from(mount.tls.is_some())].push(TableRoute {
                            rule: rule.clone(),
                            priority: built.planned.priority,
                            tie: Tie { provider: provider.rank, name: built.planned.name.clone() },
                            value: route.clone(),
                        });
                    }
                }
            }
        }
        by_entry_point
            .into_iter()
            .zip(&self.snapshot.entry_points)
            .zip(tcp)
            .enumerate()
            .map(|(number, (([plain, tls], old), tcp))| {
                let acceptors = plan.tls.entry_points.get(number).and_then(Option::as_ref);
                let acceptors = acceptors.map(|tls| self.tls.acceptors(tls));
                let plain = Table::kept_or_new(plain, &old.plain, Arc::ptr_eq);
                let tls = Table::kept_or_new(tls, &old.tls, Arc::ptr_eq);
                let new = EntryTable { plain, tls, acceptors, tcp };
                if is_same(&new, old) { old.clone() } else { Arc::new(new) }
            })
            .collect()
    }

    fn router_problems(&self, plan: &Plan) -> Vec<Problem> {
        let mut problems = Vec::new();
        for provider in &plan.routers {
            let built = self.routes.get(&provider.provider).map_or(&[][..], Vec::as_slice);
            for (entry, built) in provider.routers.iter().zip(built) {
                let broken = entry.planned.mounts.iter().zip(&built.routes);
                let broken = broken.filter_map(|(mount, route)| Some((&mount.name, route.as_ref().err()?)));
                let broken = broken.chain(self.broken_children.get_key_value(&entry.planned.name));
                for (name, message) in broken.chain(self.unavailable(&entry.planned)) {
                    let path = format!("http.routers.{}", local_name(&entry.planned.name));
                    let message = format!("router {name}: {message}");
                    problems.push(Problem::error(ProblemKind::Semantic, entry.origin.clone(), path, message));
                }
            }
        }
        problems
    }
}

/// What is shown of what runs.
impl Builder {
    /// What is wrong with HTTP middlewares that routers use, by full name.
    pub fn middleware_faults(&self) -> BTreeMap<Arc<str>, String> {
        self.chains.faults().cloned().collect()
    }

    /// The certificates that clients may get (DER), but for a generated one.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        self.tls.certificates()
    }

    /// The servers of an HTTP service as configured, and whether they are up.
    pub fn servers(&self, service: &str) -> Vec<(String, bool)> {
        let balancer = self.services.balancer(service);
        let servers = balancer.into_iter().flat_map(|balancer| balancer.servers());
        servers.map(|server| (server.url.to_string(), server.is_up())).collect()
    }

    /// The servers of a TCP service as configured, and whether they are up.
    pub fn tcp_servers(&self, service: &str) -> Vec<(String, bool)> {
        self.tcp.servers(service)
    }
}

impl Builder {
    /// What is said of the middlewares of a router that ferroway does not have, with its name where it has them.
    fn unavailable<'a>(
        &'a self,
        planned: &'a PlannedRouter,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a String)> {
        let mounted = planned.mounts.iter().map(|mount| (&mount.name, &mount.middlewares));
        // One with parents is mounted nowhere itself.
        let own = planned.mounts.is_empty().then_some((&planned.name, &planned.middlewares));
        mounted
            .chain(own)
            .flat_map(|(name, chain)| self.chains.unavailable(chain).iter().map(move |words| (name, words)))
    }
}

/// Whether both have the same objects.
fn is_same(new: &EntryTable, old: &EntryTable) -> bool {
    let same_acceptors = match (&new.acceptors, &old.acceptors) {
        (Some(new), Some(old)) => new.is_same(old),
        (new, old) => new.is_none() && old.is_none(),
    };
    let same_tcp = match (&new.tcp, &old.tcp) {
        (Some(new), Some(old)) => new.is_same(old),
        (new, old) => new.is_none() && old.is_none(),
    };
    same_tcp && same_acceptors && Arc::ptr_eq(&new.plain, &old.plain) && Arc::ptr_eq(&new.tls, &old.tls)
}

/// The options of a transport as configured (specification section 3.8).
pub(crate) fn transport_options(config: &ServersTransport) -> TransportOptions {
    let timeout = |duration: ferroway_config::Duration| (!duration.is_zero()).then(|| duration.to_std());
    TransportOptions {
        dial_timeout: timeout(config.forwarding_timeouts.dial_timeout),
        response_header_timeout: timeout(config.forwarding_timeouts.response_header_timeout),
        idle_timeout: timeout(config.forwarding_timeouts.idle_conn_timeout),
        read_idle_timeout: timeout(config.forwarding_timeouts.read_idle_timeout),
        // Go's default.
        ping_timeout: timeout(config.forwarding_timeouts.ping_timeout).unwrap_or(Duration::from_secs(15)),
        max_idle: match config.max_idle_conns_per_host {
            // Go's default.
            0 => 2,
            limit => usize::try_from(limit).unwrap_or(0),
        },
    }
}
