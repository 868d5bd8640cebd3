//! Which source set which option.

use crate::decode::{Field, Shape};
use crate::node::{Node, Value};
use crate::problem::Problem;
use crate::source::Span;
use crate::static_config::Static;

/// An option that a source set to something else than its default. Values are not shown: some are secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The option's path.
    pub path: String,
    /// Where it was set.
    pub origin: Span,
}

/// All settings of a tree, in its order.
pub(super) fn settings(root: &Node) -> Vec<Setting> {
    let mut found = Vec::new();
    below(root, Shape::Section(Static::SECTION), None, &mut String::new(), &mut found);
    found
}

fn below(node: &Node, shape: Shape, field: Option<&Field>, path: &mut String, found: &mut Vec<Setting>) {
    let length = path.len();
    match (&node.value, shape) {
        (Value::Map(map), Shape::Section(_) | Shape::Map(_)) if !map.entries.is_empty() => {
            for entry in &map.entries {
                let (name, below_shape, field) = match shape {
                    Shape::Section(section) => match section.field(&entry.key) {
                        Some((_, field)) => (field.name, field.shape, Some(field)),
                        None => continue,
                    },
                    Shape::Map(inner) => (&*entry.key, *inner, None),
                    _ => continue,
                };
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                below(&entry.value, below_shape, field, path, found);
                path.truncate(length);
            }
        }
        (Value::Null, _) => {}
        _ if field.is_some_and(|field| (field.is_default)(node)) => {}
        _ => found.push(Setting { path: path.clone(), origin: node.span.clone() }),
    }
}

/// Gives a problem the place of its option, or of the nearest section around it that was written.
pub(super) fn place(mut problem: Problem, root: &Node) -> Problem {
    let (mut at, mut path) = (root, problem.path.as_str());
    while let Value::Map(map) = &at.value {
        // Keys that users choose can have dots in them.
        let rest = |key: &str| {
            let (name, rest) = path.split_at_checked(key.len())?;
            let ends = rest.is_empty() || rest.starts_with('.');
            (ends && name.eq_ignore_ascii_case(key)).then(|| rest.trim_start_matches('.'))
        };
        let found = map.entries.iter().filter_map(|entry| Some((entry, rest(&entry.key)?)));
        let Some((entry, rest)) = found.max_by_key(|(entry, _)| entry.key.len()) else { break };
        (at, path) = (&entry.value, rest);
    }
    if !std::ptr::eq(at, root) {
        problem.span = at.span.clone();
    }
    problem
}
