//! What a router leads to.

use std::sync::Arc;

use ferroway_core::{Exchange, Request, Response, Step, Terminal, run_chain};
use ferroway_router::Table;
use ferroway_services::Service;

use crate::handler::not_found;
use crate::snapshot::view_of;

/// A router, ready to answer.
#[derive(Debug)]
pub struct Route {
    /// Its name on its entry points, for logs.
    pub name: Arc<str>,
    /// Its middlewares and those of its entry point.
    pub(crate) chain: Arc<[Step]>,
    pub(crate) target: Target,
    /// Whether its requests go into the access log; unset is what the entry point says.
    pub(crate) access_log: Option<bool>,
    /// The TLS options that it answers under; `None` without TLS.
    pub(crate) tls_options: Option<Arc<str>>,
}

/// What is behind a router's middlewares.
#[derive(Debug)]
pub(crate) enum Target {
    Service(Arc<Service>),
    /// Routers that divide the requests further.
    Children(Table<Arc<Route>>),
}

impl Route {
    /// Makes the response.
    pub(crate) async fn answer(&self, request: Request, exchange: &mut Exchange) -> Response {
        match &self.target {
            Target::Service(service) => run_chain(&self.chain, &**service, request, exchange).await,
            Target::Children(table) => run_chain(&self.chain, &Children(table), request, exchange).await,
        }
    }
}

/// Children are matched after their parent's middlewares have changed the request.
struct Children<'a>(&'a Table<Arc<Route>>);

impl Terminal for Children<'_> {
    async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        let child = view_of(&request.head, exchange.conn.peer.ip(), |view| {
            self.0.lookup(view).map(|route| route.value.clone())
        });
        let Some(child) = child else { return not_found() };
        let name = match &exchange.record.router {
            Some(parent) => format!("{parent} -> {}", child.name).into(),
            None => child.name.clone(),
        };
        exchange.record.router = Some(name);
        // Boxed, as trees of routers have any depth.
        Box::pin(child.answer(request, exchange)).await
    }
}
