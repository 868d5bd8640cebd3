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
    /// Whether children without a server that is up are passed over.
    is_checked: bool,
}

impl Weighted {
    /// A spread over services with their weights.
    pub fn new(children: Vec<(Arc<Service>, i64)>) -> Self {
        let weights: Vec<i64> = children.iter().map(|(_, weight)| *weight).collect();
        let children = children.into_iter().map(|(child, _)| child).collect();
        Self { children, turn: RoundRobin::new(&weights), is_checked: false }
    }

    /// The same, but that children without a server that is up are passed over.
    #[must_use]
    pub fn checked(self) -> Self {
        Self { is_checked: true, ..self }
    }

    /// Whether children without a server that is up are passed over.
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// Whether any child has a server that could get a request.
    pub fn is_up(&self) -> bool {
        self.children.iter().any(|child| child.is_up())
    }

    fn is_usable(&self, number: usize) -> bool {
        !self.is_checked || self.children.get(number).is_some_and(|child| child.is_up())
    }

    pub(crate) async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        match self.turn.next(|number| self.is_usable(number)).and_then(|next| self.children.get(next)) {
            Some(child) => child.call(request, exchange).await,
            None => no_server(),
        }
    }
}
