//! Services, each built once and kept as long as nothing that it is made of changes.

use std::collections::HashMap;
use std::sync::Arc;

use ferroway_config::dynamic::{self, KindError, ServersTransport, ServiceKind};
use ferroway_config::{Problem, ProblemKind, Source, Span};
use ferroway_control::{Plan, local_name, provider_of, qualified};
use ferroway_core::{LocalBoxFuture, Step};
use ferroway_services::{Check, LoadBalancer, Server, Service, Target, Weighted, health_checks, strategy};
use ferroway_tls::Files;

use super::chains::{BuiltChain, Chains};
use super::kept::Kept;
use super::transports::Reach;
use super::{BuildOptions, transport_options};

/// The transport of services that name none.
const DEFAULT_TRANSPORT: &str = "default@internal";

/// The services of the present plan, by full name.
pub(super) struct Services {
    built: HashMap<Arc<str>, Built>,
    transports: Kept<Arc<ServersTransport>>,
    /// Health checks of load balancers that are new.
    checks: Vec<LocalBoxFuture<'static, ()>>,
}

#[derive(Debug, Clone)]
struct Built {
    config: Arc<dynamic::Service>,
    /// How a load balancer's servers are reached.
    reach: Option<Reach>,
    /// The middlewares in front of it.
    chain: Arc<[Step]>,
    /// The load balancer in it.
    balancer: Option<Arc<LoadBalancer>>,
    result: Result<Arc<Service>, String>,
    /// Whether it is the object that it was in the build before.
    kept: bool,
}

/// One round of building.
struct Round<'a> {
    plan: &'a Plan,
    options: &'a BuildOptions,
    chains: &'a mut Chains,
    transports: &'a mut Kept<Arc<ServersTransport>>,
    checks: &'a mut Vec<LocalBoxFuture<'static, ()>>,
    old: HashMap<Arc<str>, Built>,
    built: HashMap<Arc<str>, Built>,
    /// The services that are being built, from the outermost.
    path: Vec<Arc<str>>,
}

impl Services {
    pub(super) fn new(files: Files) -> Self {
        Self { built: HashMap::new(), transports: Kept::new(files), checks: Vec::new() }
    }

    /// Builds all services of a plan; true when every one of them is the object that it was.
    pub(super) fn update(&mut self, plan: &Plan, options: &BuildOptions, chains: &mut Chains) -> bool {
        let old = std::mem::take(&mut self.built);
        let count = old.len();
        self.transports.begin();
        let mut round = Round {
            plan,
            options,
            chains,
            transports: &mut self.transports,
            checks: &mut self.checks,
            built: HashMap::with_capacity(count),
            old,
            path: Vec::new(),
        };
        let mut kept = true;
        for (provider, dynamic) in &plan.providers.0 {
            for name in dynamic.http.services.keys() {
                let full: Arc<str> = format!("{name}@{provider}").into();
                kept &= round.service(&full);
            }
        }
        self.built = round.built;
        self.transports.end();
        kept && self.built.len() == count
    }

    /// A service, or why there is none.
    pub(super) fn get(&self, name: &str, options: &BuildOptions) -> Result<Arc<Service>, String> {
        if let Some(internal) = options.internal.get(name) {
            return Ok(internal.clone());
        }
        match self.built.get(name) {
            Some(built) => match &built.result {
                Ok(service) => Ok(service.clone()),
                Err(message) => Err(format!("service {name}: {message}")),
            },
            None => Err(format!("the service {name:?} does not exist")),
        }
    }

    /// The load balancer that a service is.
    pub(super) fn balancer(&self, name: &str) -> Option<&LoadBalancer> {
        self.built.get(name)?.balancer.as_deref()
    }

