//! `addPrefix`: puts a prefix before the path.

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};

use crate::{Problem, path};

#[cfg(test)]
mod tests;

/// The prefix, escaped, with its first slash.
pub(crate) struct AddPrefix(String);

impl AddPrefix {
    pub(crate) fn new(config: &dynamic::AddPrefix) -> Result<Self, Problem> {
        let prefix = &config.prefix;
        if prefix.is_empty() {
            return Err(Problem::invalid("prefix cannot be empty"));
        }
        if prefix.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(Problem::invalid(format!(
                "prefix {prefix:?} has a dot segment, expected a clean path"
            )));
        }
        let slash = if prefix.starts_with('/') { "" } else { "/" };
        Ok(Self(format!("{slash}{}", path::escape(prefix.as_bytes()))))
    }
}

impl Filter for AddPrefix {
    fn request(&self, request: &mut RequestHead, _: &mut Exchange) -> Flow {
        // A prefix with a slash at its end doubles the slash. That is the user's choice, no client's, and stays.
        match request.target.set_path(&format!("{}{}", self.0, request.target.path())) {
            Ok(()) => Flow::Next,
            Err(_) => path::refuse(),
        }
    }
}
