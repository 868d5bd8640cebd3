//! The order to look at all sources again (SIGHUP).

use tokio::sync::watch;

/// Gives the order. Clones give it to the same watchers.
#[derive(Clone, Debug)]
pub struct Reload(watch::Sender<()>);

impl Default for Reload {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Reload {
    /// Nobody watches yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells every watcher to read its source again, changed or not.
    pub fn now(&self) {
        self.0.send_replace(());
    }

    /// A watcher; it sees the orders from now on.
    pub fn watch(&self) -> ReloadWatch {
        ReloadWatch(self.0.subscribe())
    }
}

/// Waits for the order.
#[derive(Clone, Debug)]
pub struct ReloadWatch(watch::Receiver<()>);

impl ReloadWatch {
    /// Waits for the next order; for ever when nobody can give one any more. Can be cancelled without loss.
    pub async fn ordered(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}
