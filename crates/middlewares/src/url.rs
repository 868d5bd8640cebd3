//! URLs for `Location`: read and written as Go's `net/url` does it, which is stricter than a browser where it
//! matters (hosts, control characters) and mends the rest (escapes).

use std::net::Ipv6Addr;

use ferroway_core::Target;

use crate::path;

/// A URL, absolute or not, in normal form: scheme in lower case, path and fragment escaped, the query as it is.
/// `None` for what is no URL: control characters, a malformed host, a broken escape.
pub(crate) fn normalise(url: &str) -> Option<String> {
    if url.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (scheme, rest) = split_scheme(rest)?;
    let (hierarchy, query) = match rest.split_once('?') {
        Some((hierarchy, query)) => (hierarchy, Some(query)),
        None => (rest, None),
    };
    let mut out = String::with_capacity(url.len() + 16);
    if let Some(scheme) = scheme {
        out.extend(scheme.chars().map(|c| c.to_ascii_lowercase()));
        out.push(':');
    }
    push_hierarchy(&mut out, scheme.is_some(), hierarchy)?;
    if let Some(query) = query {
        out.push('?');
        out.push_str(query);
    }
    if !fragment.is_empty() {
        out.push('#');
        push_text(&mut out, fragment, b"!$&'()*+,/:;=?@")?;
    }
    Some(out)
}

/// Appends an authority's host and port; `None` when it is malformed.
pub(crate) fn push_host(out: &mut String, host: &str) -> Option<()> {
    if let Some(literal) = host.strip_prefix('[') {
        let (address, port) = literal.split_once(']')?;
        address.split("%25").next()?.parse::<Ipv6Addr>().ok()?;
        return push_all(out, &["[", address, "]", checked_port(port)?]);
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    for byte in name.bytes() {
        match byte {
            0x80.. => path::push_escaped(out, byte),
            _ if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte) => {
                out.push(char::from(byte))
            }
            _ => return None,
        }
    }
    push_all(out, &[checked_port(port)?])
}

/// Host, and port without its colon.
pub(crate) fn split_port(authority: &str) -> (&str, &str) {
    let name_end = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[name_end..].rsplit_once(':') {
        Some((rest, port)) => (&authority[..name_end + rest.len()], port),
        None => (authority, ""),
    }
}

/// Appends path and query of a request, with the first slash that they may lack.
pub(crate) fn push_target(out: &mut String, target: &Target) {
    if !target.path().starts_with('/') {
        out.push('/');
    }
    out.push_str(target.as_str());
}

/// The scheme, where there is one, and what follows its colon.
fn split_scheme(url: &str) -> Option<(Option<&str>, &str)> {
    let end = url.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'));
    match end.filter(|end| url[*end..].starts_with(':')) {
        Some(0) => None,
        Some(end) if url.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Some((Some(&url[..end]), &url[end + 1..]))
        }
        _ => Some((None, url)),
    }
}

fn push_hierarchy(out: &mut String, has_scheme: bool, hierarchy: &str) -> Option<()> {
    let path = if let Some(rest) =
        hierarchy.strip_prefix("//").filter(|rest| has_scheme || !rest.starts_with('/'))
    {
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        out.push_str("//");
        push_authority(out, authority)?;
        path
    } else if hierarchy.starts_with('/') {
        hierarchy
    } else if has_scheme {
        // `mailto:a@b`: what follows such a scheme is nobody's business.
        return push_all(out, &[hierarchy]);
    } else if hierarchy.split('/').next()?.contains(':') {
        return None;
    } else {
        hierarchy
    };
    push_text(out, path, b"!$&'()*+,/:;=@[]")
}

fn push_authority(out: &mut String, authority: &str) -> Option<()> {
    let Some((user, host)) = authority.rsplit_once('@') else { return push_host(out, authority) };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(plain) || !escapes_are_valid(user) {
        return None;
    }
    push_all(out, &[user, "@"])?;
    push_host(out, host)
}

/// Appends text as it is where it is escaped completely; otherwise decoded and escaped anew.
fn push_text(out: &mut String, text: &str, plain: &[u8]) -> Option<()> {
    if !escapes_are_valid(text) {
        return None;
    }
    let complete = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte) || plain.contains(&byte));
    if complete {
        out.push_str(text);
    } else {
        out.push_str(&path::escape(&path::decode(text)));
    }
    Some(())
}

fn escapes_are_valid(text: &str) -> bool {
    text.match_indices('%').all(|(at, _)| path::is_escape(&text.as_bytes()[at..]))
}

/// The port with its colon, when it is nothing or made of digits.
fn checked_port(port: &str) -> Option<&str> {
    let digits = if port.is_empty() { "" } else { port.strip_prefix(':')? };
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(port)
}

fn push_all(out: &mut String, parts: &[&str]) -> Option<()> {
    out.extend(parts.iter().copied());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_written_as_go_writes_them() {
        for (url, expected) in [
            ("http://foo/caf\u{e9}", Some("http://foo/caf%C3%A9")),
            ("HTTPS://FOO/", Some("https://FOO/")),
            ("https://f\u{f6}\u{f6}/", Some("https://f%C3%B6%C3%B6/")),
            ("http://a/b c?d e", Some("http://a/b%20c?d e")),
            ("https://foo?a=\u{e9}\"|", Some("https://foo?a=\u{e9}\"|")),
            ("https://foo/#a b \u{e9}", Some("https://foo/#a%20b%20%C3%A9")),
            ("https://foo/#", Some("https://foo/")),
            ("https://foo/?", Some("https://foo/?")),
            ("https://foo/a!(b)[c]", Some("https://foo/a!(b)[c]")),
            ("https://foo/a!(b)[c]{d}", Some("https://foo/a%21%28b%29%5Bc%5D%7Bd%7D")),
            ("https://foo/%2f%61", Some("https://foo/%2f%61")),
            ("https://foo/a/../b", Some("https://foo/a/../b")),
            ("https://u:p@foo:443/", Some("https://u:p@foo:443/")),
            ("https://[::1]:80/new", Some("https://[::1]:80/new")),
            ("https://foo:/", Some("https://foo:/")),
            ("mailto:a b", Some("mailto:a b")),
            ("a:b:c", Some("a:b:c")),
            ("http:/z/", Some("http:/z/")),
            ("//evil/x", Some("//evil/x")),
            ("/new/x", Some("/new/x")),
            ("../b", Some("../b")),
            ("b/c?d", Some("b/c?d")),
            ("", Some("")),
            ("http://192.168.0.%31/", None),
            ("http://[::1/", None),
            ("http://::1/", None),
            ("http://a b/", None),
            ("https://us er:p@foo/", None),
            ("https://foo:abc/", None),
            ("https://foo/%zz", None),
            ("https://foo/#%zz", None),
            ("https://foo/\r\nX: y", None),
            ("1a:b", None),
            (":b", None),
        ] {
            assert_eq!(normalise(url).as_deref(), expected, "{url:?}");
        }
    }

    #[test]
    fn ports() {
        for (authority, expected) in [
            ("a.test", ("a.test", "")),
            ("a.test:80", ("a.test", "80")),
            ("a.test:", ("a.test", "")),
            ("[::1]", ("[::1]", "")),
            ("[::1]:8443", ("[::1]", "8443")),
            ("", ("", "")),
        ] {
            assert_eq!(split_port(authority), expected, "{authority:?}");
        }
    }
}
