//! Templates of v2 rules: `{name}` and `{name:regexp}`, as gorilla/mux reads them.

use ferroway_rules::GoRegex;

/// What a template is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Host,
    Path,
    PathPrefix,
    /// `key=value`, whole.
    Query,
}

/// Compiles `template`, anchored at both ends, or at the start alone for a prefix.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn compile(subject: Subject, template: &str) -> Result<GoRegex, String> {
    let (flags, anything, end) = match subject {
        Subject::Host => ("(?i)", "[^.]+", "$"),
        Subject::Path => ("", "[^/]+", "$"),
        Subject::PathPrefix => ("", "[^/]+", ""),
        Subject::Query => ("", ".*", "$"),
    };
    let regex = |pattern: &str| GoRegex::new(pattern).map_err(|error| error.to_string());
    let mut pattern = format!("{flags}^");
    let mut rest = template;
    while let Some((text, variable, after)) = split_variable(rest)? {
        let (name, expression) = variable.split_once(':').unwrap_or((variable, anything));
        if name.is_empty() || expression.is_empty() {
            return Err(format!("missing name or pattern in {{{variable}}}"));
        }
        // Each expression must be one by itself: `a)(b` is none.
        regex(&format!("^{expression}$"))?;
        pattern.push_str(&format!("{}({expression})", quote(text)));
        rest = after;
    }
    pattern.push_str(&quote(rest));
    if subject == Subject::Query && template.split_once('=').is_some_and(|(_, value)| value.is_empty()) {
        pattern.push_str(anything);
    }
    pattern.push_str(end);
    regex(&pattern)
}

/// The names of the variables in `template`, as far as it is well-formed.
pub(super) fn variables(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Ok(Some((_, variable, after))) = split_variable(rest) {
        names.push(variable.split_once(':').map_or(variable, |(name, _)| name));
        rest = after;
    }
    names
}

/// Whether the regular expression or path `text` looks as if a template was meant.
pub(super) fn looks_like_template(text: &str) -> bool {
    let Ok(Some((before, variable, _))) = split_variable(text) else { return false };
    variable.starts_with(|c: char| c.is_ascii_alphabetic())
        && ![r"\p", r"\P", r"\x"].iter().any(|class| before.ends_with(class))
}

/// The text before the first variable, the variable without its braces, and the text behind it.
fn split_variable(text: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let unbalanced = || format!("unbalanced braces in {text:?}");
    let Some(open) = text.find(['{', '}']) else { return Ok(None) };
    let mut depth = 0_usize;
    for (at, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Err(unbalanced()),
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Ok(Some((&text[..open], &text[open + 1..open + at], &text[open + at + 1..])));
        }
    }
    Err(unbalanced())
}

/// A regular expression that matches `text` alone.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}
