//! A tree that grows by single options (`a.b.c = v`), as flags and environment variables give them.

use crate::decode::{Section, Shape, means_defaults};
use crate::node::{Entry, Map, Node, Scalar, Value};
use crate::source::Span;

/// A place in the growing tree: text, children, or both (`--ping --ping.entrypoint=web`).
#[derive(Debug, Default)]
pub(super) struct Draft {
    text: Option<(String, Span)>,
    children: Vec<(String, Draft)>,
}

/// Why a path leads nowhere.
pub(super) enum Lost {
    /// This name is no option of this section.
    Unknown { name: String, section: &'static Section, path: String },
    /// An option that is plain text or a list of it has nothing below.
    Leaf,
}

/// An option that was found by its path.
pub(super) struct Found {
    /// The path with options in Traefik's spelling and names of elements as written.
    pub(super) path: Vec<String>,
    /// The option's shape; `None` for a name that an earlier release had, which decoding reports.
    pub(super) shape: Option<Shape>,
}

/// Finds the option at a path.
pub(super) fn locate(mut path: Vec<String>, root: &'static Section) -> Result<Found, Lost> {
    let mut shape = Shape::Section(root);
    for i in 0..path.len() {
        shape = match shape {
            Shape::Section(section) => match section.field(&path[i]) {
                Some((_, field)) => {
                    field.name.clone_into(&mut path[i]);
                    field.shape
                }
                None if section.legacy(&path[i]).is_some() => return Ok(Found { path, shape: None }),
                None => {
                    let name = path[i].clone();
                    return Err(Lost::Unknown { name, section, path: path[..i].join(".") });
                }
            },
            Shape::Map(below) | Shape::List(below) => *below,
            Shape::Free => Shape::Free,
            Shape::Scalar(_) | Shape::Bool => return Err(Lost::Leaf),
        };
    }
    Ok(Found { path, shape: Some(shape) })
}

/// Cuts indices off: `domains[0]` becomes `domains` and `[0]`.
pub(super) fn split_indices(element: &str) -> Vec<String> {
    match element.find('[') {
        Some(at) if at > 0 => vec![element[..at].to_owned(), element[at..].to_owned()],
        _ => vec![element.to_owned()],
    }
}

impl Draft {
    /// Sets the text at a path.
    pub(super) fn set(&mut self, path: &[String], text: String, span: &Span) {
        self.at(path).text = Some((text, span.clone()));
    }

    /// Adds to the text at the path of a list.
    pub(super) fn append(&mut self, path: &[String], text: String, span: &Span) {
        let at = self.at(path);
        let text = match &at.text {
            Some((before, _)) => format!("{before},{text}"),
            None => text,
        };
        at.text = Some((text, span.clone()));
    }

    fn at(&mut self, path: &[String]) -> &mut Self {
        let mut at = self;
        for name in path {
            let index = at.children.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                at.children.push((name.clone(), Self::default()));
                at.children.len() - 1
            });
            at = &mut at.children[index].1;
        }
        at
    }

    /// The tree as a node, with options in Traefik's spelling.
    pub(super) fn into_node(self, shape: Shape, span: &Span) -> Node {
        let text = self.text.map(|(text, span)| Node::new(Value::Scalar(Scalar::text(text)), span));
        if let Some(text) = text {
            // A section that is switched on, not off, still has its options.
            let keeps_children = matches!(shape, Shape::Section(_)) && means_defaults(&text.value);
            if self.children.is_empty() || !keeps_children {
                return text;
            }
        }
        let entry = |(key, draft): (String, Self)| {
            let (key, below) = match shape {
                Shape::Section(section) => match section.field(&key) {
                    Some((_, field)) => (field.name.to_owned(), field.shape),
                    None => (key, Shape::Free),
                },
                Shape::Map(below) | Shape::List(below) => (key, *below),
                other => (key, other),
            };
            let value = draft.into_node(below, span);
            Entry { key: key.into(), key_span: value.span.clone(), value }
        };
        let entries: Vec<Entry> = self.children.into_iter().map(entry).collect();
        let span = entries.first().map_or(span, |entry| &entry.key_span).clone();
        Node::new(Value::Map(Map { entries }), span)
    }
}
