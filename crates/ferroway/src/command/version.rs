//! `ferroway version`.

use std::process::ExitCode;

use super::say;

/// Prints version and platform in the form of `traefik version`.
#[expect(clippy::unnecessary_wraps, reason = "all commands have one form")]
pub(crate) fn print() -> anyhow::Result<ExitCode> {
    say(&format!(
        "Version:      {}\nRust version: {}\nOS/Arch:      {}/{}",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_RUST_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    Ok(ExitCode::SUCCESS)
}
