//! The request target: escaped path and query, and its normal form (specification section 6.1).

use std::borrow::Cow;

/// Path and query of a request, escaped, ASCII only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    raw: String,
    path_len: usize,
}

/// Why a request target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Neither a path, nor an absolute URL, nor `*`.
    #[error("the request target is neither a path nor an absolute URL")]
    Form,
    /// `%` that is not followed by two hexadecimal digits.
    #[error("invalid %-escape in the request target")]
    Escape,
    /// A control character or a space.
    #[error("invalid character in the request target")]
    Character,
    /// `#`, which no client may send.
    #[error("the request target has a fragment")]
    Fragment,
    /// The authority of an absolute URL is malformed.
    #[error("malformed authority in the request target")]
    Authority,
}

/// The parts of a request target as it stands on the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedTarget<'a> {
    /// Path and query.
    pub target: Target,
    /// The authority of an absolute URL; it replaces `Host` (RFC 9112 section 3.2.2).
    pub authority: Option<&'a [u8]>,
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Bytes that may stand in a path as they are: what Go leaves alone.
const fn plain_in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'['
                | b']'
                | b'/'
                | b'%'
        )
}

const fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn push_escaped(out: &mut String, byte: u8) {
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

/// The byte that the escape at the start of `bytes` stands for.
fn escape_value(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let (high, low) = (char::from(*high).to_digit(16)?, char::from(*low).to_digit(16)?);
    u8::try_from(high * 16 + low).ok()
}

impl Target {
    /// The target `/`.
    pub fn root() -> Self {
        Self { raw: "/".to_owned(), path_len: 1 }
    }

    /// Parses the request target of a request line, and brings the path to its normal form:
    /// unreserved characters unescaped, other escapes in upper case, everything that may not
    /// stand in a path escaped.
    ///
    /// # Errors
    /// The target has none of the allowed forms, or a character that no client may send.
    pub fn parse(wire: &[u8]) -> Result<ParsedTarget<'_>, TargetError> {
        if wire == b"*" {
            return Ok(ParsedTarget { target: Self { raw: "*".to_owned(), path_len: 1 }, authority: None });
        }
        let (authority, rest) = match wire.first() {
            Some(b'/') => (None, wire),
            Some(_) => {
                let (authority, rest) = split_absolute(wire)?;
                (Some(authority), rest)
            }
            None => return Err(TargetError::Form),
        };
        Ok(ParsedTarget { target: Self::normalised(rest)?, authority })
    }

    /// Path and query in normal form.
    fn normalised(wire: &[u8]) -> Result<Self, TargetError> {
        let path_len = wire.iter().position(|byte| *byte == b'?').unwrap_or(wire.len());
        let (path, query) = wire.split_at(path_len);
        let mut raw = String::with_capacity(wire.len() + 1);
        push_path(&mut raw, path)?;
        if raw.is_empty() {
            raw.push('/');
        }
        let path_len = raw.len();
        push_query(&mut raw, query)?;
        Ok(Self { raw, path_len })
    }

    /// The escaped path.
    pub fn path(&self) -> &str {
        &self.raw[..self.path_len]
    }

    /// The query without its `?`, where there is one.
    pub fn query(&self) -> Option<&str> {
        self.raw[self.path_len..].strip_prefix('?')
    }

    /// Path and query as they go on the wire.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// The path with every escape resolved. Bytes that are no UTF-8 become replacement characters.
    pub fn decoded_path(&self) -> Cow<'_, str> {
        unescape(self.path())
    }

    /// Replaces the path by one that is already escaped; what may not stand there gets escaped.
    ///
    /// # Errors
    /// A broken escape or a control character: the target stays as it was.
    pub fn set_path(&mut self, escaped: &str) -> Result<(), TargetError> {
        let mut raw = String::with_capacity(escaped.len() + self.raw.len() - self.path_len);
        if is_normal(escaped.as_bytes()) {
            raw.push_str(escaped);
        } else {
            push_path(&mut raw, escaped.as_bytes())?;
        }
        let path_len = raw.len();
        raw.push_str(&self.raw[self.path_len..]);
        (self.raw, self.path_len) = (raw, path_len);
        Ok(())
    }

    /// Replaces the query; `None` removes it.
    ///
    /// # Errors
    /// A character that may not stand there: the target stays as it was.
    pub fn set_query(&mut self, query: Option<&str>) -> Result<(), TargetError> {
        let mut raw = self.path().to_owned();
        if let Some(query) = query {
            push_query(&mut raw, format!("?{query}").as_bytes())?;
        }
        self.raw = raw;
        Ok(())
    }

    /// Removes `.` and `..` segments and doubled slashes, on the escaped path: `%2F` is no
    /// separator. A trailing slash stays.
    pub fn sanitise(&mut self) {
        if self.path_len == 0 || self.raw == "*" || is_clean(self.path()) {
            return;
        }
        let cleaned = clean(self.path());
        self.raw.replace_range(..self.path_len, &cleaned);
        self.path_len = cleaned.len();
    }

    /// Whether [`sanitise`](Self::sanitise) would leave the path alone.
    pub fn is_clean(&self) -> bool {
        is_clean(self.path())
    }

    /// `;` in the query as a separator (`&`), as Go's servers understand it no more, or escaped.
    pub fn separate_semicolons(&mut self, escape: bool) {
        if self.query().is_some_and(|query| query.contains(';')) {
            let query = self.raw[self.path_len..].replace(';', if escape { "%3B" } else { "&" });
            self.raw.truncate(self.path_len);
            self.raw.push_str(&query);
        }
    }
}

