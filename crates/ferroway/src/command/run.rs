//! Running: everything is made, told to work together, and ended in order.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use ferroway_config::load::Loaded;
use ferroway_config::static_config::Static;
use ferroway_control::{Planner, internal_configuration};
use ferroway_core::{Phase, Shutdown, ShutdownWatch};
use ferroway_listener::Notification;
use ferroway_providers::{ConfigReceiver, FileWatch, PROVIDERS, Reload, Throttled, channel};
use ferroway_runtime::{Builder, Publisher, Snapshot, Workers, WorkersOptions};
use ferroway_telemetry::AccessLog;

use super::load_static;
use crate::configuration::Configuration;
use crate::signals::{Request, Signals, shut_down};
use crate::wiring::sockets::Sockets;
use crate::{service_manager, wiring};

/// How long the last lines of the access log may take.
const LOG_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs until a signal ends it.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    serve(load_static(args)?)
}

/// Runs with a static configuration.
pub(crate) fn serve(loaded: Loaded) -> anyhow::Result<ExitCode> {
    let sockets = Sockets::from_environment();
    // Local: health checks cannot leave their thread.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .context("cannot make the control plane's runtime")?;
    runtime.block_on(control(loaded, sockets))?;
    // Providers may sit in reads that nobody waits for any more.
    runtime.shutdown_timeout(Duration::from_millis(100));
    Ok(ExitCode::SUCCESS)
}

async fn control(loaded: Loaded, mut sockets: Sockets) -> anyhow::Result<()> {
    let config = loaded.config;
    let log = ferroway_telemetry::init(&wiring::logs::log_options(&config))?;
    tracing::info!("ferroway version {} started", env!("CARGO_PKG_VERSION"));
    for setting in &loaded.settings {
        tracing::info!(option = &*setting.path, origin = %setting.origin, "option set");
    }
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    wiring::api::warn_if_exposed(&config);
    let mut signals = Signals::new().context("cannot handle signals")?;
    let access_log = match &config.access_log {
        Some(options) => Some(AccessLog::new(&wiring::logs::access_log_options(options))?),
        None => None,
    };
    let entry_points = wiring::entry_points::listen(&config, &mut sockets);
    let udp_entry_points = wiring::entry_points::listen_udp(&config, &mut sockets);
    // What was passed and not used may be why the others failed.
    sockets.finish();
    let (entry_points, udp_entry_points) = (entry_points?, udp_entry_points?);
    let (shutdown, watch) = Shutdown::new();
    let publisher = Publisher::new(Snapshot::empty(entry_points.len(), udp_entry_points.len()));
    let internals = config.access_log.as_ref().is_some_and(|options| options.add_internals);
    let workers = Workers::start(WorkersOptions {
        count: wiring::workers(),
        entry_points,
        udp_entry_points,
        publisher: publisher.clone(),
        access_log: access_log.clone().map(|log| (log, internals)),
        shutdown: watch.clone(),
    })
    .context("cannot start the workers")?;

    let (desk, mut questions) = wiring::api::desk();
    let mut api = wiring::api::api(&config);
    let mut configuration = Configuration::new(
        Planner::new(wiring::context::planning(&config)),
        Builder::new(wiring::context::building(&config, watch.clone(), &desk)),
        publisher,
        internal_configuration(&wiring::context::internal(&config)),
    );
    // For the connections of health checks.
    tokio::task::spawn_local(ferroway_core::clock::tick());
    tokio::task::spawn_local(ferroway_upstream::reap_idle());
    configuration.apply();
    service_manager::tell(Notification::Ready);
    service_manager::start_watchdog(&config, watch.clone());
    let reload = Reload::new();
    let (mut updates, configured) = start_providers(&config, &reload, &watch);
    let mut certificates = FileWatch::default();
    certificates.follow(configuration.certificate_files());
    loop {
        tokio::select! {
            Some(message) = updates.recv() => {
                configuration.update(message);
                certificates.follow(configuration.certificate_files());
            }
            files = certificates.changed() => {
                configuration.reread(&files);
                certificates.follow(configuration.certificate_files());
            }
            Some(asked) = questions.recv() => configuration.answer(&mut api, asked, &configured),
            request = signals.next() => match request {
                Request::Stop => break,
                Request::Reload => {
                    reload.now();
                    certificates.reload();
                }
                Request::Reopen => {
                    if let Some(access_log) = &access_log
                        && let Err(error) = access_log.reopen()
                    {
                        tracing::error!(%error, "cannot open the access log anew");
                    }
                    if let Err(error) = log.reopen() {
                        tracing::error!(%error, "cannot open the log anew");
                    }
                }
            },
        }
    }
    service_manager::tell(Notification::Stopping);
    let (accept, grace) = wiring::entry_points::grace_times(&config);
    let ending = std::thread::spawn(move || workers.join());
    {
        let mut stopping = std::pin::pin!(async {
            tokio::select! {
                () = shut_down(&shutdown, &mut signals, accept, grace) => {}
                () = ended(&ending) => {}
            }
        });
        // Whoever looks on may go on doing so.
        loop {
            tokio::select! {
                () = &mut stopping => break,
                Some(asked) = questions.recv() => configuration.answer(&mut api, asked, &configured),
            }
        }
    }
    shutdown.advance(Phase::Closed);
    // A panic there has been reported.
    let _ = ending.join();
    if let Some(access_log) = &access_log
        && !access_log.close(LOG_TIMEOUT)
    {
        tracing::error!("the last lines of the access log could not be written");
    }
    log.finish();
    Ok(())
}

async fn ended(thread: &std::thread::JoinHandle<()>) {
    while !thread.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Starts the providers that are configured, and tells which these are. One that cannot start is reported; the others run.
fn start_providers(
    config: &Static,
    reload: &Reload,
    shutdown: &ShutdownWatch,
) -> (ConfigReceiver, Vec<&'static str>) {
    let (sender, receiver) = channel();
    let mut configured = Vec::new();
    let interval = config.providers.providers_throttle_duration.to_std();
    for kind in PROVIDERS {
        let Some(built) = (kind.build)(&config.providers, reload) else { continue };
        configured.push(kind.name);
        match built {
            Err(error) => {
                tracing::error!(providerName = kind.name, %error, "Cannot create the provider")
            }
            Ok(provider) => {
                let running = Throttled::boxed(provider, interval).run(sender.clone(), shutdown.clone());
                tokio::spawn(async move {
                    if let Err(error) = running.await {
                        tracing::error!(providerName = kind.name, %error, "Cannot start the provider");
                    }
                });
            }
        }
    }
    (receiver, configured)
}
