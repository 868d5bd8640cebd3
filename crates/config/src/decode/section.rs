//! How a map of options is matched against a [`Section`].

use super::{Context, Field, Old, Section, Shape, nearest};
use crate::node::{Entry, Map, Node, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::Span;

/// Looks at every entry of a section's node and calls `take` for those that set an option. Names that are not
/// options, sections without content and options given twice are reported. Returns false if `node` is no map.
///
/// At the root of a document a name that is no option is only warned about, as Traefik ignores it.
pub(crate) fn members<'n>(
    node: &'n Node,
    section: &'static Section,
    cx: &mut Context<'n>,
    take: &mut dyn FnMut(usize, &'n Node, &mut Context<'n>),
) -> bool {
    let map = match &node.value {
        Value::Map(map) => map,
        value if means_defaults(value) => return true,
        _ => {
            let _: Option<()> = cx.expected(node, "a map of options");
            return false;
        }
    };
    let mut given: u64 = 0;
    for entry in &map.entries {
        let Some((index, field)) = section.field(&entry.key) else {
            unknown(entry, section, cx);
            continue;
        };
        if entry.value.value == Value::Null {
            continue;
        }
        if given & (1 << (index % 64)) != 0 && is_repeated(map, entry) {
            let (key, path) = (&entry.key, cx.path());
            let message = format!("the option {key:?} is given twice in {}", place(&path));
            cx.report(Problem::error(ProblemKind::BadValue, entry.key_span.clone(), path, message));
            continue;
        }
        given |= 1 << (index % 64);
        cx.enter(field.name, |cx| {
            if let Some(advice) = field.marks.deprecated {
                let path = cx.path();
                let message = format!("{path} is deprecated: {advice}");
                cx.report(Problem::warning(ProblemKind::Semantic, entry.key_span.clone(), path, message));
            }
            if has_content(field, entry, cx) {
                take(index, &entry.value, cx);
                refuse_planned(field, entry, cx);
                tell_no_effect(field, entry, cx);
            }
        });
    }
    true
}

/// An option that ferroway does not have yet must not be ignored: whoever set it counts on it.
fn refuse_planned(field: &Field, entry: &Entry, cx: &mut Context<'_>) {
    if field.marks.planned && !cx.planned_is_fine && !(field.is_default)(&entry.value) {
        let path = cx.path();
        let message = format!("{path} is not implemented yet in ferroway; remove it to start without it");
        cx.report(Problem::error(ProblemKind::NotImplemented, entry.key_span.clone(), path, message));
    }
}

/// An option that changes nothing here: whoever set it should know.
fn tell_no_effect(field: &Field, entry: &Entry, cx: &mut Context<'_>) {
    if let Some(why) = field.marks.no_effect
        && !(field.is_default)(&entry.value)
    {
        let path = cx.path();
        let message = format!("{path} has no effect: {why}");
        cx.report(Problem::warning(ProblemKind::Semantic, entry.key_span.clone(), path, message));
    }
}

/// A section given as an element of a map without content: `--entrypoints.web` or `web: {}` or `web: true`.
pub(crate) fn means_defaults(value: &Value) -> bool {
    match value {
        Value::Scalar(scalar) => scalar.text.is_empty() || scalar.text.eq_ignore_ascii_case("true"),
        Value::List(items) => items.is_empty(),
        Value::Null | Value::Map(_) => false,
    }
}

/// Whether an earlier entry has the same name in another case.
fn is_repeated(map: &Map, entry: &Entry) -> bool {
    map.entries
        .iter()
        .take_while(|earlier| !std::ptr::eq(*earlier, entry))
        .any(|earlier| earlier.key.eq_ignore_ascii_case(&entry.key) && earlier.value.value != Value::Null)
}

