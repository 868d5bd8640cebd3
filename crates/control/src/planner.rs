//! Planning, again and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{Http, Object, Router};

use crate::context::Context;
use crate::names::{local_name, qualified};
use crate::plan::{Plan, PlanEntry, PlannedRouter, ProviderPlan, Providers};
use crate::router::{Scope, plan_router};
use crate::tls::plan_tls;
use crate::tree::Tree;

/// Makes plans, each with what can be kept of the one before.
#[derive(Debug)]
pub struct Planner {
    context: Context,
    last: Arc<Plan>,
}

impl Planner {
    /// A planner that has planned nothing yet.
    pub fn new(context: Context) -> Self {
        Self { context, last: Arc::default() }
    }

    /// Plans what the providers say now.
    pub fn plan(&mut self, providers: Providers) -> Arc<Plan> {
        let keep = same_names(&providers, &self.last.providers);
        let tree = Tree::of(&providers);
        let mut routers = Vec::with_capacity(providers.0.len());
        for (provider, dynamic) in &providers.0 {
            let last = self.last.routers.iter().find(|last| last.provider == *provider);
            let scope = Scope { context: &self.context, providers: &providers, tree: &tree, provider };
            routers.push(ProviderPlan {
                provider: provider.clone(),
                rank: self.context.rank(provider),
                routers: plan_provider(&scope, &dynamic.http.routers, last, keep),
            });
        }
        let children = children(&routers);
        let tls = plan_tls(&self.context, &providers, &routers);
        self.last = Arc::new(Plan { providers, routers, children, tls });
        self.last.clone()
    }
}

/// Plans the routers of one provider. Both the old and the new ones are in the order of their names.
fn plan_provider(
    scope: &Scope<'_>,
    routers: &BTreeMap<String, Object<Router>>,
    last: Option<&ProviderPlan>,
    keep: bool,
) -> Vec<PlanEntry> {
    let mut old = last.map_or(&[][..], |last| &last.routers).iter().peekable();
    let mut entries = Vec::with_capacity(routers.len());
    for (name, object) in routers {
        let before = |entry: &&PlanEntry| local_name(&entry.planned.name) < name.as_str();
        while old.next_if(before).is_some() {}
        let known = old
            .peek()
            .map(|entry| &entry.planned)
            .filter(|known| Arc::ptr_eq(&known.config, &object.value) && local_name(&known.name) == name);
        let planned = match known {
            Some(known) if keep => known.clone(),
            _ => {
                let planned = plan_router(scope, name, &object.value, known.map(|known| &**known));
                // Names came or went that do not concern it.
                let same = known.filter(|known| known.is_same(&planned)).cloned();
                same.unwrap_or_else(|| Arc::new(planned))
            }
        };
        entries.push(PlanEntry { planned, origin: object.origin.clone() });
    }
    entries
}

/// Whether the names that routers can refer to are the same in both.
fn same_names(new: &Providers, old: &Providers) -> bool {
    let same = |a: &Http, b: &Http| {
        a.services.keys().eq(b.services.keys())
            && a.middlewares.keys().eq(b.middlewares.keys())
            && a.routers.values().all(|router| router.value.parent_refs.is_empty())
            && b.routers.values().all(|router| router.value.parent_refs.is_empty())
    };
    new.0.len() == old.0.len()
        && new.0.iter().zip(&old.0).all(|((name, new), (old_name, old))| {
            name == old_name && (Arc::ptr_eq(new, old) || same(&new.http, &old.http))
        })
}

fn children(routers: &[ProviderPlan]) -> BTreeMap<Arc<str>, Vec<Arc<PlannedRouter>>> {
    let mut children: BTreeMap<Arc<str>, Vec<Arc<PlannedRouter>>> = BTreeMap::new();
    for provider in routers {
        for entry in &provider.routers {
            let planned = &entry.planned;
            for parent in planned.config.parent_refs.iter().filter(|_| planned.is_enabled()) {
                let parent = qualified(parent, &provider.provider);
                children.entry(parent.as_ref().into()).or_default().push(planned.clone());
            }
        }
    }
    children
}
