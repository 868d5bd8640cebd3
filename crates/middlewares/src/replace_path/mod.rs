//! `replacePath`: replaces the path, keeps the query.

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};

use crate::path::{self, BadEscape};
use crate::{Problem, values};

#[cfg(test)]
mod tests;

/// The new path, escaped.
pub(crate) struct ReplacePath(Result<String, BadEscape>);

impl ReplacePath {
    pub(crate) fn new(config: &dynamic::ReplacePath) -> Result<Self, Problem> {
        let path = &config.path;
        // Traefik: sends `rep` as it is, a request line that no server takes; test `constants`.
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let escaped = path::escape_rest(&format!("{slash}{path}"));
        if escaped.as_ref().is_ok_and(|escaped| !path::is_clean(escaped)) {
            return Err(Problem::invalid(format!(
                "path {path:?} is not clean, expected no dot segments and no //"
            )));
        }
        Ok(Self(escaped))
    }
}

impl Filter for ReplacePath {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        match &self.0 {
            Ok(path) => {
                request.headers.append(values::X_REPLACED_PATH, values::of_path(request.target.path()));
                path::rewrite(&mut request.target, path, exchange)
            }
            Err(error) => path::broken(error),
        }
    }
}
