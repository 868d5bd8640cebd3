//! TCP routers (specification section 2.8).

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, Object, TcpRouter};
use ferroway_router::tcp::TcpRule;

use super::{
    Planned, Scope, is_harmless, listed_entry_points, middlewares, options_name, priority, service, syntax,
};
use crate::plan::Finding;

/// A TCP router, understood.
#[derive(Debug)]
pub struct PlannedTcpRouter {
    /// `name@provider`.
    pub name: Arc<str>,
    /// Its configuration.
    pub config: Arc<TcpRouter>,
    /// Numbers of the entry points on which it takes connections; none when it is disabled.
    pub entry_points: Vec<usize>,
    /// Its middlewares, by full names.
    pub middlewares: Vec<Arc<str>>,
    /// Its rule, unless that is broken.
    pub rule: Option<Arc<TcpRule>>,
    /// Its priority.
    pub priority: i64,
    /// Its service's full name; empty when it names none, which disables it.
    pub service: Arc<str>,
    /// Which connections it is for, and what becomes of their TLS.
    pub tls: TcpTls,
    /// What is wrong; an error disables the router.
    pub findings: Vec<Finding>,
}

/// Which connections a TCP router is for, and what becomes of their TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TcpTls {
    /// Those without TLS.
    None,
    /// Those with TLS, which the server has.
    Passthrough,
    /// Those with TLS, which ends here, under the options of this name.
    Terminated(Arc<str>),
}

impl Planned for PlannedTcpRouter {
    type Config = TcpRouter;

    const SECTION: &'static str = "tcp.routers";
    const KIND: &'static str = "TCP router";

    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<TcpRouter>> {
        &dynamic.tcp.routers
    }

    fn same_names(new: &Dynamic, old: &Dynamic) -> bool {
        new.tcp.services.keys().eq(old.tcp.services.keys())
            && new.tcp.middlewares.keys().eq(old.tcp.middlewares.keys())
    }

    fn understand(scope: &Scope<'_>, name: &str, config: &Arc<TcpRouter>, known: Option<&Self>) -> Self {
        let mut findings = Vec::new();
        let exists = |name: &str| scope.providers.tcp_service(name).is_some();
        let missing = "the service is missing on the router";
        let service = service(scope, &config.service, exists, missing, &mut findings);
        let rule = match known.and_then(|known| known.rule.clone()) {
            Some(rule) => Some(rule),
            None => compile(scope, config, &mut findings),
        };
        if let Some(Err(words)) = rule.as_ref().map(|rule| rule.check_tls(config.tls.is_some())) {
            findings.push(Finding::error(words));
        }
        let default_priority = rule.as_ref().map_or(0, |rule| rule.default_priority());
        let priority = priority(scope, config.priority, default_priority, &mut findings);
        let exists = |name: &str| scope.providers.tcp_middleware(name).is_some();
        let middlewares = middlewares(scope, &config.middlewares, exists, &mut findings);
        let mut entry_points = match &config.entry_points[..] {
            [] => scope.context.defaults(),
            names => listed_entry_points(names, |name| scope.context.entry_point(name), &mut findings),
        };
        let tls = match &config.tls {
            None => TcpTls::None,
            Some(tls) if tls.passthrough => TcpTls::Passthrough,
            Some(tls) => TcpTls::Terminated(options_name(&tls.options, scope.provider)),
        };
        if !is_harmless(&findings) {
            entry_points.clear();
        }
        Self {
            name: scope.full(name),
            config: config.clone(),
            entry_points,
            middlewares,
            rule,
            priority,
            service,
            tls,
            findings,
        }
    }

    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn config(&self) -> &Arc<TcpRouter> {
        &self.config
    }

    fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn is_same(&self, other: &Self) -> bool {
        // All else follows from the configuration.
        Arc::ptr_eq(&self.config, &other.config) && self.name == other.name && self.findings == other.findings
    }
}

fn compile(scope: &Scope<'_>, config: &TcpRouter, findings: &mut Vec<Finding>) -> Option<Arc<TcpRule>> {
    if config.rule.is_empty() {
        findings.push(Finding::error("router has no rule"));
        return None;
    }
    match TcpRule::compile(&config.rule, syntax(scope, &config.rule_syntax)) {
        Ok(rule) => Some(rule),
        Err(error) => {
            findings.push(Finding::error(format!("rule {:?}: {error}", config.rule)));
            None
        }
    }
}
