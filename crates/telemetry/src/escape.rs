//! Escaping of text in log lines: JSON strings in the two dialects that Traefik's logs are written
//! in, and text that must not break a line.

/// Which bytes a JSON dialect escapes beyond what the format demands.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    /// The access log: `<`, `>`, `&` and the line separators U+2028 and U+2029 are escaped.
    Html,
    /// The program log: DEL is escaped.
    Plain,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

impl Dialect {
    /// Whether a byte cannot be copied as it is: it is to be escaped, or not ASCII.
    const fn is_special(self, byte: u8) -> bool {
        let escaped = match self {
            Self::Html => (byte == b'<') | (byte == b'>') | (byte == b'&'),
            Self::Plain => byte == 0x7f,
        };
        (byte < 0x20) | (byte >= 0x80) | (byte == b'"') | (byte == b'\\') | escaped
    }
}

/// Appends the content of a JSON string, without the quotes. A byte that is not UTF-8 becomes U+FFFD.
pub(crate) fn push_json(out: &mut Vec<u8>, bytes: &[u8], dialect: Dialect) {
    // Nearly all texts have nothing special. Without an early exit this loop becomes vector code.
    let special = match dialect {
        Dialect::Html => bytes.iter().fold(false, |any, &byte| any | Dialect::Html.is_special(byte)),
        Dialect::Plain => bytes.iter().fold(false, |any, &byte| any | Dialect::Plain.is_special(byte)),
    };
    if special {
        push_special(out, bytes, dialect);
    } else {
        out.extend_from_slice(bytes);
    }
}

#[cold]
fn push_special(out: &mut Vec<u8>, bytes: &[u8], dialect: Dialect) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| dialect.is_special(byte)) {
        out.extend_from_slice(&rest[..at]);
        let (len, keep) = match first_char(&rest[at..]) {
            Some('\u{2028}' | '\u{2029}') => (3, matches!(dialect, Dialect::Plain)),
            Some(char) => (char.len_utf8(), !char.is_ascii()),
            None => (1, false),
        };
        let special;
        (special, rest) = rest[at..].split_at(len);
        if keep {
            out.extend_from_slice(special);
        } else {
            push_escape(out, special);
        }
    }
    out.extend_from_slice(rest);
}

/// The character at the start of `bytes`, if they start with one.
fn first_char(bytes: &[u8]) -> Option<char> {
    let chunk = bytes[..bytes.len().min(4)].utf8_chunks().next()?;
    chunk.valid().chars().next()
}

/// Appends the escape of one ASCII byte, of a line separator, or of a byte that is no text.
fn push_escape(out: &mut Vec<u8>, bytes: &[u8]) {
    match *bytes {
        [byte @ (b'"' | b'\\')] => out.extend_from_slice(&[b'\\', byte]),
        [b'\n'] => out.extend_from_slice(b"\\n"),
        [b'\r'] => out.extend_from_slice(b"\\r"),
        [b'\t'] => out.extend_from_slice(b"\\t"),
        [0x08] => out.extend_from_slice(b"\\b"),
        [0x0c] => out.extend_from_slice(b"\\f"),
        [byte @ 0..0x80] => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&hex(byte));
        }
        [_, _, 0xa8] => out.extend_from_slice(b"\\u2028"),
        [_, _, _] => out.extend_from_slice(b"\\u2029"),
        _ => out.extend_from_slice(b"\\ufffd"),
    }
}

