//! Middleware chains, each built once for all routers that use it, and kept as long as what it is made of.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, Middleware};
use ferroway_control::{Plan, Providers};
use ferroway_core::Step;
use ferroway_middlewares::{BuildContext, Problem, build_chain};

/// A chain, or why it cannot be built.
pub(super) type BuiltChain = Result<Arc<[Step]>, String>;

/// The chains of the present plan.
#[derive(Debug)]
pub(super) struct Chains {
    built: HashMap<Vec<Arc<str>>, Built>,
    /// Where their definitions are from.
    providers: Providers,
    /// The chain of no middlewares.
    empty: Arc<[Step]>,
}

#[derive(Debug)]
struct Built {
    chain: BuiltChain,
    /// What was looked up for it, chains within chains included.
    used: Vec<(String, Option<Arc<Middleware>>)>,
    /// What is said of middlewares that ferroway does not have; the chain answers in their place.
    unavailable: Vec<String>,
    /// The middlewares that something is wrong with, by full name.
    faults: Vec<(Arc<str>, String)>,
}

impl Default for Chains {
    fn default() -> Self {
        Self { built: HashMap::new(), providers: Providers::default(), empty: Arc::new([]) }
    }
}

impl Chains {
    /// Forgets the chains with a definition that changed; true when there is none.
    pub(super) fn update(&mut self, plan: &Plan) -> bool {
        let before = std::mem::replace(&mut self.providers, plan.providers.clone());
        if same_definitions(&before, &self.providers) {
            return true;
        }
        let count = self.built.len();
        let providers = &self.providers;
        self.built.retain(|_, built| built.used.iter().all(|(name, then)| is_still(providers, name, then)));
        self.built.len() == count
    }

    /// The chain of these middlewares.
    pub(super) fn get(&mut self, names: &[Arc<str>]) -> BuiltChain {
        if names.is_empty() {
            return Ok(self.empty.clone());
        }
        if let Some(known) = self.built.get(names) {
            return known.chain.clone();
        }
        let (used, unavailable) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let faults = RefCell::new(Vec::new());
        let definitions = |name: &str| {
            let found = self.providers.middleware(name).map(|object| object.value.clone());
            used.borrow_mut().push((name.to_owned(), found.clone()));
            found
        };
        let cx = BuildContext {
            definitions: &definitions,
            unavailable: &|name, problem| {
                faults.borrow_mut().push((name.into(), format!("{problem}; requests get a 503")));
                unavailable.borrow_mut().push(format!("middleware {name}: {problem}; requests get a 503"));
            },
        };
        let plain: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        let chain = build_chain(&plain, "", &cx).map(Arc::from).map_err(|error| match &error.problem {
            Problem::Missing(_) => error.to_string(),
            _ => {
                faults.borrow_mut().push((error.middleware.clone(), error.to_string()));
                format!("middleware {}: {error}", error.middleware)
            }
        });
        let (used, unavailable, faults) = (used.into_inner(), unavailable.into_inner(), faults.into_inner());
        self.built.insert(names.to_vec(), Built { chain: chain.clone(), used, unavailable, faults });
        chain
    }

    /// What is wrong with middlewares that are part of a chain, by full name.
    pub(super) fn faults(&self) -> impl Iterator<Item = &(Arc<str>, String)> {
        self.built.values().flat_map(|built| &built.faults)
    }

    /// What is said of the middlewares of a chain that ferroway does not have.
    pub(super) fn unavailable(&self, names: &[Arc<str>]) -> &[String] {
        self.built.get(names).map_or(&[], |built| &built.unavailable)
    }
}

/// Whether all middlewares are the very same objects: the usual case, told without looking at any chain.
fn same_definitions(before: &Providers, now: &Providers) -> bool {
    let same = |(before, now): (&Arc<Dynamic>, &Arc<Dynamic>)| {
        let (before, now) = (&before.http.middlewares, &now.http.middlewares);
        before.len() == now.len()
            && before
                .iter()
                .zip(now)
                .all(|((old_name, old), (name, new))| old_name == name && Arc::ptr_eq(&old.value, &new.value))
    };
    before.0.keys().eq(now.0.keys()) && before.0.values().zip(now.0.values()).all(same)
}

fn is_still(providers: &Providers, name: &str, then: &Option<Arc<Middleware>>) -> bool {
    match (providers.middleware(name), then) {
        (Some(now), Some(then)) => Arc::ptr_eq(&now.value, then) || now.value == *then,
        (now, then) => now.is_none() && then.is_none(),
    }
}
