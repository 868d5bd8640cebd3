//! ``Header(`X-Tenant`, `blue`)``: a whole field line, in any of the lines of that name.

use std::collections::HashSet;

use ferroway_rules::RuleError;
use http::HeaderName;

use super::combined::all;
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
struct Header {
    name: FieldName,
    value: Box<str>,
}

/// The name of a header, or none when no header can have the name that the rule asks for.
#[derive(Debug)]
pub(super) struct FieldName(Option<HeaderName>);

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let name = FieldName::new(arguments, 0);
    Ok(Box::new(Header { name, value: arguments.value(1).into() }))
}

/// v2 takes any number of pairs, all of which have to match.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    let mut matchers: Vec<Box<dyn Matcher>> = Vec::new();
    for number in pairs(arguments)? {
        let name = FieldName::new(arguments, number);
        matchers.push(Box::new(Header { name, value: arguments.value(number + 1).into() }));
    }
    Ok(all(matchers))
}

/// Where the pairs of v2's arguments begin. Of pairs with the same name the last counts.
pub(super) fn pairs(arguments: &Arguments<'_>) -> Result<Vec<usize>, RuleError> {
    let count = arguments.len();
    if !count.is_multiple_of(2) {
        return Err(
            arguments.call_error(format!("arguments must come in pairs of name and value, not {count}"))
        );
    }
    let mut known = HashSet::new();
    let backwards = (0..count).step_by(2).rev();
    let mut pairs: Vec<usize> = backwards.filter(|number| known.insert(arguments.value(*number))).collect();
    pairs.reverse();
    Ok(pairs)
}

impl FieldName {
    /// The name in an argument. Traefik accepts any text and matches nothing then.
    pub(super) fn new(arguments: &mut Arguments<'_>, number: usize) -> Self {
        let name = HeaderName::from_bytes(arguments.value(number).as_bytes()).ok();
        if name.is_none() {
            arguments.warn(
                number,
                "no header can have this name, this never matches",
                "write the name alone",
            );
        }
        if name == Some(http::header::HOST) {
            arguments.warn(
                number,
                "Host is not among the headers, this never matches",
                "write Host(`example.com`)",
            );
        }
        Self(name)
    }

    /// The values of the header's lines.
    pub(super) fn values<'a>(&self, request: &'a RequestView<'_>) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.0.as_ref().map(|name| request.headers.get_all(name));
        lines.into_iter().flatten().map(|value| value.as_bytes())
    }
}

impl Matcher for Header {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.name.values(request).any(|value| value == self.value.as_bytes())
    }

    fn keys(&self) -> Option<Vec<Key>> {
        let key = |name| Key::header(name, self.value.as_bytes());
        Some(self.name.0.iter().map(key).collect())
    }
}
