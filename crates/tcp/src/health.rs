//! Health checks of TCP servers: connecting, and if asked for, a text that must be answered by another.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use ferroway_config::dynamic::TcpHealthCheck;
use ferroway_core::LocalBoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{LoadBalancer, Preface, ServerAddress};

/// Time between checks where the option makes no sense.
const INTERVAL: Duration = Duration::from_secs(30);
/// Longest time of a check where the option makes no sense.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The options of a health check, understood.
#[derive(Debug, Clone)]
struct Check {
    /// `None` is the server's own.
    port: Option<u16>,
    send: Box<str>,
    expect: Box<str>,
    interval: Duration,
    unhealthy_interval: Duration,
    timeout: Duration,
}

/// One future for each server of a load balancer, which checks it at once and then at intervals, and marks it as
/// up or down for all workers. A server is up until its first check says otherwise.
///
/// Each future ends soon after the load balancer is gone; dropping it ends the checks, too.
pub fn health_checks(
    balancer: &Arc<LoadBalancer>,
    config: &TcpHealthCheck,
) -> Vec<LocalBoxFuture<'static, ()>> {
    let positive = |duration: ferroway_config::Duration| (duration.as_nanos() > 0).then(|| duration.to_std());
    let interval = positive(config.interval).unwrap_or(INTERVAL);
    let check = Arc::new(Check {
        port: u16::try_from(config.port).ok().filter(|port| *port > 0),
        send: config.send.as_str().into(),
        expect: config.expect.as_str().into(),
        interval,
        unhealthy_interval: config.unhealthy_interval.and_then(positive).unwrap_or(interval),
        timeout: positive(config.timeout).unwrap_or(TIMEOUT),
    });
    let one = |number| -> LocalBoxFuture<'static, ()> {
        Box::pin(watch(Arc::downgrade(balancer), number, check.clone()))
    };
    (0..balancer.servers().len()).map(one).collect()
}

async fn watch(balancer: Weak<LoadBalancer>, number: usize, check: Arc<Check>) {
    loop {
        let Some(balancer) = balancer.upgrade() else { return };
        let server = &balancer.servers()[number];
        let outcome = probe(&balancer, number, &check).await;
        let is_up = outcome.is_ok();
        if server.set_up(is_up) {
            match outcome {
                Ok(()) => {
                    tracing::info!(serviceName = balancer.name(), server = %server.address, "server is up again");
                }
                Err(error) => {
                    tracing::warn!(serviceName = balancer.name(), server = %server.address, %error, "server is down");
                }
            }
        }
        let pause = if is_up { check.interval } else { check.unhealthy_interval };
        drop(balancer);
        tokio::time::sleep(pause).await;
    }
}

/// One check.
async fn probe(balancer: &LoadBalancer, number: usize, check: &Check) -> Result<(), String> {
    let server = &balancer.servers()[number];
    let host = server.address.host.clone();
    let address = ServerAddress { host, port: check.port.unwrap_or(server.address.port) };
    let talking = async {
        let mut io = balancer
            .transport()
            .dial(&address, server.tls, None, Preface::default())
            .await
            .map_err(|error| error.to_string())?;
        let said = async {
            io.write_all(check.send.as_bytes()).await?;
            io.flush().await?;
            let mut answer = vec![0; check.expect.len()];
            io.read_exact(&mut answer).await?;
            Ok::<_, io::Error>(answer)
        };
        let answer = said.await.map_err(|error| format!("the check broke off: {error}"))?;
        if answer == check.expect.as_bytes() {
            return Ok(());
        }
        Err(format!("answered {:?}, expected {:?}", String::from_utf8_lossy(&answer), check.expect))
    };
    match tokio::time::timeout(check.timeout, talking).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {:?}", check.timeout)),
    }
}
