//! Replacement templates with Go's rules for `$`.

use regex::Captures;

/// A template, taken apart.
pub(super) struct Template<'t> {
    parts: Vec<Part<'t>>,
}

enum Part<'t> {
    Text(&'t str),
    Number(usize),
    Name(&'t str),
}

impl<'t> Template<'t> {
    pub(super) fn parse(template: &'t str) -> Self {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(dollar) = rest.find('$') {
            parts.push(Part::Text(&rest[..dollar]));
            rest = &rest[dollar + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                parts.push(Part::Text("$"));
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                parts.push(group_number(name).map_or(Part::Name(name), Part::Number));
                rest = after;
            } else {
                parts.push(Part::Text("$"));
            }
        }
        parts.push(Part::Text(rest));
        Self { parts }
    }

    /// The template filled in for one match; `names` are those of the groups, from the whole match on.
    pub(super) fn expand(&self, captures: &Captures<'_>, names: &[Option<Box<str>>]) -> String {
        let group = |number: usize| captures.get(number).map(|group| group.as_str());
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => *text,
            Part::Number(number) => group(*number).unwrap_or_default(),
            Part::Name(name) => {
                // Go allows several groups of one name: the first that took part in the match counts.
                let mut numbers = (0..names.len()).filter(|number| names[*number].as_deref() == Some(*name));
                numbers.find_map(group).unwrap_or_default()
            }
        });
        texts.collect()
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
