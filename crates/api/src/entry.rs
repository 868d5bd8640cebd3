//! One object as the API shows it.

/// How an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing keeps it from running, and all is well.
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
    /// What is wrong, in words.
    pub errors: Box<[String]>,
    /// Where it is defined.
    pub origin: Box<str>,
    /// Its members as `/api/rawdata` shows them, without braces.
    pub(crate) members: Vec<u8>,
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
