//! `ferroway --help`.

use std::process::ExitCode;

use super::say;

const USAGE: &str = "\
ferroway, an edge router that takes Traefik's configuration.

Usage:
  ferroway [--configFile=FILE] [--OPTION=VALUE ...]   run, configured by flags, environment and file
  ferroway demo                                       run with a few services of its own, to look around
  ferroway healthcheck [--OPTION=VALUE ...]           ask a running ferroway's /ping; exit status 0 when it is well
  ferroway version                                    print the version

Options are those of Traefik's static configuration; the environment takes them as TRAEFIK_ENTRYPOINTS_WEB_ADDRESS.
Where several sources set an option the flag wins, then the environment, then the file.
The environment variable FERROWAY_WORKERS (or GOMAXPROCS) sets the number of worker threads.
";

/// Prints the usage and all options.
#[expect(clippy::unnecessary_wraps, reason = "all commands have one form")]
pub(crate) fn print() -> anyhow::Result<ExitCode> {
    say(&format!("{USAGE}\n{}", ferroway_config::load::help()));
    Ok(ExitCode::SUCCESS)
}
