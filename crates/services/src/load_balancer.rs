//! `loadBalancer`: a group of equal servers.

use std::sync::Arc;

use ferroway_core::{Exchange, Reason, Request, Response, respond_text};
use http::StatusCode;

use crate::balancers::Strategy;
use crate::proxy;
use crate::server::Server;

/// A group of equal servers.
#[derive(Debug)]
pub struct LoadBalancer {
    name: Arc<str>,
    servers: Vec<Server>,
    strategy: Box<dyn Strategy>,
    pass_host_header: bool,
    /// Whether anybody watches the health of the servers.
    is_checked: bool,
}

impl LoadBalancer {
    /// A group of servers, and the strategy that chooses among them.
    pub fn new(
        name: Arc<str>,
        servers: Vec<Server>,
        strategy: Box<dyn Strategy>,
        pass_host_header: bool,
    ) -> Self {
        Self { name, servers, strategy, pass_host_header, is_checked: false }
    }

    /// The same with servers whose health is watched; they begin as well as the servers at the same URLs of the
    /// load balancer before were, if there was one.
    #[must_use]
    pub fn checked(self, before: Option<&Self>) -> Self {
        for server in &self.servers {
            let known =
                before.into_iter().flat_map(|before| &before.servers).find(|old| old.url == server.url);
            server.set_up(known.is_none_or(Server::is_up));
        }
        Self { is_checked: true, ..self }
    }

    /// The name of the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether anybody watches the health of the servers.
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// The servers, in configuration order.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    pub(crate) async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        exchange.record.service = Some(self.name.clone());
        let usable = |number: usize| self.servers.get(number).is_some_and(Server::is_up);
        match self.strategy.choose(exchange, &usable).and_then(|next| self.servers.get(next)) {
            Some(server) => proxy::forward(server, self.pass_host_header, request, exchange).await,
            None => no_server(),
        }
    }
}

/// The answer where no server can take the request.
pub(crate) fn no_server() -> Response {
    respond_text(StatusCode::SERVICE_UNAVAILABLE, Reason::NoServer, "no available server")
}
