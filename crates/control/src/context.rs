//! What the static configuration says to the planner.

use std::collections::BTreeSet;
use std::sync::Arc;

use ferroway_config::dynamic::RouterTls;
use ferroway_router::Syntax;

/// An entry point as far as planning is concerned.
#[derive(Debug, Clone)]
pub struct EntryPointContext {
    /// Its name.
    pub name: Arc<str>,
    /// Whether routers that name no entry point are on it.
    pub is_default: bool,
    /// Middlewares for all its routers, with their providers.
    pub middlewares: Vec<String>,
    /// TLS for all its routers that have none of their own.
    pub tls: Option<RouterTls>,
}

/// What the static configuration says to the planner.
#[derive(Debug, Clone)]
pub struct Context {
    /// The entry points; routers refer to them by number from here on.
    pub entry_points: Vec<EntryPointContext>,
    /// The names of the entry points that take datagrams; they have numbers of their own.
    pub udp_entry_points: Vec<Arc<str>>,
    /// Providers, the one that wins ties first.
    pub precedence: Vec<String>,
    /// The certificate resolvers that there are.
    pub certificate_resolvers: BTreeSet<String>,
    /// Whether routers whose TLS options contradict each other are disabled, in place of getting the default ones.
    pub strict_tls_options: bool,
    /// The syntax of rules that do not say theirs.
    pub default_syntax: Syntax,
    /// The services of ferroway's own that are switched on (`ping@internal`).
    pub internal_services: Vec<&'static str>,
}

impl Context {
    /// The place of a provider in the precedence; unlisted ones come last.
    pub(crate) fn rank(&self, provider: &str) -> u32 {
        let place = self.precedence.iter().position(|name| name.eq_ignore_ascii_case(provider));
        place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
    }

    pub(crate) fn entry_point(&self, name: &str) -> Option<usize> {
        self.entry_points.iter().position(|entry_point| &*entry_point.name == name)
    }

    pub(crate) fn udp_entry_point(&self, name: &str) -> Option<usize> {
        self.udp_entry_points.iter().position(|own| **own == *name)
    }

    /// The entry points of routers that name none.
    pub(crate) fn defaults(&self) -> Vec<usize> {
        let all = self.entry_points.iter().enumerate();
        all.filter(|(_, entry_point)| entry_point.is_default).map(|(number, _)| number).collect()
    }
}
