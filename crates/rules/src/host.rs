//! The host of a request in the form that rules compare (specification section 2.2).

use std::borrow::Cow;

/// The canonical form of a `Host` header or authority: without port, without the brackets of an IPv6 address,
/// trimmed, in lower case.
///
/// A malformed port or stray bracket leaves the text as it is, as Go's `net.SplitHostPort` does on an error.
/// Borrows unless there is something to lower.
pub fn canonical_host(authority: &str) -> Cow<'_, str> {
    let host = without_port(authority).trim();
    if host.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(host);
    }
    Cow::Owned(host.to_lowercase())
}

fn without_port(authority: &str) -> &str {
    let Some(colon) = authority.rfind(':') else { return authority };
    match split_port(authority, colon) {
        Some(host) => host,
        None => authority.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(authority),
    }
}

/// The host of `host:port` or `[host]:port`, where `colon` is the last colon; `None` when it has neither
/// form.
fn split_port(authority: &str, colon: usize) -> Option<&str> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(inner) => {
            let end = inner.find(']')?;
            // The bracket must be followed by the last colon.
            if end + 2 != colon {
                return None;
            }
            (&inner[..end], &inner[end + 1..])
        }
        None => {
            let host = &authority[..colon];
            if host.contains(':') {
                return None;
            }
            (host, authority)
        }
    };
    (!host.contains('[') && !rest.contains(['[', ']'])).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_hosts() {
        for (authority, expected) in [
            ("", ""),
            ("example.com", "example.com"),
            ("Example.COM:8080", "example.com"),
            ("example.com.:80", "example.com."),
            ("example.com:abc", "example.com"),
            ("example.com:", "example.com"),
            (":80", ""),
            ("[::1]", "::1"),
            ("[::1]:80", "::1"),
            ("[FE80::1%25Eth0]:80", "fe80::1%25eth0"),
            ("::1", "::1"),
            ("a:b:c", "a:b:c"),
            ("[::1", "[::1"),
            ("[::1]x:80", "[::1]x:80"),
            ("[a]:b:c", "[a]:b:c"),
            ("[[::1]]:80", "[[::1]]:80"),
            ("a]b:80", "a]b:80"),
            ("a[b:80", "a[b:80"),
            (" example.com \t", "example.com"),
            ("MÜNCHEN.de", "münchen.de"),
        ] {
            assert_eq!(canonical_host(authority), expected, "{authority:?}");
        }
    }

    #[test]
    fn canonical_hosts_are_borrowed() {
        for authority in ["example.com", "example.com:8080", "[::1]:443"] {
            assert!(matches!(canonical_host(authority), Cow::Borrowed(_)), "{authority:?}");
        }
    }
}
