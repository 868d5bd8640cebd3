//! ``Query(`key`, `value`)``: a parameter of the query. Without a value it must be there and empty.

use ferroway_rules::GoRegex;

use super::combined::all;
use super::template::{self, Subject};
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
struct Query {
    key: Box<str>,
    value: Box<str>,
}

/// A parameter of v2: its first value has to match.
#[derive(Debug)]
struct QueryTemplate {
    key: Box<str>,
    regex: GoRegex,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let key = arguments.value(0);
    if arguments.len() == 1
        && let Some((name, value)) = key.split_once('=')
    {
        let help = format!("write Query(`{name}`, `{value}`)");
        arguments.warn(0, "this asks for a parameter with = in its name, that is the v2 syntax", help);
    }
    Ok(Box::new(Query { key: key.into(), value: arguments.get(1).unwrap_or_default().into() }))
}

/// v2 takes any number of `key=value`, all of which have to match; a text without `=` is a key or a value.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    let mut texts: Vec<(usize, &str)> = Vec::new();
    for number in 0..arguments.len() {
        texts.extend(arguments.value(number).splitn(2, '=').map(|text| (number, text)));
    }
    let (pairs, rest) = texts.as_chunks::<2>();
    if let [(number, text)] = rest {
        let error = arguments.error(*number, format!("parameter {text:?} has no value"));
        return Err(error.with_help("write Query(`key=value`)"));
    }
    let pair = |[(number, key), (_, value)]: &[(usize, &str); 2]| -> Built {
        // Traefik: the braces would be part of the name in the request, too.
        if key.contains(['{', '}']) {
            return Err(arguments.error(*number, "the name of a parameter cannot be a template"));
        }
        let regex = template::compile(Subject::QueryValue, value);
        let regex = regex.map_err(|message| arguments.error(*number, message))?;
        Ok(Box::new(QueryTemplate { key: (*key).into(), regex }))
    };
    Ok(all(pairs.iter().map(pair).collect::<Result<_, _>>()?))
}

impl Matcher for Query {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.query.values(&self.key).any(|value| value == &*self.value)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::query(&self.key, &self.value)])
    }
}

impl Matcher for QueryTemplate {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.query.values(&self.key).next().is_some_and(|value| self.regex.is_match(value))
    }
}
