//! `replacePathRegex`: replaces what a regular expression matches in the escaped path.

use std::borrow::Cow;

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use ferroway_rules::{GoRegex, Replacement};

use crate::{Problem, path, values};

#[cfg(test)]
mod tests;

pub(crate) struct ReplacePathRegex {
    regex: GoRegex,
    replacement: Replacement,
}

impl ReplacePathRegex {
    pub(crate) fn new(config: &dynamic::ReplacePathRegex) -> Result<Self, Problem> {
        Ok(Self {
            regex: GoRegex::new(config.regex.trim())?,
            replacement: Replacement::parse(config.replacement.trim()),
        })
    }
}

impl Filter for ReplacePathRegex {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let old = request.target.path();
        let Cow::Owned(new) = self.regex.replace_all(old, &self.replacement) else { return Flow::Next };
        match path::escape_rest(&new) {
            Ok(new) => {
                request.headers.append(values::X_REPLACED_PATH, values::of_path(old));
                path::rewrite(&mut request.target, &new, exchange)
            }
            Err(error) => path::broken(&error),
        }
    }
}
