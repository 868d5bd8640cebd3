//! Planning, again and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::Object;

use crate::context::Context;
use crate::names::{local_name, qualified};
use crate::plan::{Plan, PlanEntry, PlannedRouter, ProviderPlan, Providers};
use crate::router::{Planned, Scope};
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
        let tree = Tree::of(&providers);
        let routers = self.routers(&providers, &tree, &self.last.routers);
        let tcp_routers = self.routers(&providers, &tree, &self.last.tcp_routers);
        let udp_routers = self.routers(&providers, &tree, &self.last.udp_routers);
        let children = children(&routers);
        let tls = plan_tls(&self.context, &providers, &routers, &tcp_routers, &self.last.tls);
        self.last = Arc::new(Plan { providers, routers, tcp_routers, udp_routers, children, tls });
        self.last.clone()
    }

    /// The routers of one protocol; `last` are those of the plan before.
    fn routers<P: Planned>(
        &self,
        providers: &Providers,
        tree: &Tree,
        last: &[ProviderPlan<P>],
    ) -> Vec<ProviderPlan<P>> {
        let keep = same_names::<P>(providers, &self.last.providers);
        let mut routers = Vec::with_capacity(providers.0.len());
        for (provider, dynamic) in &providers.0 {
            let last = last.iter().find(|last| last.provider == *provider);
            let scope = Scope { context: &self.context, providers, tree, provider };
            routers.push(ProviderPlan {
                provider: provider.clone(),
                rank: self.context.rank(provider),
                routers: plan_provider(&scope, P::configured(dynamic), last, keep),
            });
        }
        routers
    }
}

/// Plans the routers of one provider. Both the old and the new ones are in the order of their names.
fn plan_provider<P: Planned>(
    scope: &Scope<'_>,
    routers: &BTreeMap<String, Object<P::Config>>,
    last: Option<&ProviderPlan<P>>,
    keep: bool,
) -> Vec<PlanEntry<P>> {
    let mut old = last.map_or(&[][..], |last| &last.routers).iter().peekable();
    let mut entries = Vec::with_capacity(routers.len());
    for (name, object) in routers {
        let before = |entry: &&PlanEntry<P>| local_name(entry.planned.name()) < name.as_str();
        while old.next_if(before).is_some() {}
        let known = old
            .peek()
            .map(|entry| &entry.planned)
            .filter(|known| Arc::ptr_eq(known.config(), &object.value) && local_name(known.name()) == name);
        let planned = match known {
            Some(known) if keep => known.clone(),
            _ => {
                let planned = P::understand(scope, name, &object.value, known.map(|known| &**known));
                // Names came or went that do not concern it.
                let same = known.filter(|known| known.is_same(&planned)).cloned();
                same.unwrap_or_else(|| Arc::new(planned))
            }
        };
        entries.push(PlanEntry { planned, origin: object.origin.clone() });
    }
    entries
}

/// Whether the names that routers of a protocol can refer to are the same in both.
fn same_names<P: Planned>(new: &Providers, old: &Providers) -> bool {
    new.0.len() == old.0.len()
        && new.0.iter().zip(&old.0).all(|((name, new), (old_name, old))| {
            name == old_name && (Arc::ptr_eq(new, old) || P::same_names(new, old))
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
