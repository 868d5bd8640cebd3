//! The command `conformance`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]

use std::process::ExitCode;

use ferroway_conformance::arguments::{Arguments, USAGE};
use ferroway_conformance::run::run;
use tokio::signal::unix::{SignalKind, signal};

/// The exit status after a wrong command line or a failure of the runner itself.
const TROUBLE: u8 = 2;

/// The exit status after a signal, as shells have it for Ctrl-C.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let args = match Arguments::parse(args) {
        Ok(args) => args,
        Err(error) => {
            eprintln!("conformance: {error}\n\n{USAGE}");
            return ExitCode::from(TROUBLE);
        }
    };
    // On a signal the run is dropped, and with it every process and socket that it has opened.
    tokio::select! {
        outcome = Box::pin(run(&args)) => match outcome {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("conformance: {error:#}");
                ExitCode::from(TROUBLE)
            }
        },
        () = interrupted() => {
            eprintln!("conformance: interrupted");
            ExitCode::from(INTERRUPTED)
        }
    }
}

/// Waits for Ctrl-C or a request to terminate.
async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
