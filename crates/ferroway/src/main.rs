//! ferroway: an edge router that takes Traefik's configuration.
//!
//! This crate only wires: arguments and configuration to the crates that do the work, signals to the
//! orderly end.

mod command;
mod configuration;
mod service_manager;
mod signals;
mod wiring;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let args: Vec<String> =
        std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let result = match args.first().map(String::as_str) {
        Some("version") => command::version::print(),
        Some("healthcheck") => command::healthcheck::run(&args[1..]),
        Some("help" | "--help" | "-help" | "-h") => command::help::print(),
        Some("demo") => command::demo::run(&args[1..]),
        _ => command::run::run(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            command::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
