//! Go's quoted texts: reading literals, and `%q`.

use std::fmt::Write as _;

/// The text that a literal in quotes or back-ticks means. Bytes that are not text are replaced.
pub(super) fn unquote(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        rest = unescape_into(rest, '"', &mut bytes)?;
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The character that a literal in single quotes means.
pub(super) fn unquote_char(literal: &str) -> Option<char> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut bytes = Vec::new();
    let rest = unescape_into(inner, '\'', &mut bytes)?;
    if !rest.is_empty() {
        return None;
    }
    // `'\xff'` is the number 255, not a byte of UTF-8.
    match *bytes.as_slice() {
        [byte] => Some(char::from(byte)),
        _ => std::str::from_utf8(&bytes).ok()?.chars().next(),
    }
}

/// Reads one character or escape and gives the text behind it.
fn unescape_into<'a>(text: &'a str, quote: char, out: &mut Vec<u8>) -> Option<&'a str> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first != '\\' {
        out.extend(first.encode_utf8(&mut [0; 4]).bytes());
        return Some(chars.as_str());
    }
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
    let kind = chars.next()?;
    let rest = chars.as_str();
    let simple = match kind {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' => b'\\',
        c if c == quote => u8::try_from(quote).ok()?,
        'x' => {
            out.push(u8::try_from(number(hex_digits(rest, 2)?, 16)?).ok()?);
            return Some(&rest[2..]);
        }
        'u' | 'U' => {
            let count = if kind == 'u' { 4 } else { 8 };
            let c = char::from_u32(number(hex_digits(rest, count)?, 16)?)?;
            out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            return Some(&rest[count..]);
        }
        '0'..='7' => {
            let digits =
                text.get(1..4).filter(|digits| digits.bytes().all(|b| (b'0'..=b'7').contains(&b)))?;
            out.push(u8::try_from(number(digits, 8)?).ok()?);
            return Some(&text[4..]);
        }
        _ => return None,
    };
    out.push(simple);
    Some(rest)
}

fn hex_digits(text: &str, count: usize) -> Option<&str> {
    text.get(..count).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Which characters are written as escapes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Escapes {
    /// Those that cannot be printed.
    Unprintable,
    /// All beyond ASCII too (`%+q`).
    NotAscii,
}

/// A text in double quotes.
pub(super) fn quote(text: &str, escapes: Escapes) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    text.chars().for_each(|c| push_escaped(&mut out, c, '"', escapes));
    out.push('"');
    out
}

/// A character in single quotes.
pub(super) fn quote_char(c: char, escapes: Escapes) -> String {
    let mut out = String::from('\'');
    push_escaped(&mut out, c, '\'', escapes);
    out.push('\'');
    out
}

/// True for what Go prints as it is: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(super) fn is_printable(c: char) -> bool {
    // Behind a letter, Rust escapes just the characters that cannot be printed.
    let pair = ['a', c];
    matches!(c, '"' | '\'' | '\\') || String::from_iter(pair).escape_debug().nth(2).is_none()
}

fn push_escaped(out: &mut String, c: char, quote: char, escapes: Escapes) {
    if c == quote || c == '\\' {
        out.extend(['\\', c]);
        return;
    }
    if is_printable(c) && (c.is_ascii() || escapes == Escapes::Unprintable) {
        out.push(c);
        return;
    }
    let number = u32::from(c);
    let short = match c {
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        _ => "",
    };
    let _ = match number {
        _ if !short.is_empty() => out.write_str(short),
        0..=0x1f | 0x7f => write!(out, "\\x{number:02x}"),
        0x80..=0xffff => write!(out, "\\u{number:04x}"),
        _ => write!(out, "\\U{number:08x}"),
    };
}
