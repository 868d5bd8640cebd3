//! One object as the API shows it.

use ferroway_config::encode::{Object, list, string};
use ferroway_config::{Origin, Severity, Span};

/// How an object is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing keeps it from running, and all is well.
    #[default]
    Enabled,
    /// It runs, but its owner should know something.
    Warning,
    /// It does not run.
    Disabled,
}

impl Status {
    /// Traefik's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Warning => "warning",
            Self::Disabled => "disabled",
        }
    }
}

/// Something that is to be said of an object.
#[derive(Debug)]
pub struct Told {
    /// How bad it is.
    pub severity: Severity,
    /// What, in words, without secrets.
    pub words: String,
    /// Where.
    pub place: Span,
}

/// One object as the API shows it: what lists are filtered and sorted by, and its JSON.
#[derive(Debug)]
pub struct Entry {
    /// `name@provider`.
    pub name: Box<str>,
    /// How it is.
    pub status: Status,
    /// Its kind in lower case; empty for routers and for services of ferroway itself.
    pub kind: Box<str>,
    /// The rule of a router.
    pub rule: Box<str>,
    /// The service of a router, as configured.
    pub service: Box<str>,
    /// The middlewares of a router, by full names.
    pub middlewares: Box<[String]>,
    /// The priority of a router.
    pub priority: i64,
    /// The number of a router's entry points as configured, or of a service's servers.
    pub count: usize,
    /// Who uses it, or what it uses: `using` of a router, `usedBy` of the others.
    pub links: Box<[String]>,
    /// What is to be said of it.
    pub told: Box<[Told]>,
    /// Where it is defined; ferroway's own objects are not.
    pub origin: Option<Span>,
    /// What decides between routers of equal priority: the place of their provider; smaller ones are asked first.
    pub rank: u32,
    /// Its members as `/api/rawdata` shows them, without braces.
    pub(crate) members: Vec<u8>,
    /// Where lists add the default TLS options to the members.
    pub(crate) options_at: Option<usize>,
    /// What lists add to them.
    pub(crate) more: Vec<u8>,
    /// Whether a router leads to it: only then Traefik knows whether servers are up.
    pub(crate) is_reached: bool,
}

impl Entry {
    /// The part behind the first `@`, as Traefik takes it.
    pub fn provider(&self) -> &str {
        self.name.split('@').nth(1).unwrap_or_default()
    }
}

/// How objects are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// As in lists and alone, else as `/api/rawdata` has it.
    pub(crate) is_listed: bool,
    /// With what Traefik does not have: `origin` and `problems`.
    pub(crate) has_details: bool,
}

impl Entry {
    /// Writes what does not change with the state of servers.
    pub(crate) fn write(&self, object: &mut Object<'_>, form: Form) {
        match self.options_at.filter(|_| form.is_listed) {
            None => object.members(&self.members),
            Some(at) => {
                let (before, after) = self.members.split_at(at);
                let comma: &[u8] = if after.starts_with(b"}") { b"" } else { b"," };
                object.members(&[before, b"\"options\":\"default\"", comma, after].concat());
            }
        }
        if form.is_listed {
            object.members(&self.more);
        }
        if form.has_details {
            self.write_details(object);
        }
    }

    fn write_details(&self, object: &mut Object<'_>) {
        if let Some(origin) = &self.origin {
            object.with("origin", |out| {
                let mut object = Object::begin(out);
                place(&mut object, origin);
                object.end();
            });
        }
        if !self.told.is_empty() {
            object.with("problems", |out| {
                list(out, &self.told, |out, told| {
                    let mut object = Object::begin(out);
                    object.text("severity", severity(told.severity));
                    object.with("message", |out| string(out, &told.words));
                    place(&mut object, &told.place);
                    object.end();
                });
            });
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Advice => "advice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn place(object: &mut Object<'_>, place: &Span) {
    let is_file = place.source.origin == Origin::File;
    object.text(if is_file { "file" } else { "source" }, &place.source.name);
    if place.line > 0 {
        object.number("line", i64::from(place.line));
    }
}
