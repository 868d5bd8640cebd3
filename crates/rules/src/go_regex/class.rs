//! Character classes and escapes of Go's syntax, written as Rust's.

use super::error::GoRegexError;

/// A class that no character is in.
pub(super) const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// The class of an escape (`\d`, `\pL`, `\P{Greek}`, …) at the start of `text`, in a form that may stand
/// alone and in brackets, and the length of the escape.
pub(super) fn escaped(text: &str) -> Result<Option<(String, usize)>, GoRegexError> {
    let class = match text.as_bytes().get(1) {
        Some(b'd') => "[0-9]",
        Some(b'D') => "[^0-9]",
        Some(b'w') => "[0-9A-Za-z_]",
        Some(b'W') => "[^0-9A-Za-z_]",
        Some(b's') => r"[\t\n\x0C\r ]",
        Some(b'S') => r"[^\t\n\x0C\r ]",
        Some(b'p' | b'P') => return unicode(text).map(Some),
        _ => return Ok(None),
    };
    Ok(Some((class.to_owned(), 2)))
}

/// `\pN`, `\p{Name}`, `\p{^Name}` and their negations.
fn unicode(text: &str) -> Result<(String, usize), GoRegexError> {
    let mut negated = text.starts_with(r"\P");
    let body = &text[2..];
    let Some(first) = body.chars().next() else {
        return Err(GoRegexError::new(GoRegexError::CHAR_RANGE, text));
    };
    let (mut name, length) = if first == '{' {
        let end = body.find('}').ok_or_else(|| GoRegexError::new(GoRegexError::CHAR_RANGE, text))?;
        (&body[1..end], 2 + end + 1)
    } else {
        (&body[..first.len_utf8()], 2 + first.len_utf8())
    };
    if let Some(inner) = name.strip_prefix('^') {
        negated = !negated;
        name = inner;
    }
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-'));
    // Go knows general categories and scripts; Rust's other properties are errors.
    let found = ["gc", "sc"].into_iter().find_map(|property| {
        let class = format!(r"\{}{{{property}={name}}}", if negated { 'P' } else { 'p' });
        (is_name && regex_syntax::parse(&class).is_ok()).then_some(class)
    });
    let class = found.ok_or_else(|| GoRegexError::new(GoRegexError::CHAR_RANGE, &text[..length]))?;
    Ok((class, length))
}

/// The class in brackets at the start of `text`, and its length.
pub(super) fn bracketed(text: &str, fold_case: bool) -> Result<(String, usize), GoRegexError> {
    let negated = text.starts_with("[^");
    let mut at = if negated { 2 } else { 1 };
    let mut items = String::new();
    let mut first = true;
    while first || !text[at..].starts_with(']') {
        let rest = &text[at..];
        if rest.is_empty() {
            return Err(GoRegexError::new(GoRegexError::MISSING_BRACKET, text));
        }
        first = false;
        if let Some(named) = posix(rest)? {
            items.push_str(named);
            at += named.len();
        } else if let Some((class, length)) = if rest.starts_with('\\') { escaped(rest)? } else { None } {
            items.push_str(&class);
            at += length;
        } else {
            at += range(text, at, &mut items)?;
        }
    }
    let class = match (items.is_empty(), negated) {
        (true, false) => NOTHING.to_owned(),
        (true, true) => r"[\x{0}-\x{10FFFF}]".to_owned(),
        (false, _) => format!("[{}{items}]", if negated { "^" } else { "" }),
    };
    Ok((if fold_case { format!("(?i:{class})") } else { class }, at + 1))
}

/// `[:name:]` at the start of `text`; Rust has the same names.
fn posix(text: &str) -> Result<Option<&str>, GoRegexError> {
    const NAMES: [&str; 14] = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "word", "xdigit",
    ];
    let Some(end) = text.strip_prefix("[:").and_then(|body| body.find(":]")) else { return Ok(None) };
    let (whole, name) = (&text[..end + 4], &text[2..end + 2]);
    if NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        Ok(Some(whole))
    } else {
        Err(GoRegexError::new(GoRegexError::CHAR_RANGE, whole))
    }
}

