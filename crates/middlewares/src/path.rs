//! What the middlewares that rewrite paths share.
//!
//! They are configured with decoded prefixes and with text that may need escapes, while a request carries an escaped
//! path ([`Target`]). Here are the ways between the two, and the one gate that a rewritten path has to pass.

use std::borrow::Cow;

use ferroway_core::{Exchange, Flow, Reason, Target, respond_text};
use http::StatusCode;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Puts a rewritten path in place. It has to be empty (the server then gets `/`) or clean: a path with dot segments
/// or doubled slashes, or without its first slash, would reach places that no rule was checked against. Such a
/// request is answered with 400.
pub(crate) fn rewrite(target: &mut Target, path: &str, exchange: &mut Exchange) -> Flow {
    if target.set_path(path).is_ok() && (path.is_empty() || target.is_clean()) {
        return Flow::Next;
    }
    exchange.record.detail = Some(format!("the rewritten path {path:?} is not clean"));
    refuse()
}

/// Whether [`rewrite`] lets an escaped path through.
pub(crate) fn is_clean(escaped: &str) -> bool {
    let mut target = Target::root();
    target.set_path(escaped).is_ok() && (escaped.is_empty() || target.is_clean())
}

/// The answer to a request whose new path has a broken escape.
pub(crate) fn broken(error: &BadEscape) -> Flow {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Flow::Answer(Box::new(respond_text(status, Reason::MiddlewareRejected, &error.to_string())))
}

/// The answer to a request that cannot be rewritten.
pub(crate) fn refuse() -> Flow {
    let response = respond_text(StatusCode::BAD_REQUEST, Reason::MiddlewareRejected, "Bad Request");
    Flow::Answer(Box::new(response))
}

/// What is left of an escaped path after a prefix was taken away: nothing, or a path with its first slash.
pub(crate) fn rooted(rest: &str) -> Cow<'_, str> {
    if rest.is_empty() || rest.starts_with('/') {
        Cow::Borrowed(rest)
    } else if rest.starts_with("%2F") {
        // Decoded, it has its slash already; keeping the escape would make the two forms disagree.
        Cow::Owned(escape(&decode(rest)))
    } else {
        Cow::Owned(format!("/{rest}"))
    }
}

/// What follows `prefix`, which is not escaped, in an escaped path that begins with it.
pub(crate) fn strip<'a>(escaped: &'a str, prefix: &[u8]) -> Option<&'a str> {
    let mut rest = escaped;
    for expected in prefix {
        let (byte, len) = first(rest.as_bytes())?;
        if byte != *expected {
            return None;
        }
        rest = &rest[len..];
    }
    Some(rest)
}

/// The bytes that an escaped path stands for.
pub(crate) fn decode(escaped: &str) -> Cow<'_, [u8]> {
    if !escaped.contains('%') {
        return Cow::Borrowed(escaped.as_bytes());
    }
    let mut out = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((byte, len)) = first(rest) {
        out.push(byte);
        rest = &rest[len..];
    }
    Cow::Owned(out)
}

/// The first byte that escaped text stands for, and how many bytes it takes there.
fn first(escaped: &[u8]) -> Option<(u8, usize)> {
    match escaped {
        [b'%', high, low, ..] => Some(hex(*high, *low).map_or((b'%', 1), |byte| (byte, 3))),
        [byte, ..] => Some((*byte, 1)),
        [] => None,
    }
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let (high, low) = (char::from(high).to_digit(16)?, char::from(low).to_digit(16)?);
    u8::try_from(high * 16 + low).ok()
}

/// Text as an escaped path, as Go's `url.URL` writes one: unreserved characters and `$&+,/:;=@` stay.
pub(crate) fn escape(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
            b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'@' => out.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
            _ => push_escaped(&mut out, *byte),
        }
    }
    out
}

pub(crate) fn push_escaped(out: &mut String, byte: u8) {
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

/// A `%` that is not followed by two hexadecimal digits. The text is that of Go's `url.EscapeError`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid URL escape {0:?}")]
pub(crate) struct BadEscape(String);

/// Text that may hold escapes as an escaped path: what may not stand in one gets escaped, escapes stay.
///
/// # Errors
/// A broken escape.
pub(crate) fn escape_rest(text: &str) -> Result<String, BadEscape> {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'%' if !is_escape(&text.as_bytes()[at..]) => {
                return Err(BadEscape(text[at..].chars().take(3).collect()));
            }
            b'?' | b'#' | 0..=b' ' | 0x7f.. => push_escaped(&mut out, byte),
            _ => out.push(char::from(byte)),
        }
    }
    Ok(out)
}

/// Whether an escape stands at the start of `text`.
pub(crate) fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'%', high, low, ..] if hex(*high, *low).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_compared_decoded() {
        for (escaped, prefix, expected) in [
            ("/api/x", "/api", Some("/x")),
            ("/api", "/api", Some("")),
            ("/ap", "/api", None),
            ("/a%20b/c", "/a b", Some("/c")),
            ("/a%2Fb%2Fc", "/a/b", Some("%2Fc")),
            ("/a%20b", "/a%20b", None),
            ("/a%2520b", "/a%20b", Some("")),
            ("/%C3%A9x", "/é", Some("x")),
            ("/x", "", Some("/x")),
        ] {
            assert_eq!(strip(escaped, prefix.as_bytes()), expected, "{escaped:?} without {prefix:?}");
        }
    }

    #[test]
    fn what_is_left_begins_with_a_slash() {
        for (rest, expected) in
            [("", ""), ("/x", "/x"), ("x%2Fy", "/x%2Fy"), ("%2Fx", "/x"), ("%2F..%2Fx", "/../x")]
        {
            assert_eq!(rooted(rest), expected, "{rest:?}");
        }
    }

    #[test]
    fn escapes() {
        assert_eq!(escape("/a b%2F!é?#$&+,:;=@".as_bytes()), "/a%20b%252F%21%C3%A9%3F%23$&+,:;=@");
        assert_eq!(decode("/a%20b%ff"), &b"/a b\xff"[..]);
        for (text, expected) in [
            ("/a%2Fb", Ok("/a%2Fb")),
            ("/a?b#c d\u{1}é", Ok("/a%3Fb%23c%20d%01%C3%A9")),
            ("/a%zz/", Err("invalid URL escape \"%zz\"")),
            ("/a%2", Err("invalid URL escape \"%2\"")),
            ("/a%é", Err("invalid URL escape \"%é\"")),
        ] {
            let escaped = escape_rest(text).map_err(|error| error.to_string());
            assert_eq!(escaped.as_deref().map_err(String::as_str), expected, "{text:?}");
        }
    }
}
