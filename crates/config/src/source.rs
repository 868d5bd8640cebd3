//! Where a piece of configuration came from: a file, a flag, an environment variable, a label, a key.
//!
//! Every [`Node`](crate::Node) carries a [`Span`], so that every message can name its place.

use std::fmt;
use std::sync::Arc;

/// What kind of place a configuration text was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A file; the source's name is its path and lines and columns are meaningful.
    File,
    /// A command-line flag; the name is the flag as the user typed it.
    Flag,
    /// An environment variable; the name is the variable.
    Environment,
    /// Anything else that a provider reads (a container label, a key of a store); the name says which.
    Other,
}

/// A named piece of configuration text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// What the name names.
    pub origin: Origin,
    /// File path, flag, variable, label or key.
    pub name: String,
    /// The whole text of a file, kept for error messages; empty for everything else.
    pub text: Arc<str>,
}

impl Source {
    /// A file with its path and text.
    pub fn file(path: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self { origin: Origin::File, name: path.into(), text: text.into() })
    }

    /// A command-line flag, named as typed.
    pub fn flag(name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { origin: Origin::Flag, name: name.into(), text: Arc::from("") })
    }

    /// An environment variable.
    pub fn environment(name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { origin: Origin::Environment, name: name.into(), text: Arc::from("") })
    }

    /// Another place, described by `name` (for example `label traefik.enable of container web`).
    pub fn other(name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { origin: Origin::Other, name: name.into(), text: Arc::from("") })
    }

    /// The text of a line (counted from 1) without its line break, if the source has text.
    pub fn line(&self, line: u32) -> Option<&str> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        self.text.lines().nth(index)
    }
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The source.
    pub source: Arc<Source>,
    /// Line, counted from 1; 0 where the source has no lines (flags, variables, labels).
    pub line: u32,
    /// Column in characters, counted from 1; 0 where the source has no lines.
    pub column: u32,
}

impl Span {
    /// The place of a whole source: line 0, column 0.
    pub fn whole(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), line: 0, column: 0 }
    }

    /// A line and column of a source, both counted from 1.
    pub fn at(source: &Arc<Source>, line: u32, column: u32) -> Self {
        Self { source: Arc::clone(source), line, column }
    }
}

/// `path:line:column` for files, `flag --x`, `environment variable X`, else the source's name.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.source.name;
        match self.source.origin {
            Origin::File if self.line == 0 => f.write_str(name),
            Origin::File => write!(f, "{name}:{}:{}", self.line, self.column),
            Origin::Flag => write!(f, "flag {name}"),
            Origin::Environment => write!(f, "environment variable {name}"),
            Origin::Other => f.write_str(name),
        }
    }
}
