//! Environment variables: `TRAEFIK_` or `FERROWAY_` and the path of an option, joined by `_`, in upper case.

use std::collections::BTreeMap;

use super::draft::{Draft, Lost, locate, split_indices};
use crate::decode::{Shape, unknown_option};
use crate::node::{Node, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};
use crate::static_config::Static;

/// The prefixes; where both set an option, the last wins.
const PREFIXES: [&str; 2] = ["TRAEFIK_", "FERROWAY_"];
/// Variables that are no options.
const RESERVED: [&str; 1] = ["FERROWAY_WORKERS"];

/// What the environment says.
pub(super) struct Variables {
    /// `…_CONFIGFILE`, with where it was said.
    pub(super) config_file: Option<(String, Span)>,
    /// Everything else; null if there is nothing else.
    pub(super) node: Node,
}

/// Reads the environment; problems go to `problems`. A variable whose first name is no option is none of ours
/// (Kubernetes itself sets some with our prefix).
pub(super) fn parse(env: &BTreeMap<String, String>, problems: &mut Vec<Problem>) -> Variables {
    let mut draft = Draft::default();
    let mut config_file = None;
    for prefix in PREFIXES {
        for (name, value) in env.range(prefix.to_owned()..) {
            let Some(option) = name.strip_prefix(prefix) else { break };
            if RESERVED.contains(&name.as_str()) {
                continue;
            }
            let span = Span::whole(&Source::environment(name.as_str()));
            if option == "CONFIGFILE" {
                config_file = Some((value.clone(), span));
                continue;
            }
            let option = option.to_ascii_lowercase();
            let path: Vec<String> = option.split('_').flat_map(split_indices).collect();
            let root = Static::SECTION;
            if root.field(&path[0]).is_none() && root.legacy(&path[0]).is_none() {
                continue;
            }
            let malformed = |message: String| Problem::error(ProblemKind::Syntax, span.clone(), "", message);
            if path.iter().any(String::is_empty) {
                problems.push(malformed("two underscores follow each other, or one is last".to_owned()));
                continue;
            }
            match locate(path, root) {
                Ok(found) => draft.set(&found.path, value.clone(), &span),
                Err(Lost::Unknown { name, section, path }) => {
                    problems.push(unknown_option(&name, span, path, section));
                }
                Err(Lost::Leaf) => problems.push(malformed("the option has nothing below it".to_owned())),
            }
        }
    }
    let span = Span::whole(&Source::other("environment"));
    let mut node = draft.into_node(Shape::Section(Static::SECTION), &span);
    if node.is_empty_collection() {
        node.value = Value::Null;
    }
    Variables { config_file, node }
}
