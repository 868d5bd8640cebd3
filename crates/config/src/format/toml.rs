//! TOML into nodes, with the places that the `toml` crate's own tree carries.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::line_index::LineIndex;
use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};

/// Reads a document.
pub(super) fn load(source: &Arc<Source>) -> Result<Node, Vec<Problem>> {
    let lines = LineIndex::new(source);
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        let root = Node::new(Value::Null, Span::at(source, 1, 1));
        let value = map(table.get_ref(), &lines);
        return Ok(if value == Value::Map(Map::default()) { root } else { Node { value, ..root } });
    }
    let problem = |error: &toml::de::Error| {
        let span = error.span().map_or_else(|| Span::whole(source), |range| lines.span(range.start));
        // The message may add a second line with what was expected.
        let message = error.message().trim().replace('\n', ", ");
        Problem::error(ProblemKind::Syntax, span, "", format!("invalid TOML: {message}"))
    };
    Err(errors.iter().map(problem).collect())
}

fn node(value: &Spanned<DeValue<'_>>, lines: &LineIndex<'_>) -> Node {
    Node::new(convert(value.get_ref(), lines), lines.span(value.span().start))
}

fn convert(value: &DeValue<'_>, lines: &LineIndex<'_>) -> Value {
    let scalar = |text: String, kind| Value::Scalar(Scalar { text: text.into(), kind });
    match value {
        DeValue::String(text) => Value::Scalar(Scalar::text(&**text)),
        DeValue::Boolean(value) => scalar(value.to_string(), ScalarKind::Bool),
        DeValue::Integer(integer) => {
            // One that does not fit keeps its text, and the option's own check refuses it.
            match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(value) => scalar(value.to_string(), ScalarKind::Integer),
                Err(_) => scalar(integer.as_str().to_owned(), ScalarKind::Text),
            }
        }
        DeValue::Float(float) => scalar(float.as_str().to_owned(), ScalarKind::Float),
        DeValue::Datetime(datetime) => scalar(datetime.to_string(), ScalarKind::Text),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, lines)).collect()),
        DeValue::Table(table) => map(table, lines),
    }
}

fn map(table: &DeTable<'_>, lines: &LineIndex<'_>) -> Value {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| Entry {
        key: key.get_ref().as_ref().into(),
        key_span: lines.span(key.span().start),
        value: node(value, lines),
    };
    let mut entries: Vec<Entry> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| (entry.key_span.line, entry.key_span.column));
    Value::Map(Map { entries })
}
