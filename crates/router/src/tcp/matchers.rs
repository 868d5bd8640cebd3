//! The matchers of TCP rules, in one table.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use ferroway_rules::{GoRegex, Literals, RuleError, Signature, Syntax, Vocabulary};
use ipnet::IpNet;

use super::TcpView;
use crate::matchers::template::{self, Subject};
use crate::matchers::{Arguments, client_ip};

/// The protocol by which ACME servers ask for a certificate; its connections are never routed.
const ACME_TLS: &str = "acme-tls/1";

/// One condition on a connection.
#[derive(Debug)]
pub(super) enum Matcher {
    /// ``HostSNI(`*`)``: everything, also what is not TLS.
    Everything,
    /// The server name, in lower case and without a dot at the end.
    Name(Box<str>),
    /// `*.example.com`: one label before a fixed end. Holds the end with its dot.
    Wildcard(Box<str>),
    /// An expression on the server name. That of v2 does not match where there is no server name.
    Regexp { regex: GoRegex, matches_none: bool },
    /// Where the client is.
    ClientIp(IpNet),
    /// A protocol that the client offers.
    Alpn(Box<str>),
}

/// What the server name must be for a matcher to match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameKey {
    /// This, without a dot at the end.
    Name(Box<str>),
    /// One label before this, which begins with a dot.
    Parent(Box<str>),
}

impl Matcher {
    pub(super) fn matches(&self, connection: &TcpView<'_>) -> bool {
        let name = without_dot(&connection.server_name);
        match self {
            Self::Everything => true,
            Self::Name(expected) => name == &**expected && !name.is_empty(),
            Self::Wildcard(end) => name.find('.').is_some_and(|dot| dot > 0 && name[dot..] == **end),
            Self::Regexp { regex, matches_none } => {
                (*matches_none || !connection.server_name.is_empty())
                    && regex.is_match(&connection.server_name)
            }
            Self::ClientIp(range) => range.contains(&connection.peer),
            Self::Alpn(protocol) => connection.alpn.contains(&protocol.as_bytes()),
        }
    }

    /// Names of which the server name is one whenever this matches; `None` when there is no such list.
    pub(super) fn keys(&self) -> Option<Vec<NameKey>> {
        match self {
            Self::Name(name) => Some(vec![NameKey::Name(name.clone())]),
            Self::Wildcard(end) => Some(vec![NameKey::Parent(end.clone())]),
            Self::Regexp { regex, .. } => match regex.literals() {
                Literals::Exact(names) => names
                    .iter()
                    .map(|name| str::from_utf8(name).ok().map(|name| NameKey::Name(without_dot(name).into())))
                    .collect(),
                _ => None,
            },
            Self::Everything | Self::ClientIp(_) | Self::Alpn(_) => None,
        }
    }
}

/// The name without one dot at its end.
pub(super) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Makes the matchers of a call, one of which has to match.
type Build = fn(&Arguments<'_>, usize) -> Result<Matcher, RuleError>;

/// A matcher as rules call it.
pub(super) struct Kind {
    pub(super) signature: Signature,
    /// Makes the matcher of one argument; any of several may match.
    pub(super) build: Build,
}

const fn kind(
    name: &'static str,
    syntax: Syntax,
    arguments: RangeInclusive<usize>,
    usage: &'static str,
    build: Build,
) -> Kind {
    Kind { signature: Signature { name, syntax, arguments, usage }, build }
}

const ONE: RangeInclusive<usize> = 1..=1;
const SOME: RangeInclusive<usize> = 1..=usize::MAX;

/// The name under which rules ask for server names.
pub(super) const HOST_SNI: &str = "HostSNI";

/// Every matcher: name, dialect, number of arguments, an example, constructor.
pub(super) static MATCHERS: [Kind; 8] = [
    kind("ALPN", Syntax::V3, ONE, "ALPN(`h2`)", alpn),
    kind("ClientIP", Syntax::V3, ONE, "ClientIP(`10.0.0.0/8`)", client_ip),
    kind(HOST_SNI, Syntax::V3, ONE, "HostSNI(`example.com`)", host_sni),
    kind("HostSNIRegexp", Syntax::V3, ONE, "HostSNIRegexp(`^regexp$`)", host_sni_regexp),
    kind("ALPN", Syntax::V2, SOME, "ALPN(`h2`, `http/1.1`)", alpn),
    kind("ClientIP", Syntax::V2, SOME, "ClientIP(`10.0.0.0/8`, `::1`)", client_ip),
    kind(HOST_SNI, Syntax::V2, SOME, "HostSNI(`example.com`, `example.org`)", host_sni_v2),
    kind("HostSNIRegexp", Syntax::V2, SOME, "HostSNIRegexp(`{name:[a-z]+}.example.com`)", host_sni_regexp_v2),
];

/// Names that do not exist, and the matcher that their writers mean.
const MISNOMERS: &[(&str, &str)] =
    &[("Host", "HostSNI"), ("HostHeader", "HostSNI"), ("HostRegexp", "HostSNIRegexp"), ("SNI", "HostSNI")];

/// The table above as the parser wants it: a call's number is the place in [`MATCHERS`].
pub(super) static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::new(MATCHERS.iter().map(|kind| &kind.signature), MISNOMERS));

fn alpn(arguments: &Arguments<'_>, number: usize) -> Result<Matcher, RuleError> {
    let protocol = arguments.value(number);
    if protocol == ACME_TLS {
        let message = format!("invalid protocol value for ALPN matcher, {ACME_TLS:?} is not allowed");
        return Err(arguments.error(number, message).with_help("ACME challenges are not routed"));
    }
    Ok(Matcher::Alpn(protocol.into()))
}

fn client_ip(arguments: &Arguments<'_>, number: usize) -> Result<Matcher, RuleError> {
    client_ip::range(arguments, number).map(Matcher::ClientIp)
}

fn host_sni(arguments: &Arguments<'_>, number: usize) -> Result<Matcher, RuleError> {
    let text = arguments.value(number);
    match text.strip_prefix("*.") {
        Some(end) if is_host(end) => {
            Ok(Matcher::Wildcard(format!(".{}", without_dot(end)).to_ascii_lowercase().into()))
        }
        _ => host_sni_v2(arguments, number),
    }
}

/// v2 has no wildcards but the one for everything.
fn host_sni_v2(arguments: &Arguments<'_>, number: usize) -> Result<Matcher, RuleError> {
    let text = arguments.value(number);
    if text == "*" {
        return Ok(Matcher::Everything);
    }
    if !is_host(text) {
        let message = format!("invalid value for HostSNI matcher, {text:?} is not a valid hostname");
        return Err(arguments
            .error(number, message)
            .with_help("write `example.com`, `*.example.com` or `*`"));
    }
    Ok(Matcher::Name(without_dot(text).to_ascii_lowercase().into()))
}

/// Letters, digits and `_.-:`, as Traefik checks it.
fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-:".contains(&byte))
}

fn host_sni_regexp(arguments: &Arguments<'_>, number: usize) -> Result<Matcher, RuleError> {
    arguments.ascii(number)?;
    Ok(Matcher::Regexp { regex: arguments.regex(number)?, matches_none: true })
}

fn host_sni_regexp_v2(arguments: &Arguments<'_>, number: usize) -> Result<Matcher, RuleError> {
    let regex = template::compile(Subject::Host, arguments.ascii(number)?);
    let regex = regex.map_err(|message| arguments.error(number, message))?;
    Ok(Matcher::Regexp { regex, matches_none: false })
}
