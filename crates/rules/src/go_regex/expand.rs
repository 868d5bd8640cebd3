//! Replacement templates with Go's rules for `$`.

use regex::Captures;

/// A template for replacements, taken apart: `$1`, `${1}`, `$name` and `${name}` stand for groups and `$$` for a
/// dollar sign, as in Go's `ReplaceAllString`. A name is as long as possible, so `$1x` is the group `1x`, and a
/// group that does not exist or did not match is empty.
#[derive(Debug, Clone)]
pub struct Replacement {
    parts: Box<[Part]>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(Box<str>),
    Number(usize),
    Name(Box<str>),
}

impl Replacement {
    /// Understands a template. Every text is one.
    pub fn parse(template: &str) -> Self {
        let text = |text: &str| Part::Text(text.into());
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(dollar) = rest.find('$') {
            parts.push(text(&rest[..dollar]));
            rest = &rest[dollar + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                parts.push(text("$"));
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                parts.push(group_number(name).map_or_else(|| Part::Name(name.into()), Part::Number));
                rest = after;
            } else {
                parts.push(text("$"));
            }
        }
        parts.push(text(rest));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Self { parts: parts.into() }
    }

    /// Appends the template filled in for one match; `names` are those of the groups, from the whole match on.
    pub(super) fn expand(&self, captures: &Captures<'_>, names: &[Option<Box<str>>], out: &mut String) {
        let group = |number: usize| captures.get(number).map(|group| group.as_str());
        for part in &self.parts {
            out.push_str(match part {
                Part::Text(text) => text,
                Part::Number(number) => group(*number).unwrap_or_default(),
                Part::Name(name) => {
                    // Go allows several groups of one name: the first that took part in the match counts.
                    let mut numbers =
                        (0..names.len()).filter(|number| names[*number].as_deref() == Some(&**name));
                    numbers.find_map(group).unwrap_or_default()
                }
            });
        }
    }
}

/// The name behind a `$`, with or without braces, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (braces, body) = match text.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let end = body.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(body.len());
    let (name, after) = body.split_at(end);
    if name.is_empty() {
        return None;
    }
    Some((name, if braces { after.strip_prefix('}')? } else { after }))
}

/// The number that `name` is, unless it is one that no group can have.
fn group_number(name: &str) -> Option<usize> {
    let is_number =
        name.bytes().all(|digit| digit.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    if is_number { name.parse().ok() } else { None }
}
