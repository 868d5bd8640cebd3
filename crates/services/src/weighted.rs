//! `weighted`: requests spread over other services.

use std::sync::Arc;

use ferroway_core::{Exchange, Request, Response, Terminal};

use crate::balancers::RoundRobin;
use crate::load_balancer::no_server;
use crate::service::Service;

/// Requests spread over other services by weight.
#[derive(Debug)]
pub struct Weighted {
    children: Vec<Arc<Service>>,
    turn: RoundRobin,
}

impl Weighted {
    /// A spread over services with their weights.
    pub fn new(children: Vec<(Arc<Service>, i64)>) -> Self {
        let weights: Vec<i64> = children.iter().map(|(_, weight)| *weight).collect();
        let children = children.into_iter().map(|(child, _)| child).collect();
        Self { children, turn: RoundRobin::new(&weights) }
    }

    pub(crate) async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        match self.turn.next().and_then(|next| self.children.get(next)) {
            Some(child) => child.call(request, exchange).await,
            None => no_server(),
        }
    }
}
