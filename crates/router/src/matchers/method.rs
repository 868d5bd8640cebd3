//! ``Method(`GET`)``: the method; the rule may write it in any case, the request may not.

use super::combined::any_argument;
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
struct Method {
    method: Box<str>,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    build_v2(arguments)
}

/// v2 has lists.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    any_argument(arguments, |arguments, number| {
        Ok(Box::new(Method { method: arguments.value(number).to_uppercase().into() }))
    })
}

impl Matcher for Method {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.method == &*self.method
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::method(&self.method)])
    }
}