/// Authority and rest of an absolute URL.
fn split_absolute(wire: &[u8]) -> Result<(&[u8], &[u8]), TargetError> {
    let scheme = wire.iter().position(|byte| *byte == b':').ok_or(TargetError::Form)?;
    let name = &wire[..scheme];
    let valid = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let rest = wire[scheme + 1..].strip_prefix(b"//").filter(|_| valid).ok_or(TargetError::Form)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // User information in a request target is never legitimate (RFC 9110 section 4.2.4).
    if authority.is_empty() || authority.contains(&b'@') {
        return Err(TargetError::Authority);
    }
    Ok((authority, rest))
}

fn push_path(out: &mut String, path: &[u8]) -> Result<(), TargetError> {
    // Nearly every path is in normal form as it comes.
    if is_normal(path)
        && let Ok(text) = std::str::from_utf8(path)
    {
        out.push_str(text);
        return Ok(());
    }
    let mut rest = path;
    while let Some(byte) = rest.first().copied() {
        let mut taken = 1;
        match byte {
            b'%' => {
                let value = escape_value(rest).ok_or(TargetError::Escape)?;
                if unreserved(value) {
                    out.push(char::from(value));
                } else {
                    push_escaped(out, value);
                }
                taken = 3;
            }
            b'#' => return Err(TargetError::Fragment),
            0..=0x20 | 0x7f => return Err(TargetError::Character),
            _ if plain_in_path(byte) => out.push(char::from(byte)),
            _ => push_escaped(out, byte),
        }
        rest = &rest[taken..];
    }
    Ok(())
}

/// Queries pass as they are, but for what can never stand on a request line.
/// Whether a path is plain and has no escapes.
fn is_normal(path: &[u8]) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte = b'!';
        while byte.is_ascii() {
            plain[byte as usize] = plain_in_path(byte) && byte != b'%';
            byte += 1;
        }
        plain
    };
    path.iter().all(|byte| PLAIN[usize::from(*byte)])
}

fn push_query(out: &mut String, query: &[u8]) -> Result<(), TargetError> {
    for byte in query {
        match byte {
            0..=0x20 | 0x7f => return Err(TargetError::Character),
            // Traefik: a `#` behind the `?` belongs to the query.
            0x80.. => push_escaped(out, *byte),
            _ => out.push(char::from(*byte)),
        }
    }
    Ok(())
}

