//! Command-line flags: `--a.b.c=v` or `--a.b.c v`, with one or two dashes, in any case.

use std::iter::Peekable;
use std::slice::Iter;

use super::draft::{Draft, Found, Lost, locate, split_indices};
use crate::decode::{Shape, unknown_option};
use crate::node::{Node, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};
use crate::static_config::Static;

/// What the flags say.
pub(super) struct Flags {
    /// `--configFile`, with where it was said.
    pub(super) config_file: Option<(String, Span)>,
    /// Everything else; null if there is nothing else.
    pub(super) node: Node,
}

/// Reads flags; problems with their form go to `problems`.
pub(super) fn parse(args: &[String], problems: &mut Vec<Problem>) -> Flags {
    let mut reader =
        Reader { args: args.iter().peekable(), draft: Draft::default(), config_file: None, problems };
    while let Some(arg) = reader.args.next().filter(|arg| *arg != "--") {
        reader.argument(arg);
    }
    let span = Span::whole(&Source::other("flags"));
    let mut node = reader.draft.into_node(Shape::Section(Static::SECTION), &span);
    if node.is_empty_collection() {
        node.value = Value::Null;
    }
    Flags { config_file: reader.config_file, node }
}

struct Reader<'a, 'p> {
    args: Peekable<Iter<'a, String>>,
    draft: Draft,
    config_file: Option<(String, Span)>,
    problems: &'p mut Vec<Problem>,
}

/// A flag as typed, with its value if one was typed to it.
struct Flag<'a> {
    typed: &'a str,
    value: Option<&'a str>,
}

impl Reader<'_, '_> {
    fn argument(&mut self, arg: &str) {
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else {
            return self.bad(arg, format!("unexpected argument {arg:?} (expected --option=value)"));
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        };
        let flag = Flag { typed: &arg[..arg.len() - flag.len() + name.len()], value };
        if name.is_empty() || name.starts_with('-') || name.split('.').any(str::is_empty) {
            return self.bad(flag.typed, format!("bad flag syntax: {arg} (expected --option=value)"));
        }
        let span = Span::whole(&Source::flag(flag.typed));
        if name.eq_ignore_ascii_case("configFile") {
            if let Some(path) = self.value(&flag) {
                self.config_file = Some((path, span));
            }
            return;
        }
        self.option(name.split('.').flat_map(split_indices).collect(), &flag, span);
    }

    fn option(&mut self, path: Vec<String>, flag: &Flag<'_>, span: Span) {
        match locate(path, Static::SECTION) {
            Ok(Found { path, shape }) => {
                let needs_value = !matches!(shape, None | Some(Shape::Bool | Shape::Section(_)));
                let value = match flag.value {
                    None if !needs_value => Some("true".to_owned()),
                    _ => self.value(flag),
                };
                match value {
                    Some(value) if matches!(shape, Some(Shape::List(_))) => {
                        self.draft.append(&path, value, &span)
                    }
                    Some(value) => self.draft.set(&path, value, &span),
                    None => {}
                }
            }
            Err(lost) => {
                if flag.value.is_none() {
                    // What follows is its value more likely than a mistake of its own.
                    self.args.next_if(|next| !is_flag(next));
                }
                match lost {
                    Lost::Unknown { name, section, path } => {
                        self.problems.push(unknown_option(&name, span, path, section));
                    }
                    Lost::Leaf => {
                        let typed = flag.typed;
                        self.bad(typed, format!("the option of the flag {typed} has nothing below it"));
                    }
                }
            }
        }
    }

    /// The value of a flag that needs one: typed to it, or the next argument.
    fn value(&mut self, flag: &Flag<'_>) -> Option<String> {
        let value = match flag.value {
            Some(value) => Some(value.to_owned()),
            None => self.args.next_if(|next| !is_flag(next)).cloned(),
        };
        if value.is_none() {
            self.bad(flag.typed, format!("the flag {} needs a value", flag.typed));
        }
        value
    }

    fn bad(&mut self, typed: &str, message: String) {
        let span = Span::whole(&Source::flag(typed));
        self.problems.push(Problem::error(ProblemKind::Syntax, span, "", message));
    }
}

/// Whether an argument is a flag; a negative number is none.
fn is_flag(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with('-') && !arg[1..].starts_with(|c: char| c.is_ascii_digit())
}
