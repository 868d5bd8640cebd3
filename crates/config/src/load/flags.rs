//! Command-line flags: `--a.b.c=v` or `--a.b.c v`, with one or two dashes, in any case.

use super::draft::{Draft, Found, Lost, locate, split_indices};
use crate::decode::{Section, Shape, unknown_option};
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
    const ROOT: &Section = Static::SECTION;
    let mut draft = Draft::default();
    let mut config_file = None;
    let mut args = args.iter().map(String::as_str).peekable();
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        }
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else {
            problems.push(bad(arg, format!("unexpected argument {arg:?} (expected --option=value)")));
            continue;
        };
        let (name, inline) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        };
        let typed = &arg[..arg.len() - flag.len() + name.len()];
        if name.is_empty() || name.starts_with('-') || name.split('.').any(str::is_empty) {
            let message = format!("bad flag syntax: {arg} (expected --option=value)");
            problems.push(bad(typed, message));
            continue;
        }
        let span = Span::whole(&Source::flag(typed));
        let mut value_or = |optional: bool, problems: &mut Vec<Problem>| match inline {
            Some(value) => Some(value.to_owned()),
            None if optional => Some("true".to_owned()),
            None => {
                let value = args.next_if(|next| !is_flag(next)).map(str::to_owned);
                if value.is_none() {
                    problems.push(bad(typed, format!("the flag {typed} needs a value")));
                }
                value
            }
        };
        if name.eq_ignore_ascii_case("configFile") {
            config_file = value_or(false, problems).map(|path| (path, span)).or(config_file);
            continue;
        }
        let path: Vec<String> = name.split('.').flat_map(split_indices).collect();
        match locate(path, ROOT) {
            Ok(Found { path, shape }) => {
                let optional = matches!(shape, None | Some(Shape::Bool | Shape::Section(_)));
                match value_or(optional, problems) {
                    Some(value) if matches!(shape, Some(Shape::List(_))) => draft.append(&path, value, &span),
                    Some(value) => draft.set(&path, value, &span),
                    None => {}
                }
            }
            Err(lost) => {
                if inline.is_none() {
                    args.next_if(|next| !is_flag(next));
                }
                problems.push(match lost {
                    Lost::Unknown { name, section, path } => unknown_option(&name, span, path, section),
                    Lost::Leaf => bad(typed, format!("the option of the flag {typed} has nothing below it")),
                });
            }
        }
    }
    let span = Span::whole(&Source::other("flags"));
    let mut node = draft.into_node(Shape::Section(ROOT), &span);
    if node.is_empty_collection() {
        node.value = Value::Null;
    }
    Flags { config_file, node }
}

fn is_flag(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with('-') && !arg[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn bad(typed: &str, message: String) -> Problem {
    Problem::error(ProblemKind::Syntax, Span::whole(&Source::flag(typed)), "", message)
}