fn hex(byte: u8) -> [u8; 2] {
    [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

/// Appends text with its control characters (but for the tab) written as `\n`, `\r` or `\x1b`, so
/// that nothing a client sends can end a line or steer a terminal.
pub(crate) fn push_visible(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if (byte >= 0x20 && byte != 0x7f) || byte == b'\t' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => {
                out.extend_from_slice(b"\\x");
                out.extend_from_slice(&hex(byte));
            }
        }
        copied = at + 1;
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// Appends a value of the console format: as it is where that is unambiguous, else quoted as Go does.
pub(crate) fn push_console_value(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for char in text.chars() {
        push_go_quoted(out, char);
    }
    out.push(b'"');
}

fn push_go_quoted(out: &mut Vec<u8>, char: char) {
    let short = match char {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\x0c' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\x0b' => "\\v",
        _ => "",
    };
    let code = u32::from(char);
    if !short.is_empty() {
        out.extend_from_slice(short.as_bytes());
    } else if code < 0x20 || code == 0x7f {
        out.extend_from_slice(b"\\x");
        push_hex(out, code, 2);
    } else if char.is_ascii() || char.escape_debug().len() == 1 {
        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    } else if code < 0x1_0000 {
        out.extend_from_slice(b"\\u");
        push_hex(out, code, 4);
    } else {
        out.extend_from_slice(b"\\U");
        push_hex(out, code, 8);
    }
}

fn push_hex(out: &mut Vec<u8>, code: u32, digits: u32) {
    for digit in (0..digits).rev() {
        out.push(HEX[((code >> (4 * digit)) & 15) as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(push: impl Fn(&mut Vec<u8>), expected: &[u8]) {
        let mut out = Vec::new();
        push(&mut out);
        assert_eq!(out, expected, "{} != {}", out.escape_ascii(), expected.escape_ascii());
    }

    #[test]
    fn json() {
        // (text, as the access log writes it, as the program log writes it)
        let cases: &[(&[u8], &[u8], &[u8])] = &[
            (b"", b"", b""),
            (b"/a?b=c", b"/a?b=c", b"/a?b=c"),
            (b"a\"b\\c", b"a\\\"b\\\\c", b"a\\\"b\\\\c"),
            (b"<x>&'", b"\\u003cx\\u003e\\u0026'", b"<x>&'"),
            (b"\n\r\t\x08\x0c", b"\\n\\r\\t\\b\\f", b"\\n\\r\\t\\b\\f"),
            (b"\x00\x1b", b"\\u0000\\u001b", b"\\u0000\\u001b"),
            (b"\x7f", b"\x7f", b"\\u007f"),
            ("é日😀".as_bytes(), "é日😀".as_bytes(), "é日😀".as_bytes()),
            ("a\u{2028}b\u{2029}".as_bytes(), b"a\\u2028b\\u2029", "a\u{2028}b\u{2029}".as_bytes()),
            (b"a\xffb\xe2\x80", b"a\\ufffdb\\ufffd\\ufffd", b"a\\ufffdb\\ufffd\\ufffd"),
            (b"\xc3", b"\\ufffd", b"\\ufffd"),
        ];
        for (text, html, plain) in cases {
            check(|out| push_json(out, text, Dialect::Html), html);
            check(|out| push_json(out, text, Dialect::Plain), plain);
        }
    }

    #[test]
    fn visible() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"wrong \"user", b"wrong \"user"),
            (b"a\nb\rc\td", b"a\\nb\\rc\td"),
            (b"\x1b[31m\x00\x7f", b"\\x1b[31m\\x00\\x7f"),
            (b"\xff\xc3\xa9", b"\xff\xc3\xa9"),
        ];
        for (text, expected) in cases {
            check(|out| push_visible(out, text), expected);
        }
    }

    #[test]
    fn console_values() {
        let cases: &[(&str, &str)] = &[
            ("web", "web"),
            ("http://127.0.0.1:80/x?y=[1]", "http://127.0.0.1:80/x?y=[1]"),
            ("", ""),
            ("two words", "\"two words\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
            ("\x07\x08\x0c\n\r\t\x0b", "\"\\a\\b\\f\\n\\r\\t\\v\""),
            ("\x1b\x7f", "\"\\x1b\\x7f\""),
            ("é", "\"é\""),
            ("\u{202e}\u{85}\u{e0001}", "\"\\u202e\\u0085\\U000e0001\""),
        ];
        for (text, expected) in cases {
            check(|out| push_console_value(out, text), expected.as_bytes());
        }
    }
}
