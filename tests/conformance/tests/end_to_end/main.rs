//! The router between real programs: Go services, services and clients of gRPC, clients of gRPC-Web, common
//! clients, h2spec, psql with a PostgreSQL, and a responder of OCSP.
//!
//! The router is taken from the environment variable `FERROWAY_BIN`, else it is the `ferroway` of the same build. What a suite
//! needs and is not there is skipped by name, which is a failure where `CI=true`. An argument runs only the checks whose name
//! contains it: `go-services/`, `grpc/`, `grpc-web/`, `clients/`, `h2spec/`, `postgres/`, `ocsp/`, or more of a name.

#![expect(clippy::print_stdout, reason = "a test program reports to its reader")]

mod certificates;
mod clients;
mod go_services;
mod grpc;
mod grpc_web;
mod h2spec;
mod ocsp;
mod postgres;
mod programs;
mod report;
mod router;
mod site;

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use self::report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    // What `cargo test` hands to every test program: a part of a name, then options of the standard harness.
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--list") {
        return ExitCode::SUCCESS;
    }
    let filter = args.into_iter().next().filter(|arg| !arg.starts_with('-')).unwrap_or_default();
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return ExitCode::FAILURE };
    let mut report = Report::new(filter);
    // On a signal everything is dropped, and with it every process that was started.
    let ended = tokio::select! {
        () = Box::pin(run(&mut report)) => true,
        _ = tokio::signal::ctrl_c() => false,
        _ = terminate.recv() => false,
    };
    if report.summary() && ended { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(report: &mut Report) {
    let suites = ["go-services", "grpc", "grpc-web", "clients", "h2spec", "postgres", "ocsp"];
    for suite in suites.into_iter().filter(|suite| report.wants_suite(suite)).collect::<Vec<_>>() {
        let Some(router) = router_under_test() else {
            report.skip(suite, "no router: set FERROWAY_BIN");
            continue;
        };
        match suite {
            "go-services" => go_services::run(&router, report).await,
            "grpc" => grpc::run(&router, report).await,
            "grpc-web" => grpc_web::run(&router, report).await,
            "clients" => clients::run(&router, report).await,
            "postgres" => postgres::run(&router, report).await,
            "ocsp" => ocsp::run(&router, report).await,
            _ => h2spec::run(&router, report).await,
        }
    }
}

/// The router under test.
fn router_under_test() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("FERROWAY_BIN") {
        return PathBuf::from(given).canonicalize().ok();
    }
    // This program is in `target/PROFILE/deps`.
    let built = std::env::current_exe().ok()?.parent()?.parent()?.join("ferroway");
    built.is_file().then_some(built)
}
