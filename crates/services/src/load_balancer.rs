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
}

impl LoadBalancer {
    /// A group of servers, and the strategy that chooses among them.
    pub fn new(
        name: Arc<str>,
        servers: Vec<Server>,
        strategy: Box<dyn Strategy>,
        pass_host_header: bool,
    ) -> Self {
        Self { name, servers, strategy, pass_host_header }
    }

    /// The servers, in configuration order.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    pub(crate) async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        exchange.record.service = Some(self.name.clone());
        match self.strategy.choose(exchange).and_then(|next| self.servers.get(next)) {
            Some(server) => proxy::forward(server, self.pass_host_header, request, exchange).await,
            None => no_server(),
        }
    }
}

/// The answer where no server can take the request.
pub(crate) fn no_server() -> Response {
    respond_text(StatusCode::SERVICE_UNAVAILABLE, Reason::NoServer, "no available server")
}
