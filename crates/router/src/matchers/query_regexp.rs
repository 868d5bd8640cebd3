//! ``QueryRegexp(`key`, `^[0-9]+$`)``: any value of a parameter, by a regular expression.

use ferroway_rules::GoRegex;

use super::{Arguments, Built, Matcher, query};
use crate::RequestView;

#[derive(Debug)]
struct QueryRegexp {
    key: Box<str>,
    regex: GoRegex,
}

/// With one argument this is `Query` with one.
pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    if arguments.len() == 1 {
        return query::build(arguments);
    }
    Ok(Box::new(QueryRegexp { key: arguments.value(0).into(), regex: arguments.regex(1)? }))
}

impl Matcher for QueryRegexp {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.query.values(&self.key).any(|value| self.regex.is_match(value))
    }
}
