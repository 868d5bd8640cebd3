//! Functions that work on words: letter case, initials, wrapping.

use super::super::value::Value;

use super::Family;
use super::args::{Outcome, check_size, exactly, integer, text};
use super::cases;

pub(super) const FUNCTIONS: Family = &[
    ("upper", upper),
    ("lower", lower),
    ("title", title),
    ("untitle", untitle),
    ("swapcase", swapcase),
    ("snakecase", snakecase),
    ("kebabcase", kebabcase),
    ("camelcase", camelcase),
    ("initials", initials),
    ("nospace", nospace),
    ("wrap", wrap),
    ("wrapWith", wrap_with),
];

/// The upper-case form where it is one character, as Go maps letters (`ß` stays `ß`).
pub(super) fn to_upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// The lower-case form; the first character where there are several.
pub(super) fn to_lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// A function of one text.
fn map_text(args: &[Value], change: impl Fn(&str) -> String) -> Outcome {
    let [value] = exactly(args)?;
    Ok(change(text(value)?).into())
}

fn upper(args: &[Value]) -> Outcome {
    map_text(args, |value| value.chars().map(to_upper).collect())
}

fn lower(args: &[Value]) -> Outcome {
    map_text(args, |value| value.chars().map(to_lower).collect())
}

/// Changes the characters that follow a separator (or stand first).
fn after_separator(
    value: &str,
    is_separator: impl Fn(char) -> bool,
    change: impl Fn(char) -> char,
) -> String {
    let mut first = true;
    value
        .chars()
        .map(|c| {
            let changed = if first { change(c) } else { c };
            first = is_separator(c);
            changed
        })
        .collect()
}

fn title(args: &[Value]) -> Outcome {
    /// What parts words: all ASCII but letters, digits and `_`, and other white space.
    fn parts_words(c: char) -> bool {
        if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() }
    }
    map_text(args, |value| after_separator(value, parts_words, to_upper))
}

fn untitle(args: &[Value]) -> Outcome {
    map_text(args, |value| after_separator(value, char::is_whitespace, to_lower))
}

fn swapcase(args: &[Value]) -> Outcome {
    map_text(args, |value| {
        value.chars().map(|c| if c.is_lowercase() { to_upper(c) } else { to_lower(c) }).collect()
    })
}

fn snakecase(args: &[Value]) -> Outcome {
    map_text(args, |value| cases::separated(value, '_'))
}

fn kebabcase(args: &[Value]) -> Outcome {
    map_text(args, |value| cases::separated(value, '-'))
}

fn camelcase(args: &[Value]) -> Outcome {
    map_text(args, cases::camel)
}

fn initials(args: &[Value]) -> Outcome {
    map_text(args, |value| value.split_whitespace().filter_map(|word| word.chars().next()).collect())
}

/// Traefik: sprig garbles everything beyond ASCII here when it removes a space; the other characters stay.
fn nospace(args: &[Value]) -> Outcome {
    map_text(args, |value| value.chars().filter(|c| !c.is_whitespace()).collect())
}

fn wrap(args: &[Value]) -> Outcome {
    let [width, value] = exactly(args)?;
    let width = usize::try_from(integer(width)?).unwrap_or(1).max(1);
    let value = text(value)?;
    Ok(wrapped(value, width, "\n", LongWords::Keep).into())
}

fn wrap_with(args: &[Value]) -> Outcome {
    let [width, separator, value] = exactly(args)?;
    let width = usize::try_from(integer(width)?).unwrap_or(1).max(1);
    let (separator, value) = (text(separator)?, text(value)?);
    let separator = if separator.is_empty() { "\n" } else { separator };
    check_size(value.len().saturating_mul(separator.len() + 1))?;
    Ok(wrapped(value, width, separator, LongWords::Cut).into())
}

/// What happens to words that are longer than a line.
#[derive(Clone, Copy, PartialEq)]
enum LongWords {
    Keep,
    Cut,
}

/// `value` with `separator` for the space before each word that would pass `width` bytes.
fn wrapped(value: &str, width: usize, separator: &str, long_words: LongWords) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(' ') {
            rest = after;
            continue;
        }
        let window = &rest[..rest.floor_char_boundary(width + 1)];
        let (end, next) = match (window.rfind(' '), long_words) {
            (Some(space), _) => (space, space + 1),
            (None, LongWords::Cut) => {
                let end = rest.floor_char_boundary(width);
                let end = if end == 0 { rest.ceil_char_boundary(1) } else { end };
                (end, end)
            }
            (None, LongWords::Keep) => match rest.find(' ') {
                Some(space) => (space, space + 1),
                None => break,
            },
        };
        out.push_str(&rest[..end]);
        out.push_str(separator);
        rest = &rest[next..];
    }
    out.push_str(rest);
    out
}