    /// The health checks of load balancers that are new since the last call. They end with them.
    pub(super) fn take_checks(&mut self) -> Vec<LocalBoxFuture<'static, ()>> {
        std::mem::take(&mut self.checks)
    }

    /// What is wrong with services, with its place.
    pub(super) fn problems(&self, plan: &Plan) -> Vec<Problem> {
        let mut broken: Vec<_> = self
            .built
            .iter()
            .filter_map(|(name, built)| Some((name, built.result.as_ref().err()?)))
            .collect();
        broken.sort();
        let of_transport = self.transports.warnings().map(|(name, words)| {
            let path = format!("http.serversTransports.{}", local_name(name));
            let origin = plan.providers.servers_transport(name).map(|object| object.origin.clone());
            let origin = origin.unwrap_or_else(|| Span::whole(&Source::other("static configuration")));
            Problem::warning(
                ProblemKind::Semantic,
                origin,
                path,
                format!("servers transport {name}: {words}"),
            )
        });
        let of_transport: Vec<Problem> = of_transport.collect();
        broken
            .into_iter()
            .filter_map(|(name, message)| {
                let origin = plan.providers.service(name)?.origin.clone();
                let path = format!("http.services.{}", local_name(name));
                let message = format!("service {name}: {message}");
                Some(Problem::error(ProblemKind::Semantic, origin, path, message))
            })
            .chain(of_transport)
            .collect()
    }
}

