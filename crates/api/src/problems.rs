//! What is wrong with objects, found by the object.

use std::collections::HashMap;

use ferroway_config::encode::secret::in_words;
use ferroway_config::{Problem, Severity, Span};

use crate::entry::{Status, Told};

/// Problems by the path of their object.
pub(crate) struct Problems<'a>(HashMap<&'a str, Vec<&'a Problem>>);

/// An object that something may be wrong with.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Where objects of its kind stand (`http.routers`).
    pub(crate) section: &'a str,
    /// What messages call it.
    pub(crate) kind: &'a str,
    /// Its name without the provider.
    pub(crate) local: &'a str,
    /// Its full name, with which messages begin.
    pub(crate) name: &'a str,
    /// Where it is defined.
    pub(crate) origin: &'a Span,
}

impl<'a> Problems<'a> {
    pub(crate) fn of(problems: impl Iterator<Item = &'a Problem>) -> Self {
        let mut by_path: HashMap<&str, Vec<&Problem>> = HashMap::new();
        for problem in problems {
            by_path.entry(&problem.path).or_default().push(problem);
        }
        Self(by_path)
    }

    /// What is wrong with an object.
    pub(crate) fn about(&self, subject: Subject<'_>) -> Found {
        let mut found = Found::default();
        if self.0.is_empty() {
            return found;
        }
        let path = format!("{}.{}", subject.section, subject.local);
        let Some(all) = self.0.get(path.as_str()) else { return found };
        let begin = format!("{} {}: ", subject.kind, subject.name);
        for problem in all.iter().filter(|problem| problem.span == *subject.origin) {
            let words = problem.message.strip_prefix(&begin).unwrap_or(&problem.message);
            found.add(problem.severity, words, &problem.span);
        }
        found
    }
}

/// What is wrong with an object, and what follows for it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) status: Status,
    /// What Traefik would say something of, in words.
    pub(crate) words: Vec<String>,
    /// Everything, with its place.
    pub(crate) told: Vec<Told>,
}

impl Found {
    pub(crate) fn add(&mut self, severity: Severity, words: &str, place: &Span) {
        // Messages quote what was configured.
        let words = in_words(words).into_owned();
        if self.told.iter().any(|known| known.words == words) {
            return;
        }
        let status = match severity {
            Severity::Error => Status::Disabled,
            Severity::Warning => Status::Warning,
            Severity::Advice => Status::Enabled,
        };
        if severity != Severity::Advice {
            self.words.push(words.clone());
        }
        self.status = self.status.max(status);
        self.told.push(Told { severity, words, place: place.clone() });
    }
}
