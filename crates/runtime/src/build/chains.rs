//! Middleware chains, each built once for all routers that use it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ferroway_config::dynamic::Middleware;
use ferroway_control::Plan;
use ferroway_core::Step;
use ferroway_middlewares::{BuildContext, Problem, build_chain};

/// A chain, or why it cannot be built.
type BuiltChain = Result<Arc<[Step]>, String>;

/// The chains of the present plan.
#[derive(Debug, Default)]
pub(super) struct Chains {
    built: HashMap<Vec<Arc<str>>, BuiltChain>,
    /// The definitions that they were built from.
    definitions: BTreeMap<Arc<str>, Vec<(String, Arc<Middleware>)>>,
}

impl Chains {
    /// Forgets what was built when a definition changed; true when none did.
    pub(super) fn update(&mut self, plan: &Plan) -> bool {
        let same = plan.providers.0.len() == self.definitions.len()
            && plan.providers.0.iter().all(|(provider, dynamic)| {
                let now = &dynamic.http.middlewares;
                self.definitions.get(provider).is_some_and(|then| {
                    let same =
                        |((name, object), (old, definition)): ((&String, _), &(String, Arc<Middleware>))| {
                            let object: &ferroway_config::dynamic::Object<Middleware> = object;
                            name == old
                                && (Arc::ptr_eq(&object.value, definition) || object.value == *definition)
                        };
                    now.len() == then.len() && now.iter().zip(then).all(same)
                })
            });
        if !same {
            self.built.clear();
            self.definitions = plan
                .providers
                .0
                .iter()
                .map(|(provider, dynamic)| {
                    let middlewares = dynamic.http.middlewares.iter();
                    let all = middlewares.map(|(name, object)| (name.clone(), object.value.clone()));
                    (provider.clone(), all.collect())
                })
                .collect();
        }
        same
    }

    /// The chain of these middlewares.
    pub(super) fn get(&mut self, plan: &Plan, names: &[Arc<str>]) -> BuiltChain {
        if names.is_empty() {
            return Ok(Arc::default());
        }
        if let Some(known) = self.built.get(names) {
            return known.clone();
        }
        let definitions = |name: &str| plan.providers.middleware(name).map(|object| object.value.clone());
        let cx = BuildContext { definitions: &definitions };
        let plain: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        let built = build_chain(&plain, "", &cx).map(Arc::from).map_err(|error| match &error.problem {
            Problem::Missing(_) => error.to_string(),
            _ => format!("middleware {}: {error}", error.middleware),
        });
        self.built.insert(names.to_vec(), built.clone());
        built
    }
}
