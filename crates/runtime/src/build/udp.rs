//! UDP services, and which of them an entry point has.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{
    Dynamic, KindError, Object, UdpService as Config, UdpServiceKind, WeightedService,
};
use ferroway_config::{Problem, ProblemKind};
use ferroway_control::{Plan, PlanEntry, PlannedUdpRouter, local_name};
use ferroway_tcp::{UdpServers, UdpService, UdpWeighted};

use super::spread::{Protocol, Spreads};

/// UDP as far as services are concerned.
struct Udp;

/// Everything of UDP.
pub(super) struct UdpBuild {
    services: Spreads<Udp>,
    problems: Vec<Problem>,
}

impl Default for UdpBuild {
    fn default() -> Self {
        Self { services: Spreads::new(Udp), problems: Vec::new() }
    }
}

impl UdpBuild {
    /// Builds what a plan says: the service of each UDP entry point.
    pub(super) fn update(&mut self, plan: &Plan, entry_points: usize) -> Vec<Option<Arc<UdpService>>> {
        self.services.update(plan);
        self.problems = self.services.problems(plan);
        let mut services = vec![None; entry_points];
        let mut routers: Vec<&PlanEntry<PlannedUdpRouter>> =
            plan.udp_routers.iter().flat_map(|provider| &provider.routers).collect();
        // Traefik: an entry point has one router, the last by name of those that work.
        routers.sort_by(|a, b| b.planned.name.cmp(&a.planned.name));
        for entry in routers.into_iter().filter(|entry| !entry.planned.entry_points.is_empty()) {
            let planned = &entry.planned;
            let path = || format!("udp.routers.{}", local_name(&planned.name));
            let service = match self.services.get(&planned.service) {
                Ok(service) => service,
                Err(message) => {
                    let message = format!("UDP router {}: {message}", planned.name);
                    let origin = entry.origin.clone();
                    self.problems.push(Problem::error(ProblemKind::Semantic, origin, path(), message));
                    continue;
                }
            };
            for number in &planned.entry_points {
                match &mut services[*number] {
                    free @ None => *free = Some(service.clone()),
                    Some(_) => {
                        let message = format!(
                            "UDP router {}: gets nothing, as its entry point has another router whose name is \
                             later in the alphabet; expected one router for each UDP entry point",
                            planned.name
                        );
                        let origin = entry.origin.clone();
                        self.problems.push(Problem::advice(ProblemKind::Semantic, origin, path(), message));
                    }
                }
            }
        }
        services
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Protocol for Udp {
    type Config = Config;
    type Service = UdpService;
    type Reach = ();

    const SECTION: &'static str = "udp.services";
    const KIND: &'static str = "UDP service";

    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<Config>> {
        &dynamic.udp.services
    }

    fn spreads_over(config: &Config) -> Result<Option<&[WeightedService]>, KindError> {
        Ok(match config.kind()? {
            UdpServiceKind::LoadBalancer(_) => None,
            UdpServiceKind::Weighted(weighted) => Some(&weighted.services),
        })
    }

    fn reach(&mut self, _: &Plan, _: &str, _: &Config) -> Result<(), String> {
        Ok(())
    }

    fn servers(&mut self, full: &str, config: &Config, (): &()) -> UdpService {
        let group = config.load_balancer.clone().unwrap_or_default();
        UdpService::LoadBalancer(UdpServers::new(full, &group))
    }

    fn spread(children: Vec<(Arc<UdpService>, i64)>) -> UdpService {
        UdpService::Weighted(UdpWeighted::new(children))
    }
}
