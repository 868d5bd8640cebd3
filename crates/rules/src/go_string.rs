//! Go string literals: raw ones in back-quotes, interpreted ones in double quotes with Go's escapes.

use crate::go_text::go_string;

/// What is wrong in a string literal: the bytes from `offset`, for `length`, counted from its opening quote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadEscape {
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) message: &'static str,
}

/// The value of `literal`, which stands in its quotes.
///
/// A value that is not UTF-8 (`"\xff"`) gets U+FFFD for each such byte, as paths and queries of requests do.
pub(crate) fn unquote(literal: &str) -> Result<String, BadEscape> {
    let body = &literal[1..literal.len() - 1];
    if literal.starts_with('`') {
        // Go drops carriage returns from raw strings.
        return Ok(body.replace('\r', ""));
    }
    let mut value = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(backslash) = rest.find('\\') {
        value.extend_from_slice(&rest.as_bytes()[..backslash]);
        let escape = &rest[backslash..];
        let length = push_escape(&mut value, escape).map_err(|message| BadEscape {
            offset: literal.len() - 1 - escape.len(),
            length: escape.chars().take(2).map(char::len_utf8).sum(),
            message,
        })?;
        rest = &escape[length..];
    }
    value.extend_from_slice(rest.as_bytes());
    Ok(go_string(value))
}

/// Appends what the escape at the start of `text` stands for, and returns its length in bytes.
fn push_escape(value: &mut Vec<u8>, text: &str) -> Result<usize, &'static str> {
    let kind = *text.as_bytes().get(1).ok_or("unfinished escape sequence")?;
    let byte = match kind {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' | b'"' => kind,
        b'0'..=b'7' => {
            let code = digits(text, 1, 3, 8)?;
            value.push(u8::try_from(code).map_err(|_| "octal escape above \\377")?);
            return Ok(4);
        }
        b'x' => {
            let code = digits(text, 2, 2, 16)?;
            value.extend(u8::try_from(code).ok());
            return Ok(4);
        }
        b'u' | b'U' => {
            let count = if kind == b'u' { 4 } else { 8 };
            let code = digits(text, 2, count, 16)?;
            let character = char::from_u32(code).ok_or("escape is not a Unicode code point")?;
            value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(2 + count);
        }
        _ => return Err("unknown escape sequence"),
    };
    value.push(byte);
    Ok(2)
}

/// The number that exactly `count` digits from `start` give.
fn digits(text: &str, start: usize, count: usize, radix: u32) -> Result<u32, &'static str> {
    let digits = text.get(start..start + count).ok_or("unfinished escape sequence")?;
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err("invalid digit in escape sequence");
    }
    u32::from_str_radix(digits, radix).map_err(|_| "invalid digit in escape sequence")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (literal, expected) in [
            ("``", ""),
            (r"`\d\n`", r"\d\n"),
            ("`a\r\nb`", "a\nb"),
            (r#""""#, ""),
            (r#""\\d\"\a\b\f\n\r\t\v""#, "\\d\"\x07\x08\x0c\n\r\t\x0b"),
            (r#""\x41\101\u00e9\U0001F600""#, "AAé😀"),
            (r#""\xc3\xa9""#, "é"),
            (r#""\xff""#, "\u{fffd}"),
            (r#""é`""#, "é`"),
        ] {
            assert_eq!(unquote(literal).as_deref(), Ok(expected), "{literal}");
        }
    }

    #[test]
    fn errors() {
        for (literal, offset, message) in [
            (r#""a\q""#, 2, "unknown escape sequence"),
            (r#""\'""#, 1, "unknown escape sequence"),
            (r#""é\é""#, 3, "unknown escape sequence"),
            (r#""\400""#, 1, "octal escape above \\377"),
            (r#""\08""#, 1, "unfinished escape sequence"),
            (r#""\089""#, 1, "invalid digit in escape sequence"),
            (r#""\x4""#, 1, "unfinished escape sequence"),
            (r#""\x+1""#, 1, "invalid digit in escape sequence"),
            (r#""\u12é""#, 1, "invalid digit in escape sequence"),
            (r#""\ud800""#, 1, "escape is not a Unicode code point"),
            (r#""\U00110000""#, 1, "escape is not a Unicode code point"),
        ] {
            let error = unquote(literal).unwrap_err();
            assert_eq!((error.offset, error.message), (offset, message), "{literal}");
        }
    }
}
