//! The static configuration from its sources: defaults, then the file, then the environment, then flags; what comes
//! later wins, option by option.
//!
//! // Traefik: takes exactly one of file, flags and environment and ignores the others without a word.

mod draft;
mod environment;
mod file;
mod flags;
mod help;
mod layers;
mod origins;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;

pub use help::{OptionReference, help, reference};
pub use origins::Setting;

use crate::decode::Context;
use crate::node::Node;
use crate::problem::Problem;
use crate::source::{Source, Span};
use crate::static_config::{Static, validate};

/// A loaded static configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration, with the entry points that are implied.
    pub config: Static,
    /// Every option that a source set to something else than its default, and which source did.
    pub settings: Vec<Setting>,
    /// What the user should know; nothing that forbids the start.
    pub warnings: Vec<Problem>,
    /// The file that was read.
    pub file: Option<String>,
}

/// Reads a file by its path; a missing one is [`io::ErrorKind::NotFound`].
pub type ReadFile<'a> = &'a dyn Fn(&str) -> io::Result<String>;

/// Loads the static configuration from the arguments (without the program's name and command), the environment and
/// the file that they name or that lies in one of the usual places.
///
/// # Errors
/// All problems that were found, at least one of them an error.
pub fn load(
    args: &[String],
    env: &BTreeMap<String, String>,
    read: ReadFile<'_>,
) -> Result<Loaded, Vec<Problem>> {
    let mut problems = Vec::new();
    let flags = flags::parse(args, &mut problems);
    let variables = environment::parse(env, &mut problems);
    let wanted = flags.config_file.or(variables.config_file);
    let (file, below) = file::find(wanted, env, read, &mut problems);

    let mut root = below.unwrap_or_else(|| Node::empty_map(Span::whole(&Source::other("defaults"))));
    for (layer, keys) in [(variables.node, layers::Keys::AnyCase), (flags.node, layers::Keys::Exact)] {
        root = layers::merge(root, layer, Static::SECTION, keys);
    }

    let mut config = Static::default();
    let mut cx = Context::new();
    config.decode_parts(&root, &mut cx);
    problems.extend(cx.finish().0);
    if !problems.iter().any(Problem::is_error) {
        let placed = |problem: Problem| origins::place(problem, &root);
        problems.extend(validate(&config).into_iter().map(placed));
    }
    if problems.iter().any(Problem::is_error) {
        return Err(problems);
    }
    config.entry_points = config.all_entry_points();
    Ok(Loaded { config, settings: origins::settings(&root), warnings: problems, file })
}
