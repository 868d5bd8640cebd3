//! ``Host(`example.com`)``: the canonical host.

use super::combined::any_argument;
use super::{Arguments, Built, Matcher};
use crate::RequestView;
use crate::key::Key;

/// Any host, even none.
#[derive(Debug)]
struct Everything;

/// A host name, in lower case.
#[derive(Debug)]
struct Host {
    name: Box<str>,
}

/// `*.example.com`: one label before a fixed end. Holds the expression without its asterisk, in lower case.
#[derive(Debug)]
struct Wildcard {
    end: Box<str>,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    let host = arguments.ascii(0)?.to_ascii_lowercase();
    if let Some((message, help)) = pitfall(&host) {
        arguments.warn(0, message, help);
    }
    Ok(match host.strip_prefix('*') {
        Some("") => Box::new(Everything),
        Some(end) => Box::new(Wildcard { end: end.into() }),
        None => Box::new(Host { name: host.into() }),
    })
}

/// v2 has lists, but no wildcards.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    any_argument(arguments, |arguments, number| {
        Ok(Box::new(Host { name: arguments.ascii(number)?.to_ascii_lowercase().into() }))
    })
}

/// Hosts that no request has.
fn pitfall(host: &str) -> Option<(&'static str, &'static str)> {
    let has_port =
        host.split_once(':').is_some_and(|(_, port)| port.bytes().all(|digit| digit.is_ascii_digit()));
    let wildcard = host.strip_prefix('*').filter(|rest| !rest.is_empty());
    if host.contains('/') {
        Some((
            "no host contains a slash, this never matches",
            "write the name alone, and Path or PathPrefix for the path",
        ))
    } else if has_port {
        Some(("the port is not part of the host that rules see, this never matches", "write the name alone"))
    } else if host.contains(['{', '}']) {
        Some(("v3 has no templates, this never matches", "write HostRegexp(`^[a-z0-9-]+\\.example\\.com$`)"))
    } else if wildcard.is_some_and(|rest| !rest.starts_with('.'))
        || host.get(1..).is_some_and(|rest| rest.contains('*'))
    {
        Some((
            "a wildcard stands for the whole first label only, this never matches",
            "write Host(`*.example.com`)",
        ))
    } else {
        None
    }
}

/// Whether `host` is one that `is_equal` accepts for `expression`, where one trailing dot of either does not
/// count.
fn matches_with_dots(host: &str, expression: &str, is_equal: fn(&str, &str) -> bool) -> bool {
    !host.is_empty()
        && (is_equal(host, expression)
            || expression.strip_suffix('.').is_some_and(|expression| is_equal(host, expression))
            || host.strip_suffix('.').is_some_and(|host| is_equal(host, expression)))
}

impl Matcher for Everything {
    fn matches(&self, _: &RequestView<'_>) -> bool {
        true
    }
}

impl Matcher for Host {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        matches_with_dots(request.host, &self.name, |host, name| host == name)
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::host(&self.name)])
    }
}

impl Matcher for Wildcard {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        matches_with_dots(request.host, &self.end, |host, end| {
            host.find('.').map_or("", |dot| &host[dot..]) == end
        })
    }

    fn keys(&self) -> Option<Vec<Key>> {
        Some(vec![Key::parent_domain(&self.end)])
    }
}
