//! ``HeaderRegexp(`X-Tenant`, `^(blue|green)$`)``: any field line of that name, by a regular expression.

use ferroway_rules::GoRegex;

use super::combined::all;
use super::header::{FieldName, pairs};
use super::{Arguments, Built, Matcher};
use crate::RequestView;

#[derive(Debug)]
struct HeaderRegexp {
    name: FieldName,
    regex: GoRegex,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    pair(arguments, 0)
}

/// v2 takes any number of pairs, all of which have to match.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    let matchers = pairs(arguments)?.into_iter().map(|number| pair(arguments, number));
    Ok(all(matchers.collect::<Result<_, _>>()?))
}

fn pair(arguments: &mut Arguments<'_>, number: usize) -> Built {
    let name = FieldName::new(arguments, number);
    Ok(Box::new(HeaderRegexp { name, regex: arguments.regex(number + 1)? }))
}

impl Matcher for HeaderRegexp {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.name.values(request).any(|value| self.regex.is_match_bytes(value))
    }
}
