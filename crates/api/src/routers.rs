//! What routers of all protocols have in common here.

use std::collections::BTreeMap;

use ferroway_config::Span;
use ferroway_config::encode::Object;

use crate::entry::Entry;
use crate::problems::Found;

/// A router that is to be shown.
pub(crate) struct Shown<'a> {
    pub(crate) name: String,
    pub(crate) rule: &'a str,
    pub(crate) service: &'a str,
    pub(crate) middlewares: Vec<String>,
    pub(crate) priority: i64,
    /// As configured, or the default ones.
    pub(crate) entry_points: &'a [String],
    /// Those that there are.
    pub(crate) using: Vec<String>,
    pub(crate) found: Found,
    pub(crate) origin: &'a Span,
    /// The place of its provider when priorities are equal.
    pub(crate) rank: u32,
    /// Whether lists show the priority as text.
    pub(crate) has_priority: bool,
}

/// Where lists add the default TLS options to what is configured, if they do.
pub(crate) type OptionsAt = Option<usize>;

impl Shown<'_> {
    /// Makes the entry; `config` writes what is configured.
    pub(crate) fn entry(self, config: impl FnOnce(&mut Object<'_>, &Self) -> OptionsAt) -> Entry {
        let mut members = Vec::with_capacity(256);
        let mut object = Object::resume(&mut members, true);
        let options_at = config(&mut object, &self);
        object.texts("error", &self.found.words);
        object.text("status", self.found.status.as_str());
        object.texts("using", &self.using);
        let mut entry = Entry {
            status: self.found.status,
            kind: Box::default(),
            rule: self.rule.into(),
            service: self.service.into(),
            middlewares: self.middlewares.into(),
            priority: self.priority,
            count: self.entry_points.len(),
            links: self.using.into(),
            told: self.found.told.into(),
            origin: Some(self.origin.clone()),
            rank: self.rank,
            members,
            options_at,
            more: Vec::new(),
            is_reached: false,
            name: self.name.into(),
        };
        let mut more = Vec::new();
        let mut object = Object::resume(&mut more, true);
        object.text("name", &entry.name);
        object.text("provider", entry.provider());
        if self.has_priority {
            object.text("priorityStr", itoa::Buffer::new().format(entry.priority));
        }
        entry.more = more;
        entry
    }
}

/// The entry points of a list that there are, sorted, each once.
pub(crate) fn using(names: &[String], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut using: Vec<String> = names.iter().filter(|name| exists(name)).cloned().collect();
    using.sort();
    using.dedup();
    using
}

/// Who refers to an object, by the object's full name.
pub(crate) type Users = BTreeMap<String, Vec<String>>;

/// Notes that a router refers to an object. Like Traefik, it is noted as often as it does.
pub(crate) fn note(users: &mut Users, object: String, router: &str) {
    users.entry(object).or_default().push(router.to_owned());
}

/// The priority that is shown: a rule that cannot be understood counts with its length, as in Traefik.
pub(crate) fn shown_priority(planned: i64, configured: i64, rule: &str, is_understood: bool) -> i64 {
    match (configured, is_understood) {
        (0, false) => i64::try_from(rule.len()).unwrap_or(i64::MAX),
        (0, true) => planned,
        (configured, _) => configured,
    }
}

/// An object that routers refer to.
pub(crate) struct Referred<'a> {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// The number of its servers.
    pub(crate) count: usize,
    pub(crate) found: Found,
    pub(crate) used_by: Vec<String>,
    pub(crate) origin: Option<&'a Span>,
    pub(crate) is_reached: bool,
}

impl Referred<'_> {
    /// Makes the entry; `config` writes what is configured.
    pub(crate) fn entry(mut self, config: impl FnOnce(&mut Object<'_>)) -> Entry {
        self.used_by.sort();
        let mut members = Vec::with_capacity(256);
        let mut object = Object::resume(&mut members, true);
        config(&mut object);
        object.texts("error", &self.found.words);
        object.text("status", self.found.status.as_str());
        object.texts("usedBy", &self.used_by);
        let mut entry = Entry {
            name: self.name.into(),
            status: self.found.status,
            kind: self.kind.into(),
            rule: Box::default(),
            service: Box::default(),
            middlewares: Box::default(),
            priority: 0,
            count: self.count,
            links: self.used_by.into(),
            told: self.found.told.into(),
            origin: self.origin.cloned(),
            rank: 0,
            members,
            options_at: None,
            more: Vec::new(),
            is_reached: self.is_reached,
        };
        let mut more = Vec::new();
        let mut object = Object::resume(&mut more, true);
        object.text("name", &entry.name);
        object.text("provider", entry.provider());
        object.text("type", &entry.kind);
        entry.more = more;
        entry
    }
}
