//! `udp`: routers and services of UDP.

use std::collections::BTreeMap;

use super::{KindError, Object, WeightedService};
use crate::decode::config;

/// The one kind of a UDP service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UdpServiceKind<'s> {
    /// Spreads sessions over servers.
    LoadBalancer(&'s UdpLoadBalancer),
    /// Spreads sessions over services by weight.
    Weighted(&'s UdpWeighted),
}

impl UdpService {
    /// The kind of the service.
    ///
    /// # Errors
    /// It has none, or more than one.
    pub fn kind(&self) -> Result<UdpServiceKind<'_>, KindError> {
        let balancer = self.load_balancer.as_ref().map(UdpServiceKind::LoadBalancer);
        KindError::only(balancer.into_iter().chain(self.weighted.as_ref().map(UdpServiceKind::Weighted)))
    }
}

config! {
    /// UDP routing.
    pub struct Udp: "*dynamic.UDPConfiguration" {
        /// Routers by name.
        "routers" routers: BTreeMap<String, Object<UdpRouter>>,
        /// Services by name.
        "services" services: BTreeMap<String, Object<UdpService>>,
    }

    /// Connects entry points with a service.
    pub struct UdpRouter: "*dynamic.UDPRouter" {
        /// Entry points to listen on; there is no default.
        "entryPoints" entry_points: Vec<String>,
        /// The service that takes the datagrams.
        "service" service: String,
    }

    /// Takes datagrams. Exactly one of the kinds must be set; see [`UdpService::kind`].
    pub struct UdpService: "*dynamic.UDPService" {
        /// Spreads sessions over servers.
        "loadBalancer" load_balancer: Option<UdpLoadBalancer>,
        /// Spreads sessions over services by weight.
        "weighted" weighted: Option<UdpWeighted>,
    }

    /// Spreads sessions over servers.
    pub struct UdpLoadBalancer: "*dynamic.UDPServersLoadBalancer" {
        /// The servers.
        "servers" servers: Vec<UdpServer>,
    }

    /// One server.
    pub struct UdpServer: "dynamic.UDPServer" {
        /// host:port.
        "address" address: String,
    }
    legacy { "port" => Ignored("it is for labels; the address says it") }

    /// Spreads sessions over services by weight.
    pub struct UdpWeighted: "*dynamic.UDPWeightedRoundRobin" {
        /// The services.
        "services" services: Vec<WeightedService>,
    }
}
