//! The seam between a source of configuration and the rest: the trait, and the channel that carries what it says.

#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use ferroway_config::Problem;
use ferroway_config::dynamic::Dynamic;
use ferroway_core::ShutdownWatch;
use tokio::sync::Notify;

/// What a provider has to say: always everything, never a change.
#[derive(Clone, Debug)]
pub struct Message {
    /// The provider's name, the part behind `@` in the names of its objects.
    pub provider: Arc<str>,
    /// The configuration that is to run. The same `Arc` as before when nothing changed but the problems, and the
    /// same `Arc`s inside for objects that did not change.
    pub config: Arc<Dynamic>,
    /// What is wrong with the source now; the provider has logged it.
    pub problems: Vec<Problem>,
    /// False when the source holds something that is not in `config`, because of the problems.
    pub complete: bool,
}

/// Why a provider cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The configuration leaves out what the provider needs.
    #[error("{0}")]
    Configuration(String),
    /// The system refused something that the provider needs.
    #[error("{0}: {1}")]
    System(&'static str, #[source] std::io::Error),
    /// The provider ended although nobody asked it to.
    #[error("the provider ended by itself; this is a bug in ferroway")]
    Ended,
}

/// The future of a running provider.
pub type ProviderFuture = Pin<Box<dyn Future<Output = Result<(), ProviderError>> + Send>>;

/// A source of dynamic configuration.
pub trait Provider: Send + fmt::Debug {
    /// The provider's name, the part behind `@` in the names of its objects.
    fn name(&self) -> &str;

    /// Sends the configuration, and again whenever it changes, until the shutdown reaches
    /// [`Draining`](ferroway_core::Phase::Draining) or nobody listens any more.
    ///
    /// A source that cannot be reached or understood is no reason to end: the provider reports it, keeps what it
    /// sent last, and tries again.
    fn run(self: Box<Self>, out: ConfigSender, shutdown: ShutdownWatch) -> ProviderFuture;
}

/// Makes a channel for messages.
///
/// It holds the newest message of each provider: who is slow to listen misses what was replaced meanwhile, and the
/// channel never grows beyond the number of providers.
pub fn channel() -> (ConfigSender, ConfigReceiver) {
    let shared = Arc::new(Shared::default());
    let open = Arc::new(OpenEnd(Arc::clone(&shared)));
    (ConfigSender { open }, ConfigReceiver { shared })
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Something was sent, or the last sender has gone.
    changed: Notify,
    /// The receiver has gone.
    abandoned: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of arrival; one for each provider.
    waiting: Vec<Message>,
    senders_gone: bool,
    receiver_gone: bool,
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shared by all senders; dropped with the last one.
#[derive(Debug)]
struct OpenEnd(Arc<Shared>);

impl Drop for OpenEnd {
    fn drop(&mut self) {
        self.0.lock().senders_gone = true;
        self.0.changed.notify_one();
    }
}

/// The sending side; cheap to clone, usable from any thread.
#[derive(Clone, Debug)]
pub struct ConfigSender {
    open: Arc<OpenEnd>,
}

impl ConfigSender {
    /// Sends a message in the place of one of the same provider that was not received yet. Never waits. False when
    /// nobody listens any more.
    pub fn send(&self, message: Message) -> bool {
        let shared = &self.open.0;
        let mut state = shared.lock();
        if state.receiver_gone {
            return false;
        }
        match state.waiting.iter_mut().find(|waiting| waiting.provider == message.provider) {
            Some(waiting) => *waiting = message,
            None => state.waiting.push(message),
        }
        drop(state);
        shared.changed.notify_one();
        true
    }

    /// Waits until nobody listens any more.
    pub async fn closed(&self) {
        let shared = &self.open.0;
        let abandoned = shared.abandoned.notified();
        let mut abandoned = std::pin::pin!(abandoned);
        // Registered before the look, so that no drop in between is missed.
        abandoned.as_mut().enable();
        if !shared.lock().receiver_gone {
            abandoned.await;
        }
    }
}

/// The receiving side.
#[derive(Debug)]
pub struct ConfigReceiver {
    shared: Arc<Shared>,
}

impl ConfigReceiver {
    /// The next message; nothing when all senders are gone and all was received. Can be cancelled without loss.
    pub async fn recv(&mut self) -> Option<Message> {
        loop {
            {
                let mut state = self.shared.lock();
                if !state.waiting.is_empty() {
                    return Some(state.waiting.remove(0));
                }
                if state.senders_gone {
                    return None;
                }
            }
            self.shared.changed.notified().await;
        }
    }
}

impl Drop for ConfigReceiver {
    fn drop(&mut self) {
        self.shared.lock().receiver_gone = true;
        self.shared.abandoned.notify_waiters();
    }
}
