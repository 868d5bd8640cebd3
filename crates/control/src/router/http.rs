//! HTTP routers (specification sections 2.1, 2.4 and 2.6).

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, Object, Router, RouterTls};
use ferroway_router::{CompiledRule, host_names};

use super::{Planned, Scope, listed_entry_points, middlewares, options_name, priority, syntax};
use crate::names::qualified;
use crate::plan::{Finding, Mount, PlannedRouter};

impl Planned for PlannedRouter {
    type Config = Router;

    const SECTION: &'static str = "http.routers";
    const KIND: &'static str = "router";

    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<Router>> {
        &dynamic.http.routers
    }

    fn same_names(new: &Dynamic, old: &Dynamic) -> bool {
        let (new, old) = (&new.http, &old.http);
        new.services.keys().eq(old.services.keys())
            && new.middlewares.keys().eq(old.middlewares.keys())
            && new.routers.values().all(|router| router.value.parent_refs.is_empty())
            && old.routers.values().all(|router| router.value.parent_refs.is_empty())
    }

    fn understand(scope: &Scope<'_>, name: &str, config: &Arc<Router>, known: Option<&Self>) -> Self {
        plan_router(scope, name, config, known)
    }

    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn config(&self) -> &Arc<Router> {
        &self.config
    }

    fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn is_same(&self, other: &Self) -> bool {
        let same_rule = match (&self.rule, &other.rule) {
            (Some(rule), Some(other)) => Arc::ptr_eq(rule, other),
            (rule, other) => rule.is_none() && other.is_none(),
        };
        same_rule
            && Arc::ptr_eq(&self.config, &other.config)
            && self.name == other.name
            && self.mounts == other.mounts
            && self.middlewares == other.middlewares
            && self.priority == other.priority
            && self.service == other.service
            && self.findings == other.findings
    }
}

fn plan_router(
    scope: &Scope<'_>,
    name: &str,
    config: &Arc<Router>,
    known: Option<&PlannedRouter>,
) -> PlannedRouter {
    let full = scope.full(name);
    let mut findings = Vec::new();
    let rule = match known.and_then(|known| known.rule.clone()) {
        Some(rule) => Some(rule),
        None => compile(scope, config, &mut findings),
    };
    if let Some(rule) = &rule {
        findings.extend(rule.warnings().iter().map(|warning| Finding::advice(format!("rule: {warning}"))));
    }
    let default_priority = rule.as_deref().map_or(0, CompiledRule::default_priority);
    let priority = priority(scope, config.priority, default_priority, &mut findings);
    let exists = |name: &str| scope.providers.middleware(name).is_some();
    let middlewares = middlewares(scope, &config.middlewares, exists, &mut findings);
    let service = service(scope, &full, config, &mut findings);
    let entry_points = if config.parent_refs.is_empty() {
        entry_points(scope, config, &mut findings)
    } else {
        check_child(scope, config, &mut findings);
        Vec::new()
    };
    findings.extend(scope.tree.finding(&full));
    let mut planned = PlannedRouter {
        name: full,
        config: config.clone(),
        mounts: Vec::new(),
        middlewares,
        rule,
        priority,
        service,
        hosts: Box::default(),
        findings,
    };
    if planned.is_enabled() {
        planned.mounts = mounts(scope, &planned, &entry_points);
        if planned.mounts.iter().any(|mount| mount.tls.is_some()) {
            // A rule that could be compiled has names that can be listed.
            let names = host_names(&config.rule, syntax(scope, &config.rule_syntax)).unwrap_or_default();
            planned.hosts = names.into();
        }
    }
    planned
}

fn compile(scope: &Scope<'_>, config: &Router, findings: &mut Vec<Finding>) -> Option<Arc<CompiledRule>> {
    match CompiledRule::compile(&config.rule, syntax(scope, &config.rule_syntax)) {
        Ok(rule) => Some(rule),
        Err(error) => {
            findings.push(Finding::error(format!("rule {:?}: {error}", config.rule)));
            None
        }
    }
}

