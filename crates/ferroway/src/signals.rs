//! Signals: the orderly end, log files opened anew, configuration read anew.

use std::time::Duration;

use ferroway_core::{Phase, Shutdown};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// End (SIGINT, SIGTERM).
    Stop,
    /// Open log files anew (SIGUSR1).
    Reopen,
    /// Read the configuration anew (SIGHUP).
    Reload,
}

/// The signals that concern us.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Takes them over from now on.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user: signal(SignalKind::user_defined1())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.interrupt.recv() => Request::Stop,
            _ = self.terminate.recv() => Request::Stop,
            _ = self.user.recv() => Request::Reopen,
            _ = self.hang_up.recv() => Request::Reload,
        }
    }
}

/// Walks through the phases of the end. A second stop signal cuts it short.
pub(crate) async fn shut_down(shutdown: &Shutdown, signals: &mut Signals, accept: Duration, grace: Duration) {
    tracing::info!("stopping");
    shutdown.advance(Phase::Terminating);
    let mut stop = std::pin::pin!(async { while signals.next().await != Request::Stop {} });
    if !accept.is_zero() {
        tracing::info!("accepting requests for another {accept:?}");
        tokio::select! {
            () = tokio::time::sleep(accept) => {}
            () = &mut stop => {
                shutdown.advance(Phase::Closed);
                return;
            }
        }
    }
    shutdown.advance(Phase::Draining);
    tokio::select! {
        () = tokio::time::sleep(grace) => {}
        () = stop => {}
    }
    shutdown.advance(Phase::Closed);
}
