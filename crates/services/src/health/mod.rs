//! `healthCheck`: asks servers at intervals whether they are well (specification section 3.5).
//!
//! Checks run beside the data plane, on the control plane's thread, and use a service's own transport. What they find
//! is a flag of the server, which all workers read.

mod check;
mod grpc;
mod http;
mod target;

use std::sync::{Arc, Weak};

use ferroway_core::LocalBoxFuture;

use crate::LoadBalancer;
use target::CheckTarget;

pub use check::Check;

/// One future for each server of a load balancer, which asks it at intervals, and marks it as up or down for all
/// workers. A server is up until its first check says otherwise, an interval after the beginning.
///
/// Each future ends soon after the load balancer is gone; dropping it ends the checks, too.
pub fn health_checks(balancer: &Arc<LoadBalancer>, check: Check) -> Vec<LocalBoxFuture<'static, ()>> {
    let check = Arc::new(check);
    let one = |number| -> LocalBoxFuture<'static, ()> {
        Box::pin(watch(Arc::downgrade(balancer), number, check.clone()))
    };
    (0..balancer.servers().len()).map(one).collect()
}

async fn watch(balancer: Weak<LoadBalancer>, number: usize, check: Arc<Check>) {
    let mut pause = check.interval;
    loop {
        tokio::time::sleep(pause).await;
        let Some(balancer) = balancer.upgrade() else { return };
        let server = &balancer.servers()[number];
        let outcome = match CheckTarget::of(&server.url, &check) {
            Ok(target) => check.ask(&target).await,
            Err(message) => Err(message),
        };
        pause = if outcome.is_ok() { check.interval } else { check.unhealthy_interval };
        let (service, url) = (balancer.name(), &*server.url);
        match (server.set_up(outcome.is_ok()), outcome) {
            (true, Ok(())) => tracing::info!(
                serviceName = service,
                targetURL = url,
                "Health check succeeded: server is up again"
            ),
            (true, Err(error)) => {
                tracing::warn!(serviceName = service, targetURL = url, %error, "Health check failed: server is down")
            }
            (false, Err(error)) => {
                tracing::debug!(serviceName = service, targetURL = url, %error, "Health check failed again")
            }
            (false, Ok(())) => {}
        }
    }
}
