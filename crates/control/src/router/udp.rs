//! UDP routers (specification section 2.8).

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, Object, UdpRouter};

use super::{Planned, Scope, is_harmless, listed_entry_points, service};
use crate::plan::Finding;

/// A UDP router, understood.
#[derive(Debug)]
pub struct PlannedUdpRouter {
    /// `name@provider`.
    pub name: Arc<str>,
    /// Its configuration.
    pub config: Arc<UdpRouter>,
    /// Numbers of the UDP entry points on which it takes datagrams; none when it is disabled.
    pub entry_points: Vec<usize>,
    /// Its service's full name; empty when it names none, which disables it.
    pub service: Arc<str>,
    /// What is wrong; an error disables the router.
    pub findings: Vec<Finding>,
}

impl Planned for PlannedUdpRouter {
    type Config = UdpRouter;

    const SECTION: &'static str = "udp.routers";
    const KIND: &'static str = "UDP router";

    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<UdpRouter>> {
        &dynamic.udp.routers
    }

    fn same_names(new: &Dynamic, old: &Dynamic) -> bool {
        new.udp.services.keys().eq(old.udp.services.keys())
    }

    fn understand(scope: &Scope<'_>, name: &str, config: &Arc<UdpRouter>, _: Option<&Self>) -> Self {
        let mut findings = Vec::new();
        let exists = |name: &str| scope.providers.udp_service(name).is_some();
        let missing = "the service is missing on the udp router";
        let service = service(scope, &config.service, exists, missing, &mut findings);
        let context = scope.context;
        let mut entry_points = match &config.entry_points[..] {
            // Traefik: on all of them, whether they are default ones or not.
            [] => (0..context.udp_entry_points.len()).collect(),
            names => listed_entry_points(names, |name| context.udp_entry_point(name), &mut findings),
        };
        if entry_points.is_empty() && config.entry_points.is_empty() {
            findings.push(Finding::error("no valid entryPoint for this router"));
        }
        if !is_harmless(&findings) {
            entry_points.clear();
        }
        Self { name: scope.full(name), config: config.clone(), entry_points, service, findings }
    }

    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn config(&self) -> &Arc<UdpRouter> {
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
