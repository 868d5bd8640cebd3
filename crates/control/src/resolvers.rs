//! Routers whose certificates are to come from somewhere that there is not (specification section 1.12).

use ferroway_config::{Problem, ProblemKind};

use crate::context::Context;
use crate::names::local_name;
use crate::plan::{PlanEntry, ProviderPlan};

/// Tells of each router that names a certificate resolver that does not exist. It answers all the same, with the
/// certificates that there are.
pub(crate) fn unknown_resolvers(context: &Context, routers: &[ProviderPlan]) -> Vec<Problem> {
    let entries = routers.iter().flat_map(|provider| &provider.routers);
    entries.filter_map(|entry| unknown_resolver(context, entry)).collect()
}

fn unknown_resolver(context: &Context, entry: &PlanEntry) -> Option<Problem> {
    let planned = &entry.planned;
    let is_unknown = |name: &&str| !name.is_empty() && !context.certificate_resolvers.contains(*name);
    let (name, from) = match &planned.config.tls {
        Some(tls) => (Some(&*tls.cert_resolver).filter(is_unknown)?, String::new()),
        // Its entry points may have one for it.
        None => planned.mounts.iter().find_map(|mount| {
            let entry_point = &context.entry_points[*mount.entry_points.first()?];
            let resolver = Some(&*entry_point.tls.as_ref()?.cert_resolver).filter(is_unknown)?;
            Some((resolver, format!(" (of the entry point {})", entry_point.name)))
        })?,
    };
    let message = format!(
        "router {} uses a nonexistent certificate resolver: {name}{from}; it has the certificates that there are",
        planned.name
    );
    let path = format!("http.routers.{}.tls.certResolver", local_name(&planned.name));
    Some(Problem::error(ProblemKind::Semantic, entry.origin.clone(), path, message))
}
