//! Several matchers as one: v2 matchers take lists.

use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

/// One of them has to match.
#[derive(Debug)]
struct Any(Box<[Box<dyn Matcher>]>);

/// All of them have to match.
#[derive(Debug)]
struct All(Box<[Box<dyn Matcher>]>);

impl Matcher for Any {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.0.iter().any(|matcher| matcher.matches(request))
    }

    fn keys(&self) -> Option<Vec<Key>> {
        let mut keys = Vec::with_capacity(self.0.len());
        for matcher in &self.0 {
            keys.append(&mut matcher.keys()?);
        }
        Some(keys)
    }
}

impl Matcher for All {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.0.iter().all(|matcher| matcher.matches(request))
    }

    fn keys(&self) -> Option<Vec<Key>> {
        self.0.iter().find_map(|matcher| matcher.keys())
    }
}

/// A matcher for each argument, one of which has to match.
pub(super) fn any_argument(
    arguments: &mut Arguments<'_>,
    build: fn(&mut Arguments<'_>, usize) -> Built,
) -> Built {
    if arguments.len() == 1 {
        return build(arguments, 0);
    }
    let matchers = (0..arguments.len()).map(|number| build(arguments, number));
    Ok(Box::new(Any(matchers.collect::<Result<_, _>>()?)))
}

/// All of `matchers` as one.
pub(super) fn all(mut matchers: Vec<Box<dyn Matcher>>) -> Box<dyn Matcher> {
    match matchers.pop() {
        Some(only) if matchers.is_empty() => only,
        last => {
            matchers.extend(last);
            Box::new(All(matchers.into()))
        }
    }
}
