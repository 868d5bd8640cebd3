//! Options that hold others: lists, maps, values that may be absent, free-form trees.

use std::collections::BTreeMap;

use super::{Context, Decode, Shape, Step};
use crate::node::{Entry, Node, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::Origin;

/// Absent unless given.
impl<T: Decode> Decode for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        T::decode(node, cx).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }
}

impl<T: Decode> Decode for Box<T> {
    const SHAPE: Shape = T::SHAPE;

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        T::decode(node, cx).map(Box::new)
    }

    fn show(&self) -> String {
        (**self).show()
    }
}

/// A list: native in files; of scalars also text separated by commas; elsewhere also a map whose names, sorted as
/// text, give the order (`servers/0/url`, `domains[1].main`).
impl<T: Decode> Decode for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        match &node.value {
            Value::List(items) => {
                all(items.iter().enumerate().map(|(i, item)| cx.step(Step::Index(i), |cx| item_of(item, cx))))
            }
            Value::Map(map) if map.entries.is_empty() || is_keyed_list::<T>(node) => {
                let mut entries: Vec<&Entry> = map.entries.iter().collect();
                entries.sort_by(|a, b| a.key.cmp(&b.key));
                all(entries.into_iter().map(|entry| cx.enter(&entry.key, |cx| item_of(&entry.value, cx))))
            }
            Value::Scalar(scalar) if T::from_text("").is_some() => {
                let text = scalar.to_text();
                let parts = text.split(',').filter(|_| !text.is_empty());
                all(parts.enumerate().map(|(i, part)| {
                    let parsed = T::from_text(part.trim())?;
                    parsed
                        .map_err(|mismatch| {
                            let path = format!("{}[{i}]", cx.path());
                            let message =
                                format!("invalid value {part:?} for {path}: expected {}", mismatch.expected);
                            let kind = ProblemKind::BadValue;
                            let problem = Problem::error(kind, node.span.clone(), path, message);
                            cx.report(problem.traefik(mismatch.traefik));
                        })
                        .ok()
                }))
            }
            _ => cx.expected(node, "a list"),
        }
    }

    fn show(&self) -> String {
        self.iter().map(T::show).collect::<Vec<_>>().join(", ")
    }
}

/// Whether a map stands for a list. For scalars in a file it is a mistake; Traefik drops it without a word.
fn is_keyed_list<T: Decode>(node: &Node) -> bool {
    matches!(T::SHAPE, Shape::Section(_)) || node.span.source.origin != Origin::File
}

/// An item of a list. Items of scalars lose the space around them.
fn item_of<'n, T: Decode>(item: &'n Node, cx: &mut Context<'n>) -> Option<T> {
    if item.value == Value::Null {
        return cx.expected(item, "a value");
    }
    if let Value::Scalar(scalar) = &item.value
        && scalar.text.trim().len() != scalar.text.len()
        && let Some(Ok(value)) = T::from_text(scalar.text.trim())
    {
        return Some(value);
    }
    T::decode(item, cx)
}

/// All values, or none if one is missing; every one is decoded either way so that all problems are found.
fn all<T>(values: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let mut good = Vec::with_capacity(values.size_hint().0);
    let mut complete = true;
    for value in values {
        match value {
            Some(value) => good.push(value),
            None => complete = false,
        }
    }
    complete.then_some(good)
}

/// Named values. A name without a value is not set. Names keep their case.
impl<T: Decode> Decode for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        let Value::Map(map) = &node.value else { return cx.expected(node, "a map of names") };
        let mut decoded = Self::new();
        let mut complete = true;
        for entry in map.entries.iter().filter(|entry| entry.value.value != Value::Null) {
            match cx.enter_entry(entry, |cx| T::decode(&entry.value, cx)) {
                Some(value) => {
                    decoded.insert(entry.key.to_string(), value);
                }
                None => complete &= T::FAILS_ALONE,
            }
        }
        complete.then_some(decoded)
    }
}

/// A tree whose meaning only its user knows: the configuration of a plugin. Places do not count when compared.
#[derive(Clone, Debug, PartialEq)]
pub enum FreeForm {
    /// Text; numbers and bools are text too, as Go writes them.
    Text(String),
    /// A list.
    List(Vec<FreeForm>),
    /// Named children.
    Map(BTreeMap<String, FreeForm>),
}

impl Decode for FreeForm {
    const SHAPE: Shape = Shape::Free;

    fn decode<'n>(node: &'n Node, _cx: &mut Context<'n>) -> Option<Self> {
        Some(Self::from(node))
    }
}

impl From<&Node> for FreeForm {
    fn from(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::Text(String::new()),
            Value::Scalar(scalar) => Self::Text(scalar.to_text().into_owned()),
            Value::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Map(map) => {
                let set = map.entries.iter().filter(|entry| entry.value.value != Value::Null);
                Self::Map(set.map(|entry| (entry.key.to_string(), Self::from(&entry.value))).collect())
            }
        }
    }
}