/// Resolves every escape.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(byte) = rest.first() {
        if let Some(value) = escape_value(rest) {
            out.push(value);
            rest = &rest[3..];
        } else {
            out.push(*byte);
            rest = &rest[1..];
        }
    }
    Cow::Owned(
        String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

fn is_clean(path: &str) -> bool {
    let Some(rest) = path.as_bytes().strip_prefix(b"/") else { return false };
    let mut empty = 0;
    for segment in rest.split(|byte| *byte == b'/') {
        match segment {
            b"." | b".." => return false,
            b"" => empty += 1,
            _ => {}
        }
    }
    // One behind a slash at the end.
    empty <= usize::from(rest.is_empty() || rest.ends_with(b"/"))
}

fn clean(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len() + 1);
    for segment in &segments {
        out.push('/');
        out.push_str(segment);
    }
    // Traefik: `/a/.` becomes `/a`, not `/a/` as in RFC 3986 section 5.2.4.
    if out.is_empty() || path.ends_with('/') {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_paths() {
        for path in ["/", "/a", "/a/", "/a/b.c", "/...", "/a/..b/.c"] {
            assert!(is_clean(path), "{path}");
        }
        for path in ["", "a", "//", "//a", "/a//", "/a//b", "/.", "/./a", "/a/..", "/a/../b", "/a/."] {
            assert!(!is_clean(path), "{path}");
        }
    }

    fn parsed(wire: &str) -> String {
        match Target::parse(wire.as_bytes()) {
            Ok(parsed) => parsed.target.raw,
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn wire_forms_become_one_normal_form() {
        for (wire, expected) in [
            ("/", "/"),
            ("*", "*"),
            ("/a/%62?x=%62", "/a/b?x=%62"),
            ("/a%2fb", "/a%2Fb"),
            ("/%2e%2e/x", "/../x"),
            ("/a\\b", "/a%5Cb"),
            ("/\u{e9}?\u{e9}", "/%C3%A9?%C3%A9"),
            ("/a\"b<c>|d", "/a%22b%3Cc%3E%7Cd"),
            ("http://a.b/c?d", "/c?d"),
            ("http://a.b", "/"),
            ("http://a.b?q", "/?q"),
            ("/a#b", "Fragment"),
            ("/a?b#c", "/a?b#c"),
            ("/%", "Escape"),
            ("/%zz", "Escape"),
            ("/a\u{1}", "Character"),
            ("/a?\u{7f}", "Character"),
            ("", "Form"),
            ("a.b:443", "Form"),
            ("http://user@a.b/", "Authority"),
            ("http:///x", "Authority"),
        ] {
            assert_eq!(parsed(wire), expected, "{wire:?}");
        }
    }

    #[test]
    fn sanitising_keeps_escapes_and_trailing_slashes() {
        for (path, expected) in [
            ("/a/../b", "/b"),
            ("//x", "/x"),
            ("/a/./b/", "/a/b/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a"),
            ("/a/b/../", "/a/"),
            ("/a/.", "/a"),
            ("/../../x", "/x"),
            ("/a%2F..%2Fb", "/a%2F..%2Fb"),
            ("/a//b//", "/a/b/"),
            ("/.", "/"),
            ("/...", "/..."),
        ] {
            let mut target = Target::parse(path.as_bytes()).expect("valid").target;
            target.sanitise();
            assert_eq!(target.path(), expected, "{path:?}");
            assert!(target.is_clean());
        }
    }

    #[test]
    fn semicolons() {
        let mut target = Target::parse(b"/a;b?c;d=e").expect("valid").target;
        target.separate_semicolons(true);
        assert_eq!(target.as_str(), "/a;b?c%3Bd=e");
        let mut target = Target::parse(b"/a;b?c;d=e").expect("valid").target;
        target.separate_semicolons(false);
        assert_eq!(target.as_str(), "/a;b?c&d=e");
    }
}
