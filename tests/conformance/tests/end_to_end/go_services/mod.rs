//! The Go services of `examples/go-services` behind the router, with the configuration that stands there.

mod checks;
mod connection;
mod setup;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tokio::time::timeout;

use self::checks::{CHECKS, Check, ROUTER_CHECKS};
use self::setup::{SERVICES, Setup};
use crate::programs;
use crate::report::Report;

/// The longest that one check may take.
const CHECK_LIMIT: Duration = Duration::from_secs(30);

/// Stands for the router where a check is about none of the services.
const ROUTER: &str = "router";

/// Builds and starts everything, and checks it.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    let Some(go) = programs::find("go") else {
        return report.skip("go-services", "Go is not installed");
    };
    match Setup::start(router, &go).await {
        Ok(setup) => check_all(&setup, report).await,
        Err(error) => report.result("go-services/start", &Err(error)),
    }
}

/// Runs the checks of all services at the same time, those of one service in order.
async fn check_all(setup: &Setup, report: &mut Report) {
    let wanted = &*report;
    let service_checks = SERVICES.iter().map(|service| async {
        let mut results = Vec::new();
        for check in CHECKS.iter().filter(|check| check.applies_to(service.name)) {
            let name = name(service.name, check);
            if wanted.wants(&name) {
                results.push((name, run_check(check, setup, service.name).await));
            }
        }
        results
    });
    for (name, result) in futures_util::future::join_all(service_checks).await.into_iter().flatten() {
        report.result(&name, &result);
    }
    for check in ROUTER_CHECKS {
        let name = name(ROUTER, check);
        if report.wants(&name) {
            report.result(&name, &run_check(check, setup, ROUTER).await);
        }
    }
}

/// The name of a check in reports.
fn name(service: &str, check: &Check) -> String {
    format!("go-services/{service}/{}", check.name)
}

async fn run_check(check: &Check, setup: &Setup, service: &'static str) -> Result<()> {
    match timeout(CHECK_LIMIT, (check.run)(setup, service)).await {
        Ok(result) => result,
        Err(_) => anyhow::bail!("no end in {} seconds", CHECK_LIMIT.as_secs()),
    }
}
