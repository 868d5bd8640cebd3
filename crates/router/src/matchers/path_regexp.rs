//! ``PathRegexp(`^/users/[0-9]+$`)``: the routing path, by a regular expression that is not anchored.

use ferroway_rules::GoRegex;

use super::path::keys_of;
use super::template;
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
pub(super) struct PathRegexp {
    pub(super) regex: GoRegex,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let regex = arguments.regex(0)?;
    if template::looks_like_template(arguments.value(0)) {
        let help = "write PathRegexp(`^/users/[^/]+$`)";
        arguments.warn(0, "v3 has no templates, braces are plain text here", help);
    }
    Ok(Box::new(PathRegexp { regex }))
}

impl Matcher for PathRegexp {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.regex.is_match(request.path)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        keys_of(&self.regex.literals())
    }
}
