//! ``HostRegexp(`^[a-z]+\.example\.com$`)``: the canonical host, by a regular expression that is not
//! anchored.

use ferroway_rules::{GoRegex, Literals};

use super::combined::any_argument;
use super::template::{self, Subject};
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

#[derive(Debug)]
struct HostRegexp {
    regex: GoRegex,
    /// Traefik tries the expression on the host and on the host's CNAME, which is empty unless a resolver is
    /// configured. So an expression that matches the empty text matches every request.
    matches_empty: bool,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let pattern = arguments.ascii(0)?;
    let regex = arguments.regex(0)?;
    if template::looks_like_template(pattern) {
        let help = "write HostRegexp(`^[a-z0-9-]+\\.example\\.com$`)";
        arguments.warn(0, "v3 has no templates, braces are plain text here", help);
    }
    let matches_empty = regex.is_match("");
    Ok(Box::new(HostRegexp { regex, matches_empty }))
}

/// v2 has templates. They are anchored and know no case.
// Traefik: templates are compared with the Host header, where an IPv6 address without a port keeps its
// brackets.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    any_argument(arguments, |arguments, number| {
        let regex = template::compile(Subject::Host, arguments.ascii(number)?);
        let regex = regex.map_err(|message| arguments.error(number, message))?;
        Ok(Box::new(HostRegexp { regex, matches_empty: false }))
    })
}

impl Matcher for HostRegexp {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.matches_empty || self.regex.is_match(request.host)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        // An expression that matches the empty text has no literals, as these are never empty.
        match self.regex.literals() {
            Literals::Exact(hosts) => {
                hosts.iter().map(|host| str::from_utf8(host).ok().map(Key::host)).collect()
            }
            Literals::Suffix(ends) => Some(ends.iter().map(|end| Key::host_suffix(end)).collect()),
            Literals::Any | Literals::Prefix(_) => None,
        }
    }
}
