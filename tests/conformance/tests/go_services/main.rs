//! The Go services of `examples/go-services` behind the router, with the configuration that stands there.
//!
//! The router is taken from the environment variable `FERROWAY_BIN`, else it is the `ferroway` of the same build. Without
//! a router or without Go the services are skipped by name, which is a failure where `CI=true`. An argument runs only the
//! checks whose name contains it.

#![expect(clippy::print_stdout, reason = "a test program reports to its reader")]

mod checks;
mod connection;
mod setup;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use self::checks::{CHECKS, Check, ROUTER_CHECKS};
use self::setup::{SERVICES, Service, Setup};

/// The longest that one check may take.
const CHECK_LIMIT: Duration = Duration::from_secs(30);

/// Stands for the router where a check is about none of the services.
const ROUTER: &str = "router";

/// What became of the checks.
#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    // What `cargo test` hands to every test program: a part of a name, then options of the standard harness.
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--list") {
        return ExitCode::SUCCESS;
    }
    let filter = args.into_iter().next().filter(|arg| !arg.starts_with('-')).unwrap_or_default();
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return ExitCode::FAILURE };
    // On a signal everything is dropped, and with it every process that was started.
    let counts = tokio::select! {
        counts = Box::pin(run(&filter)) => counts,
        _ = tokio::signal::ctrl_c() => return ExitCode::FAILURE,
        _ = terminate.recv() => return ExitCode::FAILURE,
    };
    println!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(filter: &str) -> Counts {
    if !all_names().any(|name| name.contains(filter)) {
        return Counts::default();
    }
    let (Some(router), Some(go)) = (router(), setup::go()) else {
        let missing =
            if setup::go().is_none() { "go is not installed" } else { "no router: set FERROWAY_BIN" };
        return skip_all(missing);
    };
    let mut counts = Counts::default();
    match Setup::start(&router, &go).await {
        Ok(setup) => check_all(&setup, filter, &mut counts).await,
        Err(error) => report(&mut counts, "go-services/start", &Err(error)),
    }
    counts
}

/// Runs the checks of all services at the same time, those of one service in order.
async fn check_all(setup: &Setup, filter: &str, counts: &mut Counts) {
    let service_checks = SERVICES.iter().map(|service| async {
        let mut results = Vec::new();
        for check in CHECKS.iter().filter(|check| check.applies_to(service.name)) {
            let name = name(service.name, check);
            if name.contains(filter) {
                results.push((name, run_check(check, setup, service.name).await));
            }
        }
        results
    });
    for (name, result) in futures_util::future::join_all(service_checks).await.into_iter().flatten() {
        report(counts, &name, &result);
    }
    for check in ROUTER_CHECKS.iter().filter(|check| name(ROUTER, check).contains(filter)) {
        report(counts, &name(ROUTER, check), &run_check(check, setup, ROUTER).await);
    }
}

/// The name of a check in reports.
fn name(service: &str, check: &Check) -> String {
    format!("go-services/{service}/{}", check.name)
}

/// The names of all checks.
fn all_names() -> impl Iterator<Item = String> {
    let of_service = |service: &'static Service| {
        CHECKS.iter().filter(|check| check.applies_to(service.name)).map(|check| name(service.name, check))
    };
    SERVICES.iter().flat_map(of_service).chain(ROUTER_CHECKS.iter().map(|check| name(ROUTER, check)))
}

async fn run_check(check: &Check, setup: &Setup, service: &'static str) -> Result<()> {
    match timeout(CHECK_LIMIT, (check.run)(setup, service)).await {
        Ok(result) => result,
        Err(_) => anyhow::bail!("no end in {} seconds", CHECK_LIMIT.as_secs()),
    }
}

fn report(counts: &mut Counts, name: &str, result: &Result<()>) {
    match result {
        Ok(()) => {
            counts.passed += 1;
            println!("ok   {name}");
        }
        Err(error) => {
            counts.failed += 1;
            println!("FAIL {name} - {error:#}");
        }
    }
}

/// Reports every service as skipped, or as failed on CI.
fn skip_all(reason: &str) -> Counts {
    let on_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let word = if on_ci { "FAIL" } else { "SKIP" };
    for service in &SERVICES {
        println!("{word} go-services/{} - {reason}", service.name);
    }
    let (failed, skipped) = if on_ci { (SERVICES.len(), 0) } else { (0, SERVICES.len()) };
    Counts { passed: 0, failed, skipped }
}

/// The router under test.
fn router() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("FERROWAY_BIN") {
        return Some(given.into());
    }
    // This program is in `target/PROFILE/deps`.
    let built = std::env::current_exe().ok()?.parent()?.parent()?.join("ferroway");
    built.is_file().then_some(built)
}
