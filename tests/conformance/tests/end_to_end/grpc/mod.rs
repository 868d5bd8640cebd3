//! gRPC through the router: services with grpc-go and with tonic, a client with grpc-go, over TLS and without.

mod checks;
mod held;
mod setup;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::timeout;

use self::checks::CHECKS;
use self::setup::{Identity, SERVICES, Setup};
use crate::programs;
use crate::report::Report;

/// The longest that one check may take.
const CHECK_LIMIT: Duration = Duration::from_secs(60);

/// What the client runs over each way to each service: gRPC's interoperability tests, and ours.
const CASES: &[&str] = &[
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "custom_metadata",
    "large_messages",
    "many_streams",
    "slow_reader",
];

type Checking<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Builds and starts everything, and checks it.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    let Some(go) = programs::find("go") else { return report.skip("grpc", "Go is not installed") };
    if programs::find("openssl").is_none() {
        return report.skip("grpc", "openssl is not installed");
    }
    let mut setup = match Setup::start(router, &go).await {
        Ok(setup) => setup,
        Err(error) => return report.result("grpc/start", &Err(error)),
    };
    for service in &SERVICES {
        for tls in [false, true] {
            let host = format!("{}.localhost", service.name);
            let identity = Identity { host: &host, tls, ..Identity::default() };
            let way = format!("grpc/{} over {}", service.name, if tls { "TLS" } else { "h2c" });
            run_cases(&setup, identity, &way, report).await;
        }
    }
    for (name, check) in CHECKS {
        let name = format!("grpc/{name}");
        if report.wants(&name) {
            let result = timeout(CHECK_LIMIT, check(&mut setup)).await.context("it does not end");
            report.result(&name, &result.flatten());
        }
    }
}

/// Runs the cases one after another over one connection.
async fn run_cases(setup: &Setup, identity: Identity<'_>, way: &str, report: &mut Report) {
    // tonic's server has no way to end a successful call of one message with metadata.
    let possible = |case: &&str| *case != "custom_metadata" || !way.contains("tonic");
    let wanted = |case: &&str| report.wants(&format!("{way}/{case}"));
    let cases: Vec<&str> = CASES.iter().copied().filter(possible).filter(wanted).collect();
    if cases.is_empty() {
        return;
    }
    let said = match setup.client(identity, &cases).await {
        Ok(said) => said,
        Err(error) => return report.result(way, &Err(error)),
    };
    for case in cases {
        let result = said.expect_text(&[&format!("ok {case}\n")]);
        let failed = result.is_err();
        report.result(&format!("{way}/{case}"), &result);
        if failed {
            // It is the end of the client.
            return;
        }
    }
}
