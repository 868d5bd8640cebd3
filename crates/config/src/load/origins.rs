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
    let mut at = root;
    for name in problem.path.split('.') {
        let Value::Map(map) = &at.value else { break };
        let Some(entry) = map.entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(name)) else {
            break;
        };
        at = &entry.value;
    }
    if !std::ptr::eq(at, root) {
        problem.span = at.span.clone();
    }
    problem
}
