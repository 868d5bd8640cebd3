//! Throttling on a clock that stands still but for the waits.

use std::sync::Arc;
use std::time::Duration;

use ferroway_config::dynamic::Dynamic;
use ferroway_core::{Phase, Shutdown, ShutdownWatch};
use tokio::time::Instant;

use super::Throttled;
use crate::provider::{ConfigSender, Message, Provider, ProviderFuture, channel};

const INTERVAL: Duration = Duration::from_secs(2);

/// Sends numbered messages at given times, in milliseconds from the start.
#[derive(Debug)]
struct Scripted(Vec<u64>);

impl Provider for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn run(self: Box<Self>, out: ConfigSender, mut shutdown: ShutdownWatch) -> ProviderFuture {
        Box::pin(async move {
            let start = Instant::now();
            for (number, at) in self.0.into_iter().enumerate() {
                tokio::time::sleep_until(start + Duration::from_millis(at)).await;
                let mut config = Dynamic::default();
                config.http.routers.insert(number.to_string(), router());
                let message = Message {
                    provider: "scripted".into(),
                    config: Arc::new(config),
                    problems: Vec::new(),
                    complete: true,
                };
                out.send(message);
            }
            shutdown.reached(Phase::Draining).await;
            Ok(())
        })
    }
}

fn router() -> ferroway_config::dynamic::Object<ferroway_config::dynamic::Router> {
    let source = ferroway_config::Source::other("test");
    ferroway_config::dynamic::Object { value: Arc::default(), origin: ferroway_config::Span::whole(&source) }
}

/// When messages are sent, and which of them arrive when.
type Case = (&'static [u64], &'static [(usize, u64)]);

const CASES: &[Case] = &[
    // The first one is not held back, and neither is one after a quiet time.
    (&[0, 5000], &[(0, 0), (1, 5000)]),
    // Of those within an interval the newest arrives at its end; a new interval begins.
    (&[100, 200, 300], &[(0, 100), (2, 2100)]),
    (&[0, 1999, 2001, 3999], &[(0, 0), (1, 2000), (3, 4000)]),
    // One at a time.
    (&[0, 1000, 2500, 4500], &[(0, 0), (1, 2000), (2, 4000), (3, 6000)]),
    (&[0, 2000], &[(0, 0), (1, 2000)]),
];

#[tokio::test(start_paused = true)]
async fn throttled() {
    for (sent, expected) in CASES {
        let (sender, mut receiver) = channel();
        let (shutdown, watch) = Shutdown::new();
        let provider = Throttled::boxed(Box::new(Scripted(sent.to_vec())), INTERVAL);
        assert_eq!(provider.name(), "scripted");
        let start = Instant::now();
        let running = tokio::spawn(provider.run(sender, watch));
        let mut got = Vec::new();
        for _ in *expected {
            let message = receiver.recv().await.unwrap();
            let number: usize = message.config.http.routers.keys().next().unwrap().parse().unwrap();
            got.push((number, u64::try_from(start.elapsed().as_millis()).unwrap()));
        }
        assert_eq!(got, *expected, "{sent:?}");
        shutdown.advance(Phase::Draining);
        assert!(receiver.recv().await.is_none());
        running.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn zero_does_not_throttle() {
    let provider = Throttled::boxed(Box::new(Scripted(vec![0, 1, 2])), Duration::ZERO);
    assert!(format!("{provider:?}").starts_with("Scripted"));
}

/// A shutdown does not wait for the end of the interval.
#[tokio::test(start_paused = true)]
async fn it_ends_at_once() {
    let (sender, mut receiver) = channel();
    let (shutdown, watch) = Shutdown::new();
    let start = Instant::now();
    let running = tokio::spawn(Throttled::boxed(Box::new(Scripted(vec![0])), INTERVAL).run(sender, watch));
    receiver.recv().await.unwrap();
    shutdown.advance(Phase::Draining);
    running.await.unwrap().unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// A provider that ends when nobody listens does so behind the throttle too.
#[derive(Debug)]
struct Listening;

impl Provider for Listening {
    fn name(&self) -> &str {
        "listening"
    }

    fn run(self: Box<Self>, out: ConfigSender, _: ShutdownWatch) -> ProviderFuture {
        Box::pin(async move {
            out.closed().await;
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_provider_learns_that_nobody_listens() {
    let (sender, receiver) = channel();
    let (_shutdown, watch) = Shutdown::new();
    let running = tokio::spawn(Throttled::boxed(Box::new(Listening), INTERVAL).run(sender, watch));
    tokio::task::yield_now().await;
    drop(receiver);
    running.await.unwrap().unwrap();
}
