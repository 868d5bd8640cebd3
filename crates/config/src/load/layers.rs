//! One source over another.

use crate::decode::{Section, Shape, means_defaults};
use crate::node::{Entry, Map, Node, Value};

/// How the upper layer's names of elements (entry points, for example) find those of the lower one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// By the same spelling.
    Exact,
    /// In any case, for environment variables, which have only one.
    AnyCase,
}

/// Puts `upper` over `lower`: sections and maps are joined, everything else is replaced.
pub(super) fn merge(lower: Node, upper: Node, section: &'static Section, keys: Keys) -> Node {
    merge_shape(lower, upper, Shape::Section(section), keys)
}

fn merge_shape(lower: Node, upper: Node, shape: Shape, keys: Keys) -> Node {
    match (lower.value, upper.value) {
        (value, Value::Null) => Node::new(value, lower.span),
        (Value::Map(below), Value::Map(above)) if matches!(shape, Shape::Section(_) | Shape::Map(_)) => {
            let merged = above.entries.into_iter().fold(below, |map, entry| put(map, entry, shape, keys));
            Node::new(Value::Map(merged), lower.span)
        }
        // Switching on what is on already keeps its options.
        (Value::Map(map), above) if matches!(shape, Shape::Section(_)) && means_defaults(&above) => {
            Node::new(Value::Map(map), lower.span)
        }
        (_, value) => Node::new(value, upper.span),
    }
}

fn put(mut map: Map, entry: Entry, shape: Shape, keys: Keys) -> Map {
    let field = match shape {
        Shape::Section(section) => section.field(&entry.key).map(|(_, field)| field),
        _ => None,
    };
    let any_case = field.is_some() || keys == Keys::AnyCase;
    let same =
        |known: &Entry| known.key == entry.key || any_case && known.key.eq_ignore_ascii_case(&entry.key);
    let below = match (field, shape) {
        (Some(field), _) => field.shape,
        (None, Shape::Map(below)) => *below,
        _ => Shape::Free,
    };
    let exact = map.entries.iter().position(|known| known.key == entry.key);
    match exact.or_else(|| map.entries.iter().position(same)) {
        Some(index) => {
            let Entry { key, key_span, value } = map.entries.remove(index);
            let value = merge_shape(value, entry.value, below, keys);
            map.entries.insert(index, Entry { key, key_span, value });
        }
        None => map.entries.push(entry),
    }
    map
}
