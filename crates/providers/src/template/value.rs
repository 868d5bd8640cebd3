//! The values of a template: what literals, variables and functions hold.
//!
//! Values are trees that never change: `set` makes a new map (see [`super::exec`]). So each list and map knows its
//! depth and weight from the day it is made, and no template can build one that is too deep or too large to walk.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::rc::Rc;

use super::go_time::GoTime;
use super::numbers::write_float;
use super::version::Version;

/// A value of a template.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// `nil`.
    Nil,
    /// What a lookup gives that finds nothing; prints as `<no value>`.
    Missing,
    Bool(bool),
    /// Go's `int`, the type of literals and counts.
    Int(i64),
    /// Go's `int64`, the type of computed integers. Differs from [`Value::Int`] in its name only.
    Int64(i64),
    Float(f64),
    Text(Rc<str>),
    List(Rc<List>),
    Map(Rc<Map>),
    Time(Rc<GoTime>),
    Version(Rc<Version>),
}

/// The Go type of a list's elements, for `typeOf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elements {
    Any,
    Texts,
    Ints,
}

/// A list with its measures.
#[derive(Debug)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    pub(super) elements: Elements,
    size: Size,
}

/// A map with its measures; keys are in order, as Go prints and iterates them.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) entries: BTreeMap<Rc<str>, Value>,
    size: Size,
}

/// How deep a value is, and how many bytes and elements it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) depth: usize,
    pub(super) weight: usize,
}

impl Size {
    fn of_all<'a>(own_weight: usize, values: impl Iterator<Item = &'a Value>) -> Self {
        values.map(Value::size).fold(Self { depth: 1, weight: own_weight }, |sum, size| Self {
            depth: sum.depth.max(size.depth + 1),
            weight: sum.weight.saturating_add(size.weight),
        })
    }
}

impl Value {
    pub(super) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::list_of(Elements::Any, items)
    }

    pub(super) fn texts<T: Into<Rc<str>>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::list_of(Elements::Texts, items.into_iter().map(Self::text).collect())
    }

    pub(super) fn ints(items: impl IntoIterator<Item = i64>) -> Self {
        Self::list_of(Elements::Ints, items.into_iter().map(Self::Int).collect())
    }

    pub(super) fn list_of(elements: Elements, items: Vec<Self>) -> Self {
        let size = Size::of_all(items.len(), items.iter());
        Self::List(Rc::new(List { items, elements, size }))
    }

    pub(super) fn map(entries: BTreeMap<Rc<str>, Self>) -> Self {
        let keys = entries.keys().map(|key| key.len() + 1).sum();
        let size = Size::of_all(keys, entries.values());
        Self::Map(Rc::new(Map { entries, size }))
    }

    /// How deep and how large the value is.
    pub(super) fn size(&self) -> Size {
        match self {
            Self::List(list) => list.size,
            Self::Map(map) => map.size,
            Self::Text(text) => Size { depth: 0, weight: text.len() },
            _ => Size { depth: 0, weight: 1 },
        }
    }

    /// True for what Go's `interface{}` holds as `nil`.
    pub(super) fn is_nil(&self) -> bool {
        matches!(self, Self::Nil | Self::Missing)
    }

    /// False for `nil`, zero, `false` and everything without elements: what `if` asks.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Nil | Self::Missing => false,
            Self::Bool(value) => *value,
            Self::Int(value) | Self::Int64(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Map(map) => !map.entries.is_empty(),
            Self::Time(_) | Self::Version(_) => true,
        }
    }

    /// Go's name of the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil | Self::Missing => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::List(list) => match list.elements {
                Elements::Any => "[]interface {}",
                Elements::Texts => "[]string",
                Elements::Ints => "[]int",
            },
            Self::Map(_) => "map[string]interface {}",
            Self::Time(_) => "time.Time",
            Self::Version(_) => "*semver.Version",
        }
    }

    /// Go's name of the kind of type.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Nil | Self::Missing => "invalid",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Time(_) => "struct",
            Self::Version(_) => "ptr",
            other => other.type_name(),
        }
    }

    /// The value for a message: short, and text in quotes.
    pub(super) fn describe(&self) -> String {
        /// Longer values are cut.
        const MAX_SHOWN: usize = 60;
        match self {
            Self::Nil | Self::Missing => "nil".to_owned(),
            Self::Text(text) => format!("{:?}", text.chars().take(MAX_SHOWN).collect::<String>()),
            Self::List(_) | Self::Map(_) => format!("a value of type {}", self.type_name()),
            other => other.to_string(),
        }
    }
}

/// Equal in type and content, as Go's `reflect.DeepEqual`.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nil | Self::Missing, Self::Nil | Self::Missing) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) | (Self::Int64(a), Self::Int64(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a.elements == b.elements && a.items == b.items,
            (Self::Map(a), Self::Map(b)) => a.entries == b.entries,
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Version(a), Self::Version(b)) => a == b,
            _ => false,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<GoTime> for Value {
    fn from(time: GoTime) -> Self {
        Self::Time(Rc::new(time))
    }
}

/// Go's `%v`; [`Value::Missing`] as a template prints it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("<nil>"),
            Self::Missing => f.write_str("<no value>"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) | Self::Int64(value) => write!(f, "{value}"),
            Self::Float(value) => write_float(f, *value),
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => f.write_str(&time.to_string()),
            Self::Version(version) => write!(f, "{version}"),
            Self::List(list) => {
                f.write_char('[')?;
                for (at, item) in list.items.iter().enumerate() {
                    let space = if at > 0 { " " } else { "" };
                    write!(f, "{space}{item}")?;
                }
                f.write_char(']')
            }
            Self::Map(map) => {
                f.write_str("map[")?;
                for (at, (key, value)) in map.entries.iter().enumerate() {
                    let space = if at > 0 { " " } else { "" };
                    write!(f, "{space}{key}:{value}")?;
                }
                f.write_char(']')
            }
        }
    }
}
