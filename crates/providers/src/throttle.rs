//! `providers.providersThrottleDuration`: not more than one configuration of a provider in a span of time.

#[cfg(test)]
mod tests;

use std::time::Duration;

use ferroway_core::{Phase, ShutdownWatch};

use crate::provider::{ConfigReceiver, ConfigSender, Provider, ProviderFuture, channel};

/// A provider whose messages are passed on at most once in an interval. The first one after a quiet time is passed
/// on at once; of those that come within the interval behind it, the newest is passed on at its end.
/// Source: compatibility reference 1.13.
#[derive(Debug)]
pub struct Throttled {
    provider: Box<dyn Provider>,
    interval: Duration,
}

impl Throttled {
    /// Throttles a provider; an interval of zero leaves it alone.
    pub fn boxed(provider: Box<dyn Provider>, interval: Duration) -> Box<dyn Provider> {
        if interval.is_zero() {
            return provider;
        }
        Box::new(Self { provider, interval })
    }
}

impl Provider for Throttled {
    fn name(&self) -> &str {
        self.provider.name()
    }

    fn run(self: Box<Self>, out: ConfigSender, mut shutdown: ShutdownWatch) -> ProviderFuture {
        let (sender, mut receiver) = channel();
        let running = self.provider.run(sender, shutdown.clone());
        let interval = self.interval;
        Box::pin(async move {
            let pass_on = async {
                tokio::select! {
                    () = out.closed() => {}
                    () = shutdown.reached(Phase::Draining) => {}
                    () = relay(&mut receiver, &out, interval) => {}
                }
                // The provider sees that nobody listens.
                drop(receiver);
            };
            let (ended, ()) = tokio::join!(running, pass_on);
            ended
        })
    }
}

/// Passes messages on. While it sleeps, the channel keeps the newest one only.
async fn relay(receiver: &mut ConfigReceiver, out: &ConfigSender, interval: Duration) {
    while let Some(message) = receiver.recv().await {
        out.send(message);
        tokio::time::sleep(interval).await;
    }
}
