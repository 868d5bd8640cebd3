//! From trees to typed options, by one description of every option.
//!
//! The `config!` macro writes a section (a struct of options) down once: type, Traefik's name, default,
//! documentation and marks. From that come [`Decode`] (used for files, flags, environment, labels, stores), the
//! reference of all options ([`walk`]) and the check whether a value differs from its default.
//!
//! What holds for every source: names are compared without case; `null` is "not set"; a section that is present
//! starts from its defaults; all problems are collected, each with its place.

mod collections;
mod macros;
mod scalars;
mod schema;
mod section;
mod suggest;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes public structs")]
mod tests;

use std::fmt;

pub use collections::FreeForm;
pub(crate) use macros::config;
pub use scalars::{FileOrContent, Mismatch};
pub use schema::{Field, Legacy, Marks, Old, Section, Shape, Visit, walk};
pub(crate) use section::{means_defaults, members, unknown_option};
use suggest::nearest;

use crate::node::{Entry, Node};
use crate::problem::{Problem, ProblemKind};
use crate::source::Span;

/// A type that configuration decodes into.
pub trait Decode: Sized {
    /// What the type looks like in a source.
    const SHAPE: Shape;

    /// Whether a value that cannot be decoded is set aside as [`Broken`] instead of failing what holds it.
    const FAILS_ALONE: bool = false;

    /// Decodes a node that is not `null`. On `None`, at least one error was reported to `cx`.
    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self>;

    /// The value of a text item of a list, for types that are written as text.
    fn from_text(_text: &str) -> Option<Result<Self, Mismatch>> {
        None
    }

    /// The value in the text form that flags use, for the reference; durations in seconds.
    fn show(&self) -> String {
        String::new()
    }
}

/// One step of an option's path.
#[derive(Clone, Copy, Debug)]
enum Step<'n> {
    Name(&'n str),
    Index(usize),
}

/// A named object that could not be decoded. The objects around it are not affected.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// The path of the map that holds it, for example `http.routers`.
    pub section: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub origin: Span,
    /// What is wrong with it; at least one error.
    pub problems: Vec<Problem>,
}

/// Where decoding stands, and what it found wrong so far.
#[derive(Debug, Default)]
pub struct Context<'n> {
    path: Vec<Step<'n>>,
    problems: Vec<Problem>,
    errors: usize,
    broken: Vec<Broken>,
    key: Option<&'n Span>,
    planned_is_fine: bool,
}

impl<'n> Context<'n> {
    /// A context at the root of a document.
    pub fn new() -> Self {
        Self::default()
    }

    /// A context at `path`, for a part of a document.
    pub fn at(path: &[&'n str]) -> Self {
        Self { path: path.iter().map(|name| Step::Name(name)).collect(), ..Self::default() }
    }

    /// Takes options that ferroway does not have yet without complaint, to check what they say.
    #[must_use]
    pub fn with_planned(mut self) -> Self {
        self.planned_is_fine = true;
        self
    }

    /// What was found and what was set aside: problems outside of broken objects, in the order of the source.
    pub fn finish(self) -> (Vec<Problem>, Vec<Broken>) {
        (self.problems, self.broken)
    }

    /// Number of errors (not warnings) outside of broken objects so far.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// The path of the option that is being decoded.
    pub fn path(&self) -> String {
        struct Shown<'a, 'n>(&'a [Step<'n>]);
        impl fmt::Display for Shown<'_, '_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (i, step) in self.0.iter().enumerate() {
                    match step {
                        Step::Name(name) if i == 0 => f.write_str(name)?,
                        Step::Name(name) => write!(f, ".{name}")?,
                        Step::Index(index) => write!(f, "[{index}]")?,
                    }
                }
                Ok(())
            }
        }
        Shown(&self.path).to_string()
    }

    /// Decodes a child below `name`.
    pub fn enter<T>(&mut self, name: &'n str, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.step(Step::Name(name), decode)
    }

    /// Decodes the value of a map's entry.
    fn enter_entry<T>(&mut self, entry: &'n Entry, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.key = Some(&entry.key_span);
        self.enter(&entry.key, decode)
    }

    /// Decodes an object that may fail alone: gives its value and the place of its name.
    pub(crate) fn object<T: Decode>(&mut self, node: &'n Node) -> Option<(T, Span)> {
        let origin = self.key.take().unwrap_or(&node.span).clone();
        let (reported, errors) = (self.problems.len(), self.errors);
        if let Some(value) = T::decode(node, self) {
            return Some((value, origin));
        }
        let problems = self.problems.split_off(reported);
        self.errors = errors;
        let Some(Step::Name(name)) = self.path.pop() else { return None };
        let section = self.path();
        self.path.push(Step::Name(name));
        self.broken.push(Broken { section, name: name.to_owned(), origin, problems });
        None
    }

    fn step<T>(&mut self, step: Step<'n>, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let value = decode(self);
        self.path.pop();
        value
    }

    /// Reports a problem.
    pub fn report(&mut self, problem: Problem) {
        self.errors += usize::from(problem.is_error());
        self.problems.push(problem);
    }

    /// Reports an error at the current path.
    pub fn error(&mut self, kind: ProblemKind, span: &Span, message: impl Into<String>) {
        self.report(Problem::error(kind, span.clone(), self.path(), message));
    }

    /// Reports that `node` is not what the current option needs. Always gives `None`.
    pub fn expected<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        let path = self.path();
        let place = if path.is_empty() { "the document" } else { &path };
        let message = format!("invalid value for {place}: expected {expected}, found {}", node.describe());
        self.report(Problem::error(ProblemKind::BadValue, node.span.clone(), path, message));
        None
    }
}