impl Round<'_> {
    /// Builds a service unless that was done; true when it is the object that it was.
    fn service(&mut self, full: &Arc<str>) -> bool {
        if let Some(built) = self.built.get(full) {
            return built.kept;
        }
        let Some(object) = self.plan.providers.service(full) else { return false };
        let config = object.value.clone();
        let reach = self.reach(full, &config);
        let reached = reach.as_ref().ok().cloned().flatten();
        self.path.push(full.clone());
        let children_kept = self.children(full, &config);
        self.path.pop();
        let chain = self.chain(full, &config);
        let known = self.old.get(full).filter(|known| {
            (Arc::ptr_eq(&known.config, &config) || known.config == config)
                && known.reach == reached
                && known.result.is_ok()
                && children_kept
                && chain.as_ref().is_ok_and(|chain| Arc::ptr_eq(chain, &known.chain))
        });
        if let Some(known) = known {
            let known = Built { kept: true, ..known.clone() };
            self.built.insert(full.clone(), known);
            return true;
        }
        let built = reach.and_then(|reach| Ok((self.build(full, &config, reach.as_ref())?, chain?)));
        let built = match built {
            Ok((service, chain)) => {
                let balancer = match &service {
                    Service::LoadBalancer(balancer) => Some(balancer.clone()),
                    _ => None,
                };
                let result = Ok(wrapped(service, &chain));
                Built { config, reach: reached, chain, balancer, result, kept: false }
            }
            Err(message) => {
                let result = Err(message);
                Built { config, reach: reached, chain: Arc::default(), balancer: None, result, kept: false }
            }
        };
        self.built.insert(full.clone(), built);
        false
    }

    /// Builds what a service leads to; true when all of it is what it was.
    fn children(&mut self, full: &str, config: &dynamic::Service) -> bool {
        let Ok(ServiceKind::Weighted(weighted)) = config.kind() else { return true };
        let mut kept = true;
        for child in &weighted.services {
            let name: Arc<str> = qualified(&child.name, provider_of(full)).as_ref().into();
            if !self.path.contains(&name) && self.options.internal.get(&name).is_none() {
                kept &= self.service(&name);
            }
        }
        kept
    }

    /// The middlewares in front of a service.
    fn chain(&mut self, full: &str, config: &dynamic::Service) -> BuiltChain {
        let full_name = |name: &String| qualified(name, provider_of(full)).as_ref().into();
        self.chains.get(&config.middlewares.iter().map(full_name).collect::<Vec<Arc<str>>>())
    }

    /// How a service's servers are reached; `None` where it has no servers.
    fn reach(&mut self, full: &str, config: &dynamic::Service) -> Result<Option<Reach>, String> {
        let Some(group) = &config.load_balancer else { return Ok(None) };
        let (name, config) = match group.servers_transport.as_str() {
            "" | DEFAULT_TRANSPORT => (DEFAULT_TRANSPORT.into(), self.options.default_transport.clone()),
            reference => {
                let name = qualified(reference, provider_of(full));
                let Some(object) = self.plan.providers.servers_transport(&name) else {
                    return Err(format!("servers transport not found {name}"));
                };
                (name, object.value.clone())
            }
        };
        let checks_tls = group.health_check.as_ref().is_some_and(|check| check.scheme == "https");
        let needs_tls = checks_tls || group.servers.iter().any(|server| is_https(&server.url));
        let tls = needs_tls.then(|| self.transports.get(&name, &config)).transpose();
        let tls = tls.map_err(|error| format!("servers transport {name}: {error}"))?;
        Ok(Some(Reach { options: transport_options(&config), tls }))
    }

    fn build(
        &mut self,
        full: &Arc<str>,
        config: &dynamic::Service,
        reach: Option<&Reach>,
    ) -> Result<Service, String> {
        match config.kind() {
            Ok(ServiceKind::LoadBalancer(group)) => self.load_balancer(full, group, reach),
            Ok(ServiceKind::Weighted(weighted)) => self.weighted(full, weighted),
            Ok(ServiceKind::Mirroring(_)) => not_implemented("mirroring"),
            Ok(ServiceKind::Failover(_)) => not_implemented("failover"),
            Ok(ServiceKind::HighestRandomWeight(_)) => not_implemented("highestRandomWeight"),
            Err(KindError::None) => Err("the service does not have any type defined; expected one of \
                                         loadBalancer, weighted, mirroring, failover, highestRandomWeight"
                .to_owned()),
            Err(KindError::Several) => {
                Err("cannot create service: multi-types service not supported, consider \
                                            declaring two different pieces of service instead"
                    .to_owned())
            }
        }
    }

    fn weighted(&self, full: &Arc<str>, config: &dynamic::Weighted) -> Result<Service, String> {
        if config.sticky.is_some() {
            return not_implemented("weighted.sticky");
        }
        let mut children = Vec::with_capacity(config.services.len());
        for child in &config.services {
            let name = qualified(&child.name, provider_of(full));
            let service = match (self.options.internal.get(&name), self.built.get(&*name)) {
                (Some(internal), _) => internal.clone(),
                (None, Some(built)) => {
                    built.result.clone().map_err(|message| format!("service {name}: {message}"))?
                }
                (None, None) if **full == *name || self.path.iter().any(|outer| **outer == *name) => {
                    let mut path: Vec<&str> = self.path.iter().map(|outer| &**outer).collect();
                    path.extend([full, &*name]);
                    return Err(format!(
                        "could not instantiate service {name}: recursion detected in service:{}",
                        path.join("->")
                    ));
                }
                (None, None) => return Err(format!("the service {name:?} does not exist")),
            };
            if config.health_check.is_some() && !service.is_checked() {
                return Err(format!(
                    "weighted.healthCheck: the service {name} has no healthCheck, expected one in each of the services"
                ));
            }
            children.push((service, child.weight));
        }
        let weighted = Weighted::new(children);
        Ok(Service::Weighted(if config.health_check.is_some() { weighted.checked() } else { weighted }))
    }

    fn load_balancer(
        &mut self,
        full: &Arc<str>,
        config: &dynamic::LoadBalancer,
        reach: Option<&Reach>,
    ) -> Result<Service, String> {
        let targets: Vec<Target<'_>> = config
            .servers
            .iter()
            .map(|server| Target { url: &server.url, weight: server.weight.unwrap_or(1) })
            .collect();
        let strategy = strategy(&config.strategy, &targets).map_err(|error| error.to_string())?;
        for (configured, option) in [
            (config.sticky.is_some(), "loadBalancer.sticky"),
            (config.passive_health_check.is_some(), "loadBalancer.passiveHealthCheck"),
        ] {
            if configured {
                return not_implemented(option);
            }
        }
        let Some(reach) = reach else { return Err("there is no servers transport".to_owned()) };
        let mut servers = Vec::with_capacity(config.servers.len());
        for server in &config.servers {
            let built = Server::new(&server.url, server.preserve_path, &reach.options, reach.tls.as_ref());
            servers.push(built.map_err(|error| error.to_string())?);
        }
        let balancer = LoadBalancer::new(full.clone(), servers, strategy, config.pass_host_header);
        let Some(check) = &config.health_check else { return Ok(Service::LoadBalancer(Arc::new(balancer))) };
        let check = Check::new(check, &reach.options, reach.tls.as_ref())?;
        let before = self.old.get(full).and_then(|before| before.balancer.as_deref());
        let balancer = Arc::new(balancer.checked(before));
        self.checks.extend(health_checks(&balancer, check));
        Ok(Service::LoadBalancer(balancer))
    }
}

fn is_https(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
}

/// A service behind its own middlewares.
fn wrapped(service: Service, chain: &[Step]) -> Arc<Service> {
    if chain.is_empty() {
        return Arc::new(service);
    }
    Arc::new(Service::Wrapped { chain: chain.to_vec(), inner: Arc::new(service) })
}

fn not_implemented<T>(option: &str) -> Result<T, String> {
    Err(format!("{option} is not implemented yet"))
}