/// Applies the rules for sections and maps without content: whether the entry sets its option.
fn has_content<'n>(field: &'static Field, entry: &'n Entry, cx: &mut Context<'n>) -> bool {
    if !matches!(field.shape, Shape::Section(_) | Shape::Map(_)) {
        return true;
    }
    let allow_empty = field.marks.allow_empty;
    match &entry.value.value {
        Value::Map(map) if map.entries.iter().any(|entry| entry.value.value != Value::Null) => true,
        // Traefik: a list of scalars here is the same as nothing; a mistake is better named.
        Value::List(items) if !items.is_empty() => {
            let _: Option<()> = cx.expected(&entry.value, "a map");
            false
        }
        value if allow_empty && (node_is_empty(value) || means_defaults(value)) => true,
        // A text other than "true" disables the element.
        Value::Scalar(_) if allow_empty => false,
        _ => {
            standalone(field, entry, cx);
            false
        }
    }
}

fn node_is_empty(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.entries.iter().all(|entry| entry.value.value == Value::Null),
        Value::List(items) => items.is_empty(),
        Value::Null | Value::Scalar(_) => false,
    }
}

fn standalone(field: &Field, entry: &Entry, cx: &mut Context<'_>) {
    let (path, key) = (cx.path(), &entry.key);
    let what = if let Shape::Section(_) = field.shape { "at least one option" } else { "at least one name" };
    let type_name = go_type(field.shape);
    let found = if let Value::Scalar(_) = entry.value.value { entry.value.describe() } else { "none".into() };
    let message = format!("{path} needs {what}, found {found}; remove it or give it content");
    let traefik = format!("{key} cannot be a standalone element (type {type_name})");
    let span = entry.key_span.clone();
    cx.report(Problem::error(ProblemKind::Standalone, span, path, message).traefik(traefik));
}

/// A shape's type as Traefik's messages name it.
fn go_type(shape: Shape) -> String {
    match shape {
        Shape::Section(section) => section.type_name.to_owned(),
        Shape::Map(inner) => format!("map[string]{}", go_type(*inner)),
        Shape::List(inner) => format!("[]{}", go_type(*inner)),
        Shape::Scalar("an integer") => "int".to_owned(),
        Shape::Scalar(_) => "string".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Free => "dynamic.PluginConf".to_owned(),
    }
}

/// Reports a name that is not an option.
fn unknown(entry: &Entry, section: &'static Section, cx: &mut Context<'_>) {
    let (key, path) = (&entry.key, cx.path());
    let span = entry.key_span.clone();
    if let Some(legacy) = section.legacy(key) {
        let full = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
        match legacy.old {
            Old::Removed(advice) => {
                let message = format!("the option {full} no longer exists: {advice}");
                cx.report(
                    Problem::error(ProblemKind::Removed, span, full, message)
                        .traefik(format!("field not found, node: {key}")),
                );
            }
            Old::Ignored(reason) => {
                let message = format!("the option {full} has no effect: {reason}");
                cx.report(Problem::warning(ProblemKind::Semantic, span, full, message));
            }
        }
        return;
    }
    if path.is_empty() {
        // `x-…` is the usual name of a place for anchors.
        if key.starts_with("x-") {
            return;
        }
        let hint = match nearest(key, section.names()) {
            Some(near) => format!("; did you mean {near:?}?"),
            None => String::new(),
        };
        let message = format!("the top-level key {key:?} is ignored{hint}");
        cx.report(Problem::warning(ProblemKind::UnknownField, span, path, message));
        return;
    }
    cx.report(unknown_option(key, span, path, section));
}

/// The problem of a name that no option of `section` at `path` has.
pub(crate) fn unknown_option(key: &str, span: Span, path: String, section: &Section) -> Problem {
    let hint = match nearest(key, section.names()) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => String::new(),
    };
    let accepted = section.names().collect::<Vec<_>>().join(", ");
    let message = format!("unknown option {key:?} in {}{hint} (accepted: {accepted})", place(&path));
    Problem::error(ProblemKind::UnknownField, span, path, message)
        .traefik(format!("field not found, node: {key}"))
}

fn place(path: &str) -> &str {
    if path.is_empty() { "the document" } else { path }
}
