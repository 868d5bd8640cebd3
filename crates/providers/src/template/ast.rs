//! The syntax tree of a template. Places are byte offsets of the source.

use std::collections::HashMap;

use super::funcs::Func;
use super::value::Value;

/// A parsed file: its own body and the templates that it defines.
pub(super) struct Parsed<'a> {
    pub(super) body: Vec<Node<'a>>,
    pub(super) templates: HashMap<String, Vec<Node<'a>>>,
}

pub(super) enum Node<'a> {
    Text(&'a str),
    /// Prints the pipeline's value, unless it declares variables.
    Action(Pipeline<'a>),
    If(Branch<'a>),
    With(Branch<'a>),
    Range(Branch<'a>),
    Template {
        at: usize,
        name: String,
        argument: Option<Pipeline<'a>>,
    },
    Break,
    Continue,
}

/// A condition or collection with the two bodies that depend on it.
pub(super) struct Branch<'a> {
    pub(super) pipeline: Pipeline<'a>,
    pub(super) then: Vec<Node<'a>>,
    pub(super) otherwise: Vec<Node<'a>>,
}

/// Commands, each of which gets the value of the one before as its last argument.
pub(super) struct Pipeline<'a> {
    /// The variables that receive the value.
    pub(super) variables: Vec<&'a str>,
    /// The variables exist already (`=`), or are new (`:=`).
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command<'a>>,
}

/// What is evaluated or called, and the arguments.
pub(super) struct Command<'a> {
    pub(super) first: Operand<'a>,
    pub(super) arguments: Vec<Operand<'a>>,
}

pub(super) struct Operand<'a> {
    pub(super) at: usize,
    pub(super) kind: OperandKind<'a>,
    /// The fields that are looked up in it, `.a.b`.
    pub(super) fields: Vec<&'a str>,
}

pub(super) enum OperandKind<'a> {
    Dot,
    Nil,
    Variable(&'a str),
    Constant(Value),
    Function(Callee<'a>),
    Parenthesized(Box<Pipeline<'a>>),
}

/// A function by its name.
#[derive(Clone, Copy)]
pub(super) struct Callee<'a> {
    pub(super) name: &'a str,
    pub(super) func: Func,
    pub(super) style: Style,
}

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// `and`: arguments behind the first false one are not evaluated.
    And,
    /// `or`: arguments behind the first true one are not evaluated.
    Or,
    /// Changes its first argument.
    Mutator,
}
