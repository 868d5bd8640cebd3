//! Services, each built once and kept as long as nothing that it is made of changes.

use std::collections::HashMap;
use std::sync::Arc;

use ferroway_config::dynamic::{self, KindError, ServiceKind};
use ferroway_config::{Problem, ProblemKind};
use ferroway_control::{Plan, local_name, provider_of, qualified};
use ferroway_core::Step;
use ferroway_services::{LoadBalancer, Server, Service, Target, Weighted, strategy};
use ferroway_upstream::TransportOptions;

use super::chains::{BuiltChain, Chains};
use super::{BuildOptions, transport_options};

/// The services of the present plan, by full name.
#[derive(Debug, Default)]
pub(super) struct Services {
    built: HashMap<Arc<str>, Built>,
}

#[derive(Debug, Clone)]
struct Built {
    config: Arc<dynamic::Service>,
    /// The transport of a load balancer.
    transport: Option<TransportOptions>,
    /// The middlewares in front of it.
    chain: Arc<[Step]>,
    result: Result<Arc<Service>, String>,
    /// Whether it is the object that it was in the build before.
    kept: bool,
}

/// One round of building.
struct Round<'a> {
    plan: &'a Plan,
    options: &'a BuildOptions,
    chains: &'a mut Chains,
    old: HashMap<Arc<str>, Built>,
    built: HashMap<Arc<str>, Built>,
    /// The services that are being built, from the outermost.
    path: Vec<Arc<str>>,
}

impl Services {
    /// Builds all services of a plan; true when every one of them is the object that it was.
    pub(super) fn update(&mut self, plan: &Plan, options: &BuildOptions, chains: &mut Chains) -> bool {
        let old = std::mem::take(&mut self.built);
        let count = old.len();
        let mut round =
            Round { plan, options, chains, built: HashMap::with_capacity(count), old, path: Vec::new() };
        let mut kept = true;
        for (provider, dynamic) in &plan.providers.0 {
            for name in dynamic.http.services.keys() {
                let full: Arc<str> = format!("{name}@{provider}").into();
                kept &= round.service(&full);
            }
        }
        self.built = round.built;
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

    /// What is wrong with services, with its place.
    pub(super) fn problems(&self, plan: &Plan) -> Vec<Problem> {
        let mut broken: Vec<_> = self
            .built
            .iter()
            .filter_map(|(name, built)| Some((name, built.result.as_ref().err()?)))
            .collect();
        broken.sort();
        broken
            .into_iter()
            .filter_map(|(name, message)| {
                let origin = plan.providers.service(name)?.origin.clone();
                let path = format!("http.services.{}", local_name(name));
                let message = format!("service {name}: {message}");
                Some(Problem::error(ProblemKind::Semantic, origin, path, message))
            })
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
        let transport = self.transport(full, &config);
        let options = transport.as_ref().ok().cloned().flatten();
        self.path.push(full.clone());
        let children_kept = self.children(full, &config);
        self.path.pop();
        let chain = self.chain(full, &config);
        let known = self.old.get(full).filter(|known| {
            (Arc::ptr_eq(&known.config, &config) || known.config == config)
                && known.transport == options
                && known.result.is_ok()
                && children_kept
                && chain.as_ref().is_ok_and(|chain| Arc::ptr_eq(chain, &known.chain))
        });
        if let Some(known) = known {
            let known = Built { kept: true, ..known.clone() };
            self.built.insert(full.clone(), known);
            return true;
        }
        let service = transport.and_then(|transport| self.build(full, &config, transport.as_ref()));
        let (result, chain) = match (service, chain) {
            (Ok(service), Ok(chain)) => (Ok(wrapped(service, &chain)), chain),
            (Err(message), _) | (_, Err(message)) => (Err(message), Arc::default()),
        };
        self.built.insert(full.clone(), Built { config, transport: options, chain, result, kept: false });
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

    /// The transport that a service's servers are reached by; `None` where it has no servers.
    fn transport(&self, full: &str, config: &dynamic::Service) -> Result<Option<TransportOptions>, String> {
        let Some(group) = &config.load_balancer else { return Ok(None) };
        if matches!(group.servers_transport.as_str(), "" | "default@internal") {
            return Ok(Some(self.options.default_transport.clone()));
        }
        let name = qualified(&group.servers_transport, provider_of(full));
        match self.plan.providers.servers_transport(&name) {
            Some(object) => Ok(Some(transport_options(&object.value))),
            None => Err(format!("servers transport not found {name}")),
        }
    }

    fn build(
        &self,
        full: &Arc<str>,
        config: &dynamic::Service,
        transport: Option<&TransportOptions>,
    ) -> Result<Service, String> {
        match config.kind() {
            Ok(ServiceKind::LoadBalancer(group)) => load_balancer(full, group, transport),
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
        if config.health_check.is_some() {
            return not_implemented("weighted.healthCheck");
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
            children.push((service, child.weight));
        }
        Ok(Service::Weighted(Weighted::new(children)))
    }
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

fn load_balancer(
    full: &Arc<str>,
    config: &dynamic::LoadBalancer,
    transport: Option<&TransportOptions>,
) -> Result<Service, String> {
    let targets: Vec<Target<'_>> =
        config.servers.iter().map(|server| Target { url: &server.url, weight: server.weight }).collect();
    let strategy = strategy(&config.strategy, &targets).map_err(|error| error.to_string())?;
    for (configured, option) in [
        (config.sticky.is_some(), "loadBalancer.sticky"),
        (config.health_check.is_some(), "loadBalancer.healthCheck"),
        (config.passive_health_check.is_some(), "loadBalancer.passiveHealthCheck"),
    ] {
        if configured {
            return not_implemented(option);
        }
    }
    let default = TransportOptions::default();
    let transport = transport.unwrap_or(&default);
    let mut servers = Vec::with_capacity(config.servers.len());
    for server in &config.servers {
        let scheme = server.url.split("://").next().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("https") {
            return not_implemented(&format!("the scheme {scheme} of the server {:?}", server.url));
        }
        let built =
            Server::new(&server.url, server.preserve_path, transport).map_err(|error| error.to_string())?;
        servers.push(built);
    }
    Ok(Service::LoadBalancer(LoadBalancer::new(full.clone(), servers, strategy, config.pass_host_header)))
}
