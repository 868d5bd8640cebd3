//! A service of any kind.

use std::sync::Arc;

use ferroway_core::{Exchange, LocalBoxFuture, Request, RequestHead, Response, Step, Terminal, run_chain};

use crate::load_balancer::LoadBalancer;
use crate::server::Server;
use crate::weighted::Weighted;

/// A service that ferroway itself is (`ping@internal`, `noop@internal`, ...).
pub trait InternalService: Send + Sync {
    /// Makes the response. It may wait for another thread.
    fn call<'a>(&'a self, head: &'a RequestHead) -> LocalBoxFuture<'a, Response>;
}

/// A service of any kind.
pub enum Service {
    /// A group of servers.
    LoadBalancer(Arc<LoadBalancer>),
    /// A spread over other services.
    Weighted(Weighted),
    /// Another service behind middlewares of its own.
    Wrapped {
        /// The middlewares.
        chain: Vec<Step>,
        /// The service.
        inner: Arc<Self>,
    },
    /// Ferroway itself.
    Internal {
        /// `name@internal`.
        name: Arc<str>,
        /// What answers.
        service: Box<dyn InternalService>,
    },
}

impl Service {
    /// Whether any server could get a request.
    pub fn is_up(&self) -> bool {
        match self {
            Self::LoadBalancer(group) => group.servers().iter().any(Server::is_up),
            Self::Weighted(spread) => spread.is_up(),
            Self::Wrapped { inner, .. } => inner.is_up(),
            Self::Internal { .. } => true,
        }
    }

    /// Whether anybody watches the health of its servers.
    pub fn is_checked(&self) -> bool {
        match self {
            Self::LoadBalancer(group) => group.is_checked(),
            Self::Weighted(spread) => spread.is_checked(),
            Self::Wrapped { inner, .. } => inner.is_checked(),
            Self::Internal { .. } => false,
        }
    }
}

impl Terminal for Service {
    async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        match self {
            Self::LoadBalancer(group) => group.call(request, exchange).await,
            // Boxed, as these kinds nest: only the common one costs no allocation.
            Self::Weighted(spread) => Box::pin(spread.call(request, exchange)).await,
            Self::Wrapped { chain, inner } => Box::pin(run_chain(chain, &**inner, request, exchange)).await,
            Self::Internal { name, service } => {
                exchange.record.service = Some(name.clone());
                service.call(&request.head).await
            }
        }
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LoadBalancer(group) => group.fmt(f),
            Self::Weighted(spread) => spread.fmt(f),
            Self::Wrapped { inner, .. } => inner.fmt(f),
            Self::Internal { name, .. } => f.write_str(name),
        }
    }
}
