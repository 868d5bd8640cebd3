//! The path of a request in the form that rules compare (specification section 2.2).

use std::borrow::Cow;

use crate::go_text::go_string;

/// The routing path of an escaped path: every `%XX` is decoded, except the reserved characters of RFC 3986
/// and `%` itself, which stay escaped in upper case.
///
/// So the rule ``PathPrefix(`/foo bar`)`` matches `/foo%20bar`, while `/a%2Fb` stays apart from `/a/b`. A
/// decoded byte that is not part of valid UTF-8 becomes U+FFFD, which is what a regular expression sees in
/// Traefik, too. `None` when a `%` is not followed by two hexadecimal digits: such a request is refused with
/// 400. Borrows when nothing changes.
pub fn routing_path(escaped: &str) -> Option<Cow<'_, str>> {
    let bytes = escaped.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(percent) = bytes[at..].iter().position(|byte| *byte == b'%').map(|found| at + found) {
        if let Some(out) = &mut out {
            out.extend_from_slice(&bytes[at..percent]);
        }
        let digits: [u8; 2] = bytes.get(percent + 1..percent + 3)?.try_into().ok()?;
        let byte = hex(digits[0])? << 4 | hex(digits[1])?;
        at = percent + 3;
        let upper = digits.map(|digit| digit.to_ascii_uppercase());
        if is_reserved(byte) && (out.is_some() || upper == digits) {
            if let Some(out) = &mut out {
                out.extend([b'%', upper[0], upper[1]]);
            }
            continue;
        }
        let out = out.get_or_insert_with(|| bytes[..percent].to_vec());
        if is_reserved(byte) {
            out.extend([b'%', upper[0], upper[1]]);
        } else {
            out.push(byte);
        }
    }
    Some(match out {
        None => Cow::Borrowed(escaped),
        Some(mut out) => {
            out.extend_from_slice(&bytes[at..]);
            Cow::Owned(go_string(out))
        }
    })
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The reserved characters of RFC 3986 section 2.2, and `%`, whose decoding would change the meaning of what
/// follows.
fn is_reserved(byte: u8) -> bool {
    b":/?#[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routing_paths() {
        for (escaped, expected) in [
            ("/", Some("/")),
            ("*", Some("*")),
            ("/foo%20bar", Some("/foo bar")),
            ("/caf%C3%A9/%e2%82%ac", Some("/café/€")),
            ("/a%2Fb%20c", Some("/a%2Fb c")),
            ("/a%2fb", Some("/a%2Fb")),
            ("/%7Bid%7D%22", Some("/{id}\"")),
            ("/100%25", Some("/100%25")),
            ("/%2541", Some("/%2541")),
            ("/%41%00%0A", Some("/A\0\n")),
            ("/%ff%C3", Some("/\u{fffd}\u{fffd}")),
            ("/%", None),
            ("/%4", None),
            ("/%zz", None),
            ("/a%20b%+1", None),
        ] {
            assert_eq!(routing_path(escaped).as_deref(), expected, "{escaped:?}");
        }
        let reserved = "/%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25";
        assert_eq!(routing_path(reserved).as_deref(), Some(reserved));
        assert_eq!(routing_path(&reserved.to_lowercase()).as_deref(), Some(reserved));
    }

    #[test]
    fn unchanged_paths_are_borrowed() {
        for path in ["/", "/api/v1/users", "/a%2Fb%3A"] {
            assert!(matches!(routing_path(path), Some(Cow::Borrowed(_))), "{path:?}");
        }
    }
}
