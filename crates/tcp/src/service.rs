//! TCP services: which server gets a connection, and serving it (specification section 3.9).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ferroway_config::dynamic::TcpLoadBalancer;
use ferroway_core::{Connection, Io, Phase, Turn};
use ferroway_listener::proxy_protocol::Addresses;

use crate::turn::by_rounds;
use crate::{End, Preface, Relayed, ServerAddress, Transport, relay};

/// A TCP service, shared by all workers.
#[derive(Debug)]
pub enum Service {
    /// Servers in turn.
    LoadBalancer(Arc<LoadBalancer>),
    /// Other services by weight.
    Weighted(Weighted),
}

/// Connections spread evenly over servers.
#[derive(Debug)]
pub struct LoadBalancer {
    name: Box<str>,
    servers: Box<[Server]>,
    turn: Turn,
    transport: Transport,
}

/// Connections spread over other services by weight.
#[derive(Debug)]
pub struct Weighted {
    children: Box<[Arc<Service>]>,
    turn: Turn,
}

/// A server of a load balancer.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: ServerAddress,
    /// Whether TLS is spoken to it.
    pub tls: bool,
    is_up: AtomicBool,
}

impl Server {
    /// Whether its health check lets connections go there; true without a check.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// Sets what [`is_up`](Self::is_up) says; true when that is new.
    pub(crate) fn set_up(&self, is_up: bool) -> bool {
        self.is_up.swap(is_up, Ordering::Relaxed) != is_up
    }
}

impl LoadBalancer {
    /// The load balancer of the service `name`. Servers whose addresses are none are logged and left out.
    pub fn new(name: &str, config: &TcpLoadBalancer, transport: Transport) -> Self {
        let parsed = config.servers.iter().filter_map(|server| match ServerAddress::parse(&server.address) {
            Ok(address) => Some(Server { address, tls: server.tls, is_up: AtomicBool::new(true) }),
            Err(error) => {
                tracing::error!(serviceName = name, %error, "server left out");
                None
            }
        });
        let servers: Box<[Server]> = parsed.collect();
        let turn = by_rounds(servers.iter().map(|_| 1));
        Self { name: name.into(), servers, turn, transport }
    }

    /// The name of the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its servers, in the order of the configuration.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// How its servers are connected to.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    fn choose(&self) -> Option<&Server> {
        self.turn.next(|number| self.servers[number].is_up()).map(|number| &self.servers[number])
    }
}

impl Weighted {
    /// A spread over services with their weights.
    pub fn new(children: Vec<(Arc<Service>, i64)>) -> Self {
        let turn = by_rounds(children.iter().map(|(_, weight)| *weight));
        Self { children: children.into_iter().map(|(child, _)| child).collect(), turn }
    }
}

impl Service {
    /// Whether any server could get a connection.
    pub fn is_up(&self) -> bool {
        match self {
            Self::LoadBalancer(balancer) => balancer.servers.iter().any(Server::is_up),
            Self::Weighted(weighted) => weighted.children.iter().any(|child| child.is_up()),
        }
    }

    /// The server for a connection, and the load balancer that it belongs to.
    pub fn choose(&self) -> Option<(&LoadBalancer, &Server)> {
        match self {
            Self::LoadBalancer(balancer) => balancer.choose().map(|server| (&**balancer, server)),
            Self::Weighted(weighted) => {
                let number = weighted.turn.next(|number| weighted.children[number].is_up())?;
                weighted.children[number].choose()
            }
        }
    }

    /// Serves a connection until it ends. `preface` is what was read of it already, `addresses` are its ends, after
    /// the PROXY protocol. Without a server that accepts it is closed, and `None` is returned; why is in the log.
    pub async fn serve(
        &self,
        client: Io,
        preface: Preface<'_>,
        addresses: &Addresses,
        registration: &Connection,
    ) -> Option<Relayed> {
        let Some((balancer, server)) = self.choose() else {
            tracing::debug!(peer = %addresses.source, "no server is available, connection closed");
            return None;
        };
        let transport = &balancer.transport;
        // Boxed, so that a connection has no room for it while it is relayed.
        let dialling = Box::pin(transport.dial(&server.address, server.tls, Some(addresses), preface));
        match unless_closed(dialling, registration).await? {
            Ok(io) => {
                let relayed = relay(client, io, transport.options.termination_delay, registration).await;
                if let End::Broken(error) = &relayed.end {
                    tracing::debug!(serviceName = &*balancer.name, peer = %addresses.source, %error, "connection broke off");
                }
                Some(relayed)
            }
            Err(error) => {
                tracing::error!(serviceName = &*balancer.name, %error, "cannot reach the server, connection closed");
                None
            }
        }
    }
}

/// What `future` gives, unless the process ends first.
async fn unless_closed<F: Future>(future: F, registration: &Connection) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| match registration.phase(cx.waker()) {
        Phase::Closed => std::task::Poll::Ready(None),
        _ => future.as_mut().poll(cx).map(Some),
    })
    .await
}
