//! ``Path(`/users`)``: the routing path, exactly.

use ferroway_rules::{Literals, RuleError};

use super::combined::any_argument;
use super::path_regexp::PathRegexp;
use super::template::{self, Subject};
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
struct Path {
    path: Box<str>,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let path = absolute(arguments, 0)?;
    if let Some((message, help)) = pitfall(path) {
        arguments.warn(0, message, help);
    }
    Ok(Box::new(Path { path: path.into() }))
}

/// v2 has templates.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    any_argument(arguments, |arguments, number| {
        let path = absolute(arguments, number)?;
        if !path.contains(['{', '}']) {
            return Ok(Box::new(Path { path: path.into() }));
        }
        let regex =
            template::compile(Subject::Path, path).map_err(|message| arguments.error(number, message))?;
        Ok(Box::new(PathRegexp { regex }))
    })
}

/// The argument, which must begin with a slash.
pub(super) fn absolute<'a>(arguments: &Arguments<'a>, number: usize) -> Result<&'a str, RuleError> {
    let path = arguments.value(number);
    if path.starts_with('/') {
        return Ok(path);
    }
    let error = arguments.error(number, format!("path {path:?} does not start with a '/'"));
    Err(error.with_help(format!("write `/{path}`")))
}

/// What no routing path contains, or not in the sense that the writer had in mind.
pub(super) fn pitfall(path: &str) -> Option<(&'static str, String)> {
    if template::looks_like_template(path) {
        let help = "write PathRegexp(`^/users/[^/]+$`)".to_owned();
        return Some(("v3 has no templates, braces are plain text here", help));
    }
    if path.contains('?') {
        let help = "write Path(`/path`) && Query(`key`, `value`)".to_owned();
        return Some(("the query is not part of the path, this never matches", help));
    }
    let compared = ferroway_rules::routing_path(path)?;
    if compared == path {
        return None;
    }
    Some(("paths are compared in their decoded form, this never matches", format!("write `{compared}`")))
}

impl Matcher for Path {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.path == &*self.path
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::path(self.path.as_bytes())])
    }
}

/// Keys of paths that are known in part.
pub(super) fn keys_of(literals: &Literals) -> Option<Vec<Key>> {
    match literals {
        Literals::Exact(paths) => Some(paths.iter().map(|path| Key::path(path)).collect()),
        Literals::Prefix(prefixes) => Some(prefixes.iter().map(|prefix| Key::path_prefix(prefix)).collect()),
        Literals::Any | Literals::Suffix(_) => None,
    }
}
