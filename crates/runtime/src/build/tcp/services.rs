//! TCP services: load balancers with their transports and health checks, and spreads.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{
    Dynamic, KindError, Object, TcpClientTls, TcpLoadBalancer, TcpServersTransport, TcpService,
    TcpServiceKind, WeightedService,
};
use ferroway_control::{Plan, provider_of, qualified};
use ferroway_core::LocalBoxFuture;
use ferroway_tcp::{LoadBalancer, Service, Transport, TransportOptions, Weighted, health_checks};
use ferroway_tls::Files;

use super::transports::TcpTls;
use crate::build::kept::Kept;
use crate::build::spread::Protocol;

/// The transport of services that name none.
const DEFAULT_TRANSPORT: &str = "default@internal";

/// TCP as far as services are concerned.
pub(super) struct Tcp {
    default_transport: Arc<TcpServersTransport>,
    pub(super) transports: Kept<Option<TcpClientTls>>,
    /// Health checks of services that are new.
    pub(super) checks: Vec<LocalBoxFuture<'static, ()>>,
}

/// How the servers of a load balancer are reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reach {
    options: TransportOptions,
    tls: Option<TcpTls>,
}

impl Tcp {
    pub(super) fn new(default_transport: Arc<TcpServersTransport>, files: Files) -> Self {
        Self { default_transport, transports: Kept::new(files), checks: Vec::new() }
    }

    fn of_balancer(&mut self, plan: &Plan, full: &str, group: &TcpLoadBalancer) -> Result<Reach, String> {
        let words = |error: ferroway_tcp::BadVersion| error.to_string();
        let (name, config, options) = match group.servers_transport.as_str() {
            "" => {
                let config = self.default_transport.clone();
                let options = TransportOptions::new(&config).and_then(|options| options.with_service(group));
                (DEFAULT_TRANSPORT.into(), config, options.map_err(words)?)
            }
            reference => {
                let name = qualified(reference, provider_of(full));
                let config = if name == DEFAULT_TRANSPORT {
                    self.default_transport.clone()
                } else {
                    let found = plan.providers.tcp_servers_transport(&name);
                    found.ok_or_else(|| format!("TCP servers transport not found {name}"))?.value.clone()
                };
                let options = TransportOptions::new(&config).map_err(words)?;
                (name, config, options)
            }
        };
        let needs_tls = group.servers.iter().any(|server| server.tls);
        let tls = needs_tls.then(|| self.transports.get(&name, &config.tls)).transpose();
        let tls = tls.map_err(|error| format!("TCP servers transport {name}: {error}"))?;
        Ok(Reach { options, tls })
    }
}

impl Protocol for Tcp {
    type Config = TcpService;
    type Service = Service;
    type Reach = Reach;

    const SECTION: &'static str = "tcp.services";
    const KIND: &'static str = "TCP service";

    fn configured(dynamic: &Dynamic) -> &BTreeMap<String, Object<TcpService>> {
        &dynamic.tcp.services
    }

    fn spreads_over(config: &TcpService) -> Result<Option<&[WeightedService]>, KindError> {
        Ok(match config.kind()? {
            TcpServiceKind::LoadBalancer(_) => None,
            TcpServiceKind::Weighted(weighted) => Some(&weighted.services),
        })
    }

    fn reach(&mut self, plan: &Plan, full: &str, config: &TcpService) -> Result<Reach, String> {
        let group = config.load_balancer.as_ref().ok_or("it has no servers")?;
        self.of_balancer(plan, full, group)
    }

    fn servers(&mut self, full: &str, config: &TcpService, reach: &Reach) -> Service {
        let group = config.load_balancer.clone().unwrap_or_default();
        let tls = reach.tls.clone().map(TcpTls::into_connector);
        let transport = Transport { options: reach.options.clone(), tls };
        let balancer = Arc::new(LoadBalancer::new(full, &group, transport));
        if let Some(check) = &group.health_check {
            self.checks.extend(health_checks(&balancer, check));
        }
        Service::LoadBalancer(balancer)
    }

    fn spread(children: Vec<(Arc<Service>, i64)>) -> Service {
        Service::Weighted(Weighted::new(children))
    }
}
