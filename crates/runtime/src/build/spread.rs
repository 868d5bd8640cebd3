//! Services of TCP and UDP: servers, and spreads over other services. Each is built once and kept as long as nothing
//! that it is made of changes.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, KindError, Object, WeightedService};
use ferroway_config::{Problem, ProblemKind};
use ferroway_control::{Plan, local_name, provider_of, qualified};

/// What differs between the protocols.
pub(super) trait Protocol {
    /// A service as configured.
    type Config: PartialEq;
    /// A service that runs.
    type Service;
    /// What servers are reached by, besides the service's own configuration.
    type Reach: PartialEq + Clone + fmt::Debug;

    /// Where such services stand in a configuration.
    const SECTION: &'static str;
    /// What messages call such a service.
    const KIND: &'static str;

    /// The services of a provider.
    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<Self::Config>>;

    /// The services that it spreads over; `None` when it has servers.
    fn spreads_over(config: &Self::Config) -> Result<Option<&[WeightedService]>, KindError>;

    /// What the servers of a service are reached by.
    fn reach(&mut self, plan: &Plan, full: &str, config: &Self::Config) -> Result<Self::Reach, String>;

    /// A service with servers.
    fn servers(&mut self, full: &str, config: &Self::Config, reach: &Self::Reach) -> Self::Service;

    /// A service that spreads over others by weight.
    fn spread(children: Vec<(Arc<Self::Service>, i64)>) -> Self::Service;
}

/// The services of the present plan, by full name.
pub(super) struct Spreads<P: Protocol> {
    pub(super) protocol: P,
    built: HashMap<Arc<str>, Built<P>>,
}

struct Built<P: Protocol> {
    config: Arc<P::Config>,
    /// `None` where it spreads over others.
    reach: Option<P::Reach>,
    /// The services that it spreads over.
    children: Vec<Arc<P::Service>>,
    result: Result<Arc<P::Service>, String>,
}

impl<P: Protocol> Spreads<P> {
    pub(super) fn new(protocol: P) -> Self {
        Self { protocol, built: HashMap::new() }
    }

    /// Builds all services of a plan.
    pub(super) fn update(&mut self, plan: &Plan) {
        let old = std::mem::take(&mut self.built);
        let mut round =
            Round { plan, protocol: &mut self.protocol, old, built: HashMap::new(), path: Vec::new() };
        for (provider, dynamic) in &plan.providers.0 {
            for name in P::configured(dynamic).keys() {
                // Why it cannot be built is kept with it.
                let _ = round.service(&format!("{name}@{provider}").into());
            }
        }
        self.built = round.built;
    }

    /// A service, or why there is none.
    pub(super) fn get(&self, full: &str) -> Result<Arc<P::Service>, String> {
        let built = self.built.get(full).ok_or_else(|| does_not_exist(full))?;
        built.result.clone().map_err(|message| format!("service {full}: {message}"))
    }

    /// What is wrong with services, with its place.
    pub(super) fn problems(&self, plan: &Plan) -> Vec<Problem> {
        let broken =
            |(full, built): (&Arc<str>, &Built<P>)| Some((full.clone(), built.result.clone().err()?));
        let mut broken: Vec<_> = self.built.iter().filter_map(broken).collect();
        broken.sort();
        let problem = |(full, message): (Arc<str>, String)| {
            let origin = find::<P>(plan, &full)?.origin.clone();
            let path = format!("{}.{}", P::SECTION, local_name(&full));
            Some(Problem::error(
                ProblemKind::Semantic,
                origin,
                path,
                format!("{} {full}: {message}", P::KIND),
            ))
        };
        broken.into_iter().filter_map(problem).collect()
    }
}

/// One round of building.
struct Round<'a, P: Protocol> {
    plan: &'a Plan,
    protocol: &'a mut P,
    old: HashMap<Arc<str>, Built<P>>,
    built: HashMap<Arc<str>, Built<P>>,
    /// The services that are being built, from the outermost.
    path: Vec<Arc<str>>,
}

impl<P: Protocol> Round<'_, P> {
    fn service(&mut self, full: &Arc<str>) -> Result<Arc<P::Service>, String> {
        if let Some(built) = self.built.get(full) {
            return built.result.clone();
        }
        let config = find::<P>(self.plan, full).ok_or_else(|| does_not_exist(full))?.value.clone();
        let built = self.build(full, config);
        let result = built.result.clone();
        self.built.insert(full.clone(), built);
        result
    }

    fn build(&mut self, full: &Arc<str>, config: Arc<P::Config>) -> Built<P> {
        let broken =
            |config, message| Built { config, reach: None, children: Vec::new(), result: Err(message) };
        let listed = match P::spreads_over(&config) {
            Ok(listed) => listed,
            Err(error) => return broken(config, kind_message(full, error)),
        };
        let (reach, children) = match listed {
            None => match self.protocol.reach(self.plan, full, &config) {
                Ok(reach) => (Some(reach), Vec::new()),
                Err(message) => return broken(config, message),
            },
            Some(listed) => match self.children(full, listed) {
                Ok(children) => (None, children),
                Err(message) => return broken(config.clone(), message),
            },
        };
        if let Some(known) = self.old.remove(full)
            && (Arc::ptr_eq(&known.config, &config) || known.config == config)
            && known.reach == reach
            && known.result.is_ok()
            && known.children.len() == children.len()
            && known.children.iter().zip(&children).all(|(old, new)| Arc::ptr_eq(old, new))
        {
            return Built { config, ..known };
        }
        let service = match (&reach, listed) {
            (Some(reach), _) => self.protocol.servers(full, &config, reach),
            (None, listed) => {
                let weights = listed.unwrap_or_default().iter().map(|child| child.weight);
                P::spread(children.iter().cloned().zip(weights).collect())
            }
        };
        Built { reach, children, result: Ok(Arc::new(service)), config: config.clone() }
    }

    /// The services that one spreads over.
    fn children(
        &mut self,
        full: &Arc<str>,
        listed: &[WeightedService],
    ) -> Result<Vec<Arc<P::Service>>, String> {
        self.path.push(full.clone());
        let child = |listed: &WeightedService| {
            let name: Arc<str> = qualified(&listed.name, provider_of(full)).as_ref().into();
            if self.path.contains(&name) {
                return Err(format!("recursion detected in service:{}->{name}", self.path.join("->")));
            }
            self.service(&name).map_err(|message| format!("service {name}: {message}"))
        };
        let children = listed.iter().map(child).collect();
        self.path.pop();
        children
    }
}

fn find<'p, P: Protocol>(plan: &'p Plan, full: &str) -> Option<&'p Object<P::Config>> {
    P::configured(plan.providers.0.get(provider_of(full))?).get(local_name(full))
}

fn does_not_exist(full: &str) -> String {
    format!("the service {full:?} does not exist")
}

fn kind_message(full: &str, error: KindError) -> String {
    match error {
        KindError::None => {
            format!("the service {full:?} does not have any type defined; expected loadBalancer or weighted")
        }
        KindError::Several => {
            "cannot create service: multi-types service not supported, consider declaring two \
                               different pieces of service instead"
                .to_owned()
        }
    }
}
