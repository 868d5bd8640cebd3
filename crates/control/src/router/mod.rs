//! Understanding one router: what HTTP, TCP and UDP have in common here, and a file for each.

mod http;
mod tcp;
mod udp;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ferroway_config::Severity;
use ferroway_config::dynamic::{Dynamic, Object};
use ferroway_router::Syntax;

use crate::context::Context;
use crate::names::{INTERNAL, qualified};
use crate::plan::{Finding, Providers};
use crate::tls::DEFAULT_OPTIONS;
use crate::tree::Tree;

pub use tcp::{PlannedTcpRouter, TcpTls};
pub use udp::PlannedUdpRouter;

/// The highest priority that a user may give; what is above is for ferroway's own routers.
const MAX_USER_PRIORITY: i64 = i64::MAX - 1000;

/// A router of one of the protocols, understood.
pub(crate) trait Planned: Sized + fmt::Debug {
    /// What it was understood of.
    type Config;

    /// Where such routers stand in a configuration.
    const SECTION: &'static str;
    /// What messages call such a router.
    const KIND: &'static str;

    /// The routers of a provider.
    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<Self::Config>>;

    /// Whether the names that such routers can refer to are the same in both.
    fn same_names(new: &Dynamic, old: &Dynamic) -> bool;

    /// Understands a router. `known` is the same configuration, understood among other names: its rule is
    /// compiled already.
    fn understand(scope: &Scope<'_>, name: &str, config: &Arc<Self::Config>, known: Option<&Self>) -> Self;

    /// `name@provider`.
    fn name(&self) -> &Arc<str>;

    /// Its configuration.
    fn config(&self) -> &Arc<Self::Config>;

    /// What is wrong with it.
    fn findings(&self) -> &[Finding];

    /// Whether the same configuration was understood in the same way.
    fn is_same(&self, other: &Self) -> bool;
}

/// Whether nothing that was found forbids that a router runs.
pub(crate) fn is_harmless(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Error)
}

/// What a router is understood in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) context: &'a Context,
    pub(crate) providers: &'a Providers,
    pub(crate) tree: &'a Tree,
    pub(crate) provider: &'a Arc<str>,
}

impl Scope<'_> {
    /// The full name of an object of the provider.
    fn full(&self, name: &str) -> Arc<str> {
        format!("{name}@{}", self.provider).into()
    }
}

/// The syntax of a router's rule.
fn syntax(scope: &Scope<'_>, configured: &str) -> Syntax {
    match configured {
        "" => scope.context.default_syntax,
        "v2" => Syntax::V2,
        _ => Syntax::V3,
    }
}

/// The priority of a router: its own, or that of its rule.
fn priority(scope: &Scope<'_>, configured: i64, of_rule: i64, findings: &mut Vec<Finding>) -> i64 {
    if configured > MAX_USER_PRIORITY && &**scope.provider != INTERNAL {
        findings.push(Finding::error(format!(
            "the router priority {configured} exceeds the max user-defined priority {MAX_USER_PRIORITY}"
        )));
    }
    if configured == 0 { of_rule } else { configured }
}

/// The full names of middlewares.
fn middlewares(
    scope: &Scope<'_>,
    references: &[String],
    exists: impl Fn(&str) -> bool,
    findings: &mut Vec<Finding>,
) -> Vec<Arc<str>> {
    let mut full = Vec::with_capacity(references.len());
    for reference in references {
        let name = qualified(reference, scope.provider);
        if !exists(&name) {
            findings.push(Finding::error(format!("middleware {name:?} does not exist")));
        }
        full.push(name.as_ref().into());
    }
    full
}

/// The full name of the service of a TCP or UDP router; empty, with `missing` as finding, when it names none.
fn service(
    scope: &Scope<'_>,
    reference: &str,
    exists: impl Fn(&str) -> bool,
    missing: &str,
    findings: &mut Vec<Finding>,
) -> Arc<str> {
    if reference.is_empty() {
        findings.push(Finding::error(missing));
        return Arc::default();
    }
    let name = qualified(reference, scope.provider);
    if !exists(&name) {
        findings.push(Finding::error(format!("the service {name:?} does not exist")));
    }
    name.as_ref().into()
}

/// The numbers of the entry points that a router names.
fn listed_entry_points(
    names: &[String],
    number: impl Fn(&str) -> Option<usize>,
    findings: &mut Vec<Finding>,
) -> Vec<usize> {
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        match number(name) {
            Some(number) if numbers.contains(&number) => {}
            Some(number) => numbers.push(number),
            None => findings.push(Finding::warning(format!("entryPoint {name:?} doesn't exist"))),
        }
    }
    if numbers.is_empty() {
        findings.push(Finding::error("no valid entryPoint for this router"));
    }
    numbers
}

/// The full name of TLS options that a router or its entry point names.
fn options_name(reference: &str, provider: &str) -> Arc<str> {
    match reference {
        "" | DEFAULT_OPTIONS => DEFAULT_OPTIONS.into(),
        reference => qualified(reference, provider).as_ref().into(),
    }
}
