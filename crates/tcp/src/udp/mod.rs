//! UDP: services, and the sessions of an entry point (specification section 3.10).

mod batch;
mod sessions;

use std::sync::Arc;

use ferroway_config::dynamic::UdpLoadBalancer;
use ferroway_core::Turn;

use crate::ServerAddress;
use crate::turn::by_rounds;

pub use sessions::{UdpOptions, serve_udp};

/// A UDP service, shared by all workers. It is asked once for each session.
#[derive(Debug)]
pub enum UdpService {
    /// Servers in turn.
    LoadBalancer(UdpServers),
    /// Other services by weight.
    Weighted(UdpWeighted),
}

/// Sessions spread evenly over servers.
#[derive(Debug)]
pub struct UdpServers {
    servers: Box<[Arc<ServerAddress>]>,
    turn: Turn,
}

/// Sessions spread over other services by weight.
#[derive(Debug)]
pub struct UdpWeighted {
    children: Box<[Arc<UdpService>]>,
    turn: Turn,
}

impl UdpServers {
    /// The servers of the service `name`. Those whose addresses are none are logged and left out.
    pub fn new(name: &str, config: &UdpLoadBalancer) -> Self {
        let parsed = config.servers.iter().filter_map(|server| match ServerAddress::parse(&server.address) {
            Ok(address) => Some(Arc::new(address)),
            Err(error) => {
                tracing::error!(serviceName = name, %error, "server left out");
                None
            }
        });
        let servers: Box<[_]> = parsed.collect();
        let turn = by_rounds(servers.iter().map(|_| 1));
        Self { servers, turn }
    }
}

impl UdpWeighted {
    /// A spread over services with their weights.
    pub fn new(children: Vec<(Arc<UdpService>, i64)>) -> Self {
        let turn = by_rounds(children.iter().map(|(_, weight)| *weight));
        Self { children: children.into_iter().map(|(child, _)| child).collect(), turn }
    }
}

impl UdpService {
    /// The server for a new session.
    pub fn choose(&self) -> Option<Arc<ServerAddress>> {
        match self {
            Self::LoadBalancer(balancer) => {
                balancer.turn.next(|_| true).map(|number| balancer.servers[number].clone())
            }
            Self::Weighted(weighted) => weighted.children[weighted.turn.next(|_| true)?].choose(),
        }
    }

    /// Whether a server is still one of its own, at any weight.
    pub fn contains(&self, server: &ServerAddress) -> bool {
        match self {
            Self::LoadBalancer(balancer) => balancer.servers.iter().any(|own| **own == *server),
            Self::Weighted(weighted) => weighted.children.iter().any(|child| child.contains(server)),
        }
    }
}