/// Appends the character or range at `start` of the class `text`, and returns its length.
fn range(text: &str, start: usize, items: &mut String) -> Result<usize, GoRegexError> {
    let (low, mut length) = class_char(text, start)?;
    let mut high = low;
    let behind = &text[start + length..];
    if behind.len() >= 2 && behind.starts_with('-') && !behind.starts_with("-]") {
        let (end, end_length) = class_char(text, start + length + 1)?;
        high = end;
        length += 1 + end_length;
        if high < low {
            return Err(GoRegexError::new(GoRegexError::CHAR_RANGE, &text[start..start + length]));
        }
    }
    // Surrogates are code points for Go, but no text contains them.
    let low = if (0xD800..0xE000).contains(&low) { 0xE000 } else { low };
    let high = if (0xD800..0xE000).contains(&high) { 0xD7FF } else { high };
    if low <= high {
        items.push_str(&format!(r"\x{{{low:X}}}-\x{{{high:X}}}"));
    }
    Ok(length)
}

/// The code point at `start` of the class `text`, and the length of what stands for it.
fn class_char(text: &str, start: usize) -> Result<(u32, usize), GoRegexError> {
    let rest = &text[start..];
    match rest.chars().next() {
        None => Err(GoRegexError::new(GoRegexError::MISSING_BRACKET, text)),
        Some('\\') => escaped_char(rest),
        Some(c) => Ok((c.into(), c.len_utf8())),
    }
}

/// The code point of the escape at the start of `text`, and its length.
pub(super) fn escaped_char(text: &str) -> Result<(u32, usize), GoRegexError> {
    let bytes = text.as_bytes();
    let Some(c) = text[1..].chars().next() else {
        return Err(GoRegexError::new(GoRegexError::TRAILING_BACKSLASH, ""));
    };
    let invalid = |length: usize| {
        let end = (length..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
        GoRegexError::new(GoRegexError::ESCAPE, &text[..end])
    };
    let is_octal = |at: usize| bytes.get(at).is_some_and(|digit| matches!(digit, b'0'..=b'7'));
    match c {
        'a' => Ok((0x07, 2)),
        'f' => Ok((0x0C, 2)),
        'n' => Ok((0x0A, 2)),
        'r' => Ok((0x0D, 2)),
        't' => Ok((0x09, 2)),
        'v' => Ok((0x0B, 2)),
        // A single digit would be a back-reference, which does not exist.
        '0' | '1'..='7' if c == '0' || is_octal(2) => {
            let length = 2 + (2..4).take_while(|at| is_octal(*at)).count();
            let code = bytes[1..length].iter().fold(0, |code, digit| code * 8 + u32::from(digit - b'0'));
            Ok((code, length))
        }
        'x' if text[2..].starts_with('{') => braced_hex(text),
        'x' => {
            let digit = |at: usize| bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16));
            match (digit(2), digit(3)) {
                (Some(high), Some(low)) => Ok((high * 16 + low, 4)),
                _ => Err(invalid(4)),
            }
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok((c.into(), 2)),
        c => Err(invalid(1 + c.len_utf8())),
    }
}

/// `\x{10FFFF}`
fn braced_hex(text: &str) -> Result<(u32, usize), GoRegexError> {
    let mut code = 0;
    for (at, c) in text.char_indices().skip(3) {
        let digit = c.to_digit(16).filter(|digit| code * 16 + digit <= 0x10_FFFF);
        match (c, digit) {
            ('}', _) if at > 3 => return Ok((code, at + 1)),
            (_, Some(digit)) => code = code * 16 + digit,
            (_, None) => return Err(GoRegexError::new(GoRegexError::ESCAPE, &text[..at + c.len_utf8()])),
        }
    }
    Err(GoRegexError::new(GoRegexError::ESCAPE, text))
}
