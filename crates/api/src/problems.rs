//! What is wrong with objects, found by the object.

use std::collections::HashMap;

use ferroway_config::{Problem, Severity, Span};

use crate::entry::Status;

/// Problems by the path of their object.
pub(crate) struct Problems<'a>(HashMap<&'a str, Vec<&'a Problem>>);

impl<'a> Problems<'a> {
    pub(crate) fn of(problems: impl Iterator<Item = &'a Problem>) -> Self {
        let mut by_path: HashMap<&str, Vec<&Problem>> = HashMap::new();
        for problem in problems {
            by_path.entry(&problem.path).or_default().push(problem);
        }
        Self(by_path)
    }

    /// What is wrong with the object `local` of a section that is defined at `origin`, in words. `kind` is what
    /// messages call it, `name` its full name, with which they begin.
    pub(crate) fn about(&self, section: &str, local: &str, origin: &Span, kind: &str, name: &str) -> Found {
        let mut found = Found { status: Status::Enabled, words: Vec::new() };
        if self.0.is_empty() {
            return found;
        }
        let Some(all) = self.0.get(format!("{section}.{local}").as_str()) else { return found };
        let begin = format!("{kind} {name}: ");
        for problem in all.iter().filter(|problem| problem.span == *origin) {
            let words = problem.message.strip_prefix(&begin).unwrap_or(&problem.message);
            found.add(problem.severity, words);
        }
        found
    }
}

/// What is wrong with an object, and what follows for it.
pub(crate) struct Found {
    pub(crate) status: Status,
    pub(crate) words: Vec<String>,
}

impl Found {
    pub(crate) fn add(&mut self, severity: Severity, words: &str) {
        if self.words.iter().any(|known| known == words) {
            return;
        }
        self.words.push(words.to_owned());
        self.status = self.status.max(match severity {
            Severity::Error => Status::Disabled,
            Severity::Warning => Status::Warning,
        });
    }
}
