//! ``PathPrefix(`/api`)``: the beginning of the routing path, character by character: `/apis` has it, too.

use super::combined::any_argument;
use super::path::{absolute, pitfall};
use super::path_regexp::PathRegexp;
use super::template::{self, Subject};
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
struct PathPrefix {
    prefix: Box<str>,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let prefix = absolute(arguments, 0)?;
    if let Some((message, help)) = pitfall(prefix) {
        arguments.warn(0, message, help);
    }
    Ok(Box::new(PathPrefix { prefix: prefix.into() }))
}

/// v2 has templates.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    any_argument(arguments, |arguments, number| {
        let prefix = absolute(arguments, number)?;
        if !prefix.contains(['{', '}']) {
            return Ok(Box::new(PathPrefix { prefix: prefix.into() }));
        }
        let regex = template::compile(Subject::PathPrefix, prefix);
        Ok(Box::new(PathRegexp { regex: regex.map_err(|message| arguments.error(number, message))? }))
    })
}

impl Matcher for PathPrefix {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.path.starts_with(&*self.prefix)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::path_prefix(self.prefix.as_bytes())])
    }
}