fn service(scope: &Scope<'_>, full: &str, config: &Router, findings: &mut Vec<Finding>) -> Option<Arc<str>> {
    let is_parent = scope.tree.is_parent(full);
    match (config.service.as_str(), is_parent) {
        ("", true) => None,
        ("", false) => {
            findings.push(Finding::error("router has no service and no child routers"));
            None
        }
        (_, true) => {
            findings.push(Finding::error(
                "router has both a service and is referenced as a parent by other routers",
            ));
            None
        }
        (reference, false) => {
            let name = qualified(reference, scope.provider);
            if let Some(internal) = name.strip_suffix("@internal") {
                if !scope.context.internal_services.contains(&internal) {
                    findings.push(Finding::error(unknown_internal(internal)));
                }
            } else if scope.providers.service(&name).is_none() {
                findings.push(Finding::error(format!("the service {name:?} does not exist")));
            }
            Some(name.as_ref().into())
        }
    }
}

fn unknown_internal(service: &str) -> String {
    match service {
        "api" | "dashboard" | "ping" | "prometheus" | "rest" => format!("{service} is not enabled"),
        _ => format!("unknown internal service {service}@internal"),
    }
}

fn entry_points(scope: &Scope<'_>, config: &Router, findings: &mut Vec<Finding>) -> Vec<usize> {
    if config.entry_points.is_empty() {
        return scope.context.defaults();
    }
    listed_entry_points(&config.entry_points, |name| scope.context.entry_point(name), findings)
}

fn check_child(scope: &Scope<'_>, config: &Router, findings: &mut Vec<Finding>) {
    for parent in &config.parent_refs {
        let name = qualified(parent, scope.provider);
        if scope.providers.router(&name).is_none() {
            findings.push(Finding::error(format!("parent router {name:?} does not exist")));
        }
    }
    if config.tls.is_some() {
        findings.push(Finding::error("non-root router cannot have TLS configuration"));
    }
    if config.observability.is_some() {
        findings.push(Finding::error("non-root router cannot have Observability configuration"));
    }
    if !config.entry_points.is_empty() {
        findings.push(Finding::error("non-root router cannot have Entrypoints configuration"));
    }
}

/// One mount for the entry points that add nothing of their own, and one for each of the others; with TLS one for
/// each, as options are settled for each entry point.
fn mounts(scope: &Scope<'_>, planned: &PlannedRouter, entry_points: &[usize]) -> Vec<Mount> {
    let context = scope.context;
    let own_tls = planned.config.tls.as_ref();
    let options = |tls: &RouterTls| options_name(&tls.options, scope.provider);
    let adds = |number: &usize| {
        let entry_point = &context.entry_points[*number];
        !entry_point.middlewares.is_empty() || (own_tls.is_none() && entry_point.tls.is_some())
    };
    let (with, without): (Vec<usize>, Vec<usize>) = entry_points.iter().copied().partition(adds);
    let mut mounts = Vec::with_capacity(with.len() + 1);
    let plain = |entry_points: Vec<usize>| Mount {
        name: planned.name.clone(),
        entry_points,
        middlewares: planned.middlewares.clone(),
        tls: own_tls.map(options),
    };
    if own_tls.is_some() {
        mounts.extend(without.into_iter().map(|number| plain(vec![number])));
    } else if !without.is_empty() {
        mounts.push(plain(without));
    }
    for number in with {
        let entry_point = &context.entry_points[number];
        let first = entry_point.middlewares.iter().map(|name| name.as_str().into());
        mounts.push(Mount {
            name: if entry_points.len() > 1 {
                format!("{}-{}", entry_point.name, planned.name).into()
            } else {
                planned.name.clone()
            },
            entry_points: vec![number],
            middlewares: first.chain(planned.middlewares.iter().cloned()).collect(),
            tls: own_tls.or(entry_point.tls.as_ref()).map(options),
        });
    }
    mounts
}
