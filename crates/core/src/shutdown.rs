//! Orderly shutdown: who accepts, who finishes, who closes.

use tokio::sync::watch;

/// How far the shutdown has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Normal service.
    Running,
    /// A stop was asked for; requests are still accepted (`requestAcceptGraceTimeout`), `/ping` says so.
    Terminating,
    /// Nothing new is accepted; what is in flight may end (`graceTimeOut`).
    Draining,
    /// Everything that is left is closed.
    Closed,
}

/// The side that decides.
#[derive(Debug)]
pub struct Shutdown(watch::Sender<Phase>);

/// The side that looks on; cheap to clone.
#[derive(Debug, Clone)]
pub struct ShutdownWatch(watch::Receiver<Phase>);

impl Shutdown {
    /// Starts in [`Phase::Running`].
    pub fn new() -> (Self, ShutdownWatch) {
        let (sender, receiver) = watch::channel(Phase::Running);
        (Self(sender), ShutdownWatch(receiver))
    }

    /// Moves on; phases never go back.
    pub fn advance(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let forward = phase > *now;
            *now = phase.max(*now);
            forward
        });
    }

    /// The present phase.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Another watcher.
    pub fn watch(&self) -> ShutdownWatch {
        ShutdownWatch(self.0.subscribe())
    }
}

impl ShutdownWatch {
    /// The present phase; `Closed` when the deciding side is gone.
    pub fn phase(&self) -> Phase {
        if self.0.has_changed().is_err() { Phase::Closed } else { *self.0.borrow() }
    }

    /// Waits until `phase` or a later one is reached.
    pub async fn reached(&mut self, phase: Phase) {
        // An error means that the deciding side is gone: the last phase.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}
