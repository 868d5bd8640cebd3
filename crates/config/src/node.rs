//! The tree that every source of configuration is turned into before it is decoded.
//!
//! YAML, TOML, flags, environment variables, labels and key/value stores differ in how they write a tree, not in
//! what the tree means. Loaders make [`Node`]s; only the decode layer gives them meaning.

use std::borrow::Cow;

use crate::source::Span;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// A value of the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Written, but without a value (`key:`); decodes as "not set".
    Null,
    /// Text.
    Scalar(Scalar),
    /// An ordered list.
    List(Vec<Node>),
    /// Named children, in the order of the source.
    Map(Map),
}

/// What a scalar looked like in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// Text, quoted or not, from a source that does not type its scalars, or not a number or bool there.
    Text,
    /// A bool; the text is `true` or `false`.
    Bool,
    /// An integer; the text is its decimal form.
    Integer,
    /// A floating-point number; the text is as written.
    Float,
}

/// The text of a scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, see [`ScalarKind`] for its form.
    pub text: Box<str>,
    /// What the source said it is.
    pub kind: ScalarKind,
}

impl Scalar {
    /// A scalar without a type of its own.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), kind: ScalarKind::Text }
    }

    /// The text that a string option receives.
    ///
    /// A number in a file is a number first and is written as Go writes it: `0x1F` gives `31`, `1.10` gives
    /// `1.100000`, `1e3` gives `1000`.
    pub fn to_text(&self) -> Cow<'_, str> {
        if self.kind != ScalarKind::Float {
            return Cow::Borrowed(&self.text);
        }
        match self.float() {
            Some(f) if f.is_nan() => Cow::Borrowed("NaN"),
            Some(f) if f.is_infinite() => Cow::Borrowed(if f > 0.0 { "+Inf" } else { "-Inf" }),
            Some(f) if f.fract() == 0.0 => Cow::Owned(format!("{f:.0}")),
            Some(f) => Cow::Owned(format!("{f:.6}")),
            None => Cow::Borrowed(&self.text),
        }
    }

    /// The number of a [`ScalarKind::Float`] text in YAML's or TOML's spelling.
    pub(crate) fn float(&self) -> Option<f64> {
        let bare: Cow<'_, str> =
            if self.text.contains('_') { self.text.replace('_', "").into() } else { (&*self.text).into() };
        let unsigned = bare.trim_start_matches(['+', '-']);
        if unsigned.eq_ignore_ascii_case(".inf") || unsigned == "inf" {
            return Some(if bare.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        if unsigned.eq_ignore_ascii_case(".nan") || unsigned == "nan" {
            return Some(f64::NAN);
        }
        bare.parse().ok()
    }
}

/// Named children in the order of their source. Names are unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The children.
    pub entries: Vec<Entry>,
}

/// A named child.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name as written.
    pub key: Box<str>,
    /// Where the name stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Map {
    /// The child of exactly this name.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.value)
    }

    /// The child of exactly this name.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| &*entry.key == key).map(|entry| &mut entry.value)
    }
}

impl Node {
    /// A node.
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span }
    }

    /// A text node.
    pub fn text(text: impl Into<Box<str>>, span: Span) -> Self {
        Self { value: Value::Scalar(Scalar::text(text)), span }
    }

    /// A map node without children.
    pub fn empty_map(span: Span) -> Self {
        Self { value: Value::Map(Map::default()), span }
    }

    /// What the value is, for messages: `a map`, `a list`, `"text"`, `null`.
    pub fn describe(&self) -> Cow<'static, str> {
        /// Longer values are cut in messages.
        const MAX_SHOWN: usize = 60;
        match &self.value {
            Value::Null => "null".into(),
            Value::Map(map) if map.entries.is_empty() => "an empty map".into(),
            Value::Map(_) => "a map".into(),
            Value::List(list) if list.is_empty() => "an empty list".into(),
            Value::List(_) => "a list".into(),
            Value::Scalar(scalar) => {
                let mut shown: String = scalar.text.chars().take(MAX_SHOWN).collect();
                if shown.len() < scalar.text.len() {
                    shown.push('…');
                }
                format!("{shown:?}").into()
            }
        }
    }

    /// True for a map or list without children.
    pub fn is_empty_collection(&self) -> bool {
        match &self.value {
            Value::Map(map) => map.entries.is_empty(),
            Value::List(list) => list.is_empty(),
            Value::Null | Value::Scalar(_) => false,
        }
    }
}
