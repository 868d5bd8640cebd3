//! What the first argument chooses.

pub(crate) mod demo;
pub(crate) mod healthcheck;
pub(crate) mod help;
pub(crate) mod run;
pub(crate) mod version;

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::bail;
use ferroway_config::Problem;
use ferroway_config::load::{Loaded, load};

/// Writes a line to the standard error.
pub(crate) fn complain(text: &str) {
    // Nobody to tell where even that fails.
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

/// Writes text to the standard output.
pub(crate) fn say(text: &str) {
    // A reader that has gone away is no error of ours.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The static configuration of this process: arguments, environment and file.
///
/// # Errors
/// All problems, each with its place.
pub(crate) fn load_static(args: &[String]) -> anyhow::Result<Loaded> {
    let env: BTreeMap<String, String> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    match load(args, &env, &|path| std::fs::read_to_string(path)) {
        Ok(loaded) => Ok(loaded),
        Err(problems) => {
            let errors: Vec<String> =
                problems.iter().filter(|problem| problem.is_error()).map(Problem::render).collect();
            bail!("the static configuration cannot be used:\n{}", errors.join("\n"))
        }
    }
}
