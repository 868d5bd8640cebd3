//! The file of the static configuration: which one, and what is in it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};

use super::ReadFile;
use crate::format::Format;
use crate::node::{Node, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};
use crate::static_config::Static;

/// Finds and reads the file: the wanted one, else the first of the usual places. Gives its path and content.
pub(super) fn find(
    wanted: Option<(String, Span)>,
    env: &BTreeMap<String, String>,
    read: ReadFile<'_>,
    problems: &mut Vec<Problem>,
) -> (Option<String>, Option<Node>) {
    let usual = usual_places(env);
    let (wanted, said) = wanted.filter(|(path, _)| !path.is_empty()).unzip();
    for path in wanted.iter().chain(&usual) {
        match read(path) {
            Ok(text) => return (Some(path.clone()), content(path, text, problems)),
            Err(error) if is_absent(&error) => {
                if let (Some(wanted), Some(said)) = (&wanted, &said)
                    && wanted == path
                {
                    let message =
                        format!("the file {path} does not exist; the usual places are tried instead");
                    problems.push(Problem::warning(ProblemKind::Semantic, said.clone(), "", message));
                }
            }
            Err(error) => {
                let span = Span::whole(&Source::file(path.as_str(), ""));
                problems.push(Problem::error(ProblemKind::Syntax, span, "", format!("cannot read: {error}")));
                return (Some(path.clone()), None);
            }
        }
    }
    (None, None)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

fn usual_places(env: &BTreeMap<String, String>) -> Vec<String> {
    let variable = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let folders = [
        Some("/etc/traefik".to_owned()),
        variable("XDG_CONFIG_HOME").cloned(),
        variable("HOME").map(|home| format!("{home}/.config")),
        Some(".".to_owned()),
    ];
    let files =
        |folder: String| ["toml", "yaml", "yml"].map(|extension| format!("{folder}/traefik.{extension}"));
    folders.into_iter().flatten().flat_map(files).collect()
}

fn content(path: &str, text: String, problems: &mut Vec<Problem>) -> Option<Node> {
    let source = Source::file(path, text);
    let refuse = |message: &str| Problem::error(ProblemKind::Syntax, Span::whole(&source), "", message);
    let Some(format) = Format::of_file_name(path) else {
        problems.push(refuse("unsupported file extension (expected .yml, .yaml or .toml)"));
        return None;
    };
    let node = match format.load(&source) {
        Ok(node) => node,
        Err(errors) => {
            problems.extend(errors);
            return None;
        }
    };
    match &node.value {
        Value::Null => problems.push(refuse("no configuration found in file")),
        Value::Map(map) => {
            let section = Static::SECTION;
            let is_ours = |key: &str| section.field(key).is_some() || section.legacy(key).is_some();
            if !map.entries.iter().any(|entry| is_ours(&entry.key) && entry.value.value != Value::Null) {
                problems.push(refuse("no valid configuration found in file"));
            }
        }
        _ => {
            let message = format!("expected a map of options, found {}", node.describe());
            problems.push(Problem::error(ProblemKind::Syntax, node.span.clone(), "", message));
            return None;
        }
    }
    Some(node)
}
