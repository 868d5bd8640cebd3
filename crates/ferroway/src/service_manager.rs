//! What systemd is told: that we are up, that we are well, that we end.

use ferroway_config::static_config::Static;
use ferroway_core::{Phase, ShutdownWatch};
use ferroway_listener::{Notification, notify, watchdog_interval};

use crate::command::healthcheck::Check;

/// Tells it something, if it listens.
pub(crate) fn tell(notification: Notification) {
    if let Err(error) = notify(notification) {
        tracing::error!(%error, "cannot notify the service manager ({notification:?})");
    }
}

/// Tells it again and again that we are well, where it wants to know; with `ping`, only as long as that says so.
pub(crate) fn start_watchdog(config: &Static, shutdown: ShutdownWatch) {
    let Some(interval) = watchdog_interval() else { return };
    let check = config.ping.as_ref().and_then(|_| Check::of(config).ok());
    let pause = interval / 2;
    tracing::info!("the service manager's watchdog is fed every {pause:?}");
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            // At the end `/ping` says what it is told to say then.
            let check = check.clone().filter(|_| shutdown.phase() == Phase::Running);
            let asked = tokio::task::spawn_blocking(move || check.map_or(Ok(()), |check| check.ask()));
            match asked.await {
                Ok(Ok(())) => tell(Notification::Watchdog),
                Ok(Err(error)) => tracing::error!("the watchdog is not fed: {error:#}"),
                // The runtime ends.
                Err(_) => return,
            }
        }
    });
}
