//! The matchers of HTTP rules (specification sections 2.2 and 2.5).
//!
//! To add one: a file here, its `mod` line, and its entry in [`MATCHERS`].

mod arguments;
pub(crate) mod client_ip;
mod combined;
mod header;
mod header_regexp;
mod host;
mod host_regexp;
mod method;
mod path;
mod path_prefix;
mod path_regexp;
mod query;
mod query_regexp;
pub(crate) mod template;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use ferroway_rules::{RuleError, Signature, Syntax, Vocabulary};

use crate::RequestView;
use crate::key::Key;
pub(crate) use arguments::Arguments;

/// A condition on a request.
pub(crate) trait Matcher: fmt::Debug + Send + Sync {
    /// Whether the request fulfils the condition.
    fn matches(&self, request: &RequestView<'_>) -> bool;

    /// Keys of which a request has at least one whenever the matcher matches; `None` when there are no such
    /// keys.
    ///
    /// With no key in the list no request can match.
    fn keys(&self) -> Option<Vec<Key>> {
        None
    }
}

/// What a constructor gives.
pub(crate) type Built = Result<Box<dyn Matcher>, RuleError>;

/// The constructor of a matcher.
pub(crate) type Build = fn(&mut Arguments<'_>) -> Built;

/// A matcher as rules call it.
pub(crate) struct Kind {
    signature: Signature,
    /// Makes the matcher of a call with as many arguments as the signature says, none of them empty.
    pub(crate) build: Build,
}

impl Kind {
    /// The name as documented.
    pub(crate) fn name(&self) -> &'static str {
        self.signature.name
    }
}

const fn v3(name: &'static str, arguments: RangeInclusive<usize>, usage: &'static str, build: Build) -> Kind {
    Kind { signature: Signature { name, syntax: Syntax::V3, arguments, usage }, build }
}

const fn v2(name: &'static str, arguments: RangeInclusive<usize>, usage: &'static str, build: Build) -> Kind {
    Kind { signature: Signature { name, syntax: Syntax::V2, arguments, usage }, build }
}

const ANY: usize = usize::MAX;

/// Every matcher: name, number of arguments, an example, constructor.
pub(crate) static MATCHERS: [Kind; 21] = [
    v3("ClientIP", 1..=1, "ClientIP(`10.0.0.0/8`)", client_ip::build),
    v3("Header", 2..=2, "Header(`name`, `value`)", header::build),
    v3("HeaderRegexp", 2..=2, "HeaderRegexp(`name`, `^regexp$`)", header_regexp::build),
    v3("Host", 1..=1, "Host(`example.com`)", host::build),
    v3("HostRegexp", 1..=1, "HostRegexp(`^regexp$`)", host_regexp::build),
    v3("Method", 1..=1, "Method(`GET`)", method::build),
    v3("Path", 1..=1, "Path(`/path`)", path::build),
    v3("PathPrefix", 1..=1, "PathPrefix(`/path`)", path_prefix::build),
    v3("PathRegexp", 1..=1, "PathRegexp(`^/regexp$`)", path_regexp::build),
    v3("Query", 1..=2, "Query(`key`, `value`)", query::build),
    v3("QueryRegexp", 1..=2, "QueryRegexp(`key`, `^regexp$`)", query_regexp::build),
    v2("ClientIP", 1..=ANY, "ClientIP(`10.0.0.0/8`, `::1`)", client_ip::build_v2),
    v2("Headers", 1..=ANY, "Headers(`name`, `value`)", header::build_v2),
    v2("HeadersRegexp", 1..=ANY, "HeadersRegexp(`name`, `^regexp$`)", header_regexp::build_v2),
    v2("Host", 1..=ANY, "Host(`example.com`, `example.org`)", host::build_v2),
    v2("HostHeader", 1..=ANY, "HostHeader(`example.com`, `example.org`)", host::build_v2),
    v2("HostRegexp", 1..=ANY, "HostRegexp(`{name:[a-z]+}.example.com`)", host_regexp::build_v2),
    v2("Method", 1..=ANY, "Method(`GET`, `HEAD`)", method::build_v2),
    v2("Path", 1..=ANY, "Path(`/path`, `/other/{name}`)", path::build_v2),
    v2("PathPrefix", 1..=ANY, "PathPrefix(`/path`, `/other`)", path_prefix::build_v2),
    v2("Query", 1..=ANY, "Query(`key=value`)", query::build_v2),
];

/// Names that do not exist, and the matcher that their writers mean.
const MISNOMERS: &[(&str, &str)] = &[
    ("Headers", "Header"),
    ("HeadersRegexp", "HeaderRegexp"),
    ("HostHeader", "Host"),
    ("HostSNI", "Host"),
    ("HostSNIRegexp", "HostRegexp"),
    ("PathPrefixRegexp", "PathRegexp"),
    ("PathPrefixStrip", "PathPrefix"),
    ("PathStrip", "Path"),
];

/// The table above as the parser wants it: a call's number is the place in [`MATCHERS`].
pub(crate) static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::new(MATCHERS.iter().map(|kind| &kind.signature), MISNOMERS));
