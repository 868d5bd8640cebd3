//! ``Query(`key`, `value`)``: a parameter of the query. Without a value it must be there and empty.

use std::collections::HashSet;

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

/// A parameter of v2: its first value counts.
#[derive(Debug)]
struct FirstValue {
    key: Box<str>,
    value: Box<str>,
}

/// A parameter of v2 with variables: the expression has to match `key=value` with the first value.
#[derive(Debug)]
struct Template {
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
    let mut matchers = Vec::with_capacity(pairs.len());
    let mut known: HashSet<String> = HashSet::new();
    for [(number, key), (_, value)] in pairs {
        let template = format!("{key}={value}");
        let variables = template::variables(&template);
        if let Some(twice) = variables.iter().find(|name| known.contains(**name)) {
            return Err(arguments.error(*number, format!("duplicated variable {twice:?}")));
        }
        known.extend(variables.into_iter().map(str::to_owned));
        matchers.push(parameter(&template).map_err(|message| arguments.error(*number, message))?);
    }
    Ok(all(matchers))
}

/// A matcher for `key=value`.
fn parameter(template: &str) -> Result<Box<dyn Matcher>, String> {
    let (key, value) = template.split_once('=').unwrap_or((template, ""));
    if value.is_empty() || template.contains(['{', '}']) {
        return Ok(Box::new(Template {
            key: key.into(),
            regex: template::compile(Subject::Query, template)?,
        }));
    }
    Ok(Box::new(FirstValue { key: key.into(), value: value.into() }))
}

impl Matcher for Query {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.query.values(&self.key).any(|value| value == &*self.value)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::query(&self.key, &self.value)])
    }
}

impl Matcher for FirstValue {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        request.query.values(&self.key).next().is_some_and(|value| value == &*self.value)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::query(&self.key, &self.value)])
    }
}

impl Matcher for Template {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        let first = request.query.values(&self.key).next();
        first.is_some_and(|value| self.regex.is_match(&format!("{}={value}", self.key)))
    }
}
