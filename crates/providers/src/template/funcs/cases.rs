//! `snakecase`, `kebabcase` and `camelcase`: where names are cut into words.

use super::words::{to_lower, to_upper};

/// What a run of characters in a name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Upper-case letters, or one upper-case letter with the lower-case ones behind it.
    Upper,
    Letters,
    Digits,
    Connector,
    Punctuation,
    Other,
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// ASCII characters that Unicode calls punctuation (not symbols such as `$` or `+`).
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
}

fn kind(c: char) -> Kind {
    match c {
        c if is_connector(c) => Kind::Connector,
        c if is_punctuation(c) => Kind::Punctuation,
        c if c.is_uppercase() => Kind::Upper,
        c if c.is_alphabetic() => Kind::Letters,
        c if c.is_numeric() => Kind::Digits,
        _ => Kind::Other,
    }
}

/// The length of the leading characters of one kind.
fn run(text: &str, wanted: Kind) -> usize {
    text.find(|c| kind(c) != wanted).unwrap_or(text.len())
}

/// The first word of a text that is not empty.
fn next_word(text: &str) -> (Kind, usize) {
    let first = text.chars().next().map_or(Kind::Other, kind);
    if first != Kind::Upper {
        return (first, run(text, first));
    }
    let upper = run(text, Kind::Upper);
    let lower = run(&text[upper..], Kind::Letters);
    let last = text[..upper].chars().next_back().map_or(0, char::len_utf8);
    match (upper == last, lower) {
        (true, _) => (Kind::Upper, upper + lower),
        (false, 0) => (Kind::Upper, upper),
        // The last capital of `HTTPStatus` begins the next word.
        (false, _) => (Kind::Upper, upper - last),
    }
}

fn words(mut text: &str) -> Vec<(Kind, &str)> {
    let mut words = Vec::new();
    while !text.is_empty() {
        let (kind, length) = next_word(text);
        words.push((kind, &text[..length]));
        text = &text[length..];
    }
    words
}

/// The words of a name in lower case with `connector` between them. Digits stick to a capitalised word before
/// them (`Bld4Floor` gives `bld4_floor`) unless lower-case letters follow (`http2xx` gives `http_2xx`).
pub(super) fn separated(text: &str, connector: char) -> String {
    let words = words(text);
    let kind_at = |at: usize| words.get(at).map(|word| word.0);
    let parts = |kind: Option<Kind>| kind.is_some_and(|k| k != Kind::Connector && k != Kind::Punctuation);
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some(&(kind, word)) = words.get(at) {
        push(&mut out, kind, word, connector);
        at += 1;
        if matches!(kind, Kind::Connector | Kind::Punctuation) || at == words.len() {
            continue;
        }
        if kind != Kind::Digits && kind_at(at) == Some(Kind::Digits) && at + 1 < words.len() {
            if kind_at(at + 1) == Some(Kind::Letters) {
                out.push(connector);
            }
            push(&mut out, Kind::Digits, words[at].1, connector);
            at += 1;
            if kind_at(at) == Some(Kind::Letters) {
                at = push_letters_and_digits(&mut out, &words, at, connector);
            }
        } else if kind == Kind::Digits {
            at = push_letters_and_digits(&mut out, &words, at, connector);
        } else if kind_at(at) == Some(Kind::Digits) {
            continue;
        }
        if parts(kind_at(at)) {
            out.push(connector);
        }
    }
    out
}

/// Pushes the lower-case and digit words from `at` on; gives the place of the first other word.
fn push_letters_and_digits(
    out: &mut String,
    words: &[(Kind, &str)],
    mut at: usize,
    connector: char,
) -> usize {
    while let Some(&(kind @ (Kind::Letters | Kind::Digits), word)) = words.get(at) {
        push(out, kind, word, connector);
        at += 1;
    }
    at
}

fn push(out: &mut String, kind: Kind, word: &str, connector: char) {
    match kind {
        Kind::Connector => out.extend(word.chars().map(|_| connector)),
        Kind::Upper => out.extend(word.chars().map(to_lower)),
        _ => out.push_str(word),
    }
}

/// The words of a name joined, each but the first with a capital; leading and doubled connectors stay.
pub(super) fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next_if(|c| is_connector(*c)) {
        out.push(c);
    }
    let Some(first) = chars.next() else { return out };
    let mut lowering = first.is_uppercase();
    let mut previous = to_lower(first);
    for c in chars {
        let mut current = c;
        match (is_connector(previous), is_connector(c)) {
            (true, true) => out.push(previous),
            (true, false) => {
                lowering = c.is_uppercase();
                current = to_upper(c);
            }
            (false, _) => {
                if lowering {
                    lowering = c.is_uppercase();
                    current = if lowering { to_lower(c) } else { c };
                }
                out.push(previous);
            }
        }
        previous = current;
    }
    out.push(if lowering { to_lower(previous) } else { previous });
    out
}
