//! What is wrong with a rule, where, and how it should read instead.

use std::fmt;

/// A range of bytes in the text of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, without, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text that the span covers; empty where it does not lie in `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A place in a text as people count: both numbers start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Position {
    /// The position of the byte at `offset`.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A rule that cannot be used, or (as a warning) one that does not do what it seems to.
///
/// `Display` gives one line, [`RuleError::render`] several with a caret under the offending text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}{}", help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct RuleError {
    /// Where the offending text begins.
    pub position: Position,
    /// The offending text.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
    /// The nearest valid form, or what to do.
    pub help: Option<String>,
}

/// How many characters of a line [`RuleError::render`] shows at most.
const RENDERED_WIDTH: usize = 100;
/// How many of them stand before the caret where the line has to be cut.
const RENDERED_BEFORE: usize = 40;

impl RuleError {
    /// An error about the part `span` of the rule `text`.
    pub fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        Self { position: Position::of(text, span.start), span, message: message.into(), help: None }
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The line of the rule that is at fault, with carets under the offending text, the message and the
    /// advice.
    ///
    /// `text` is the rule that the error is about. Long lines are cut, control characters shown as spaces.
    pub fn render(&self, text: &str) -> String {
        let line: Vec<char> = text
            .split('\n')
            .nth(self.position.line - 1)
            .unwrap_or_default()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let column = (self.position.column - 1).min(line.len());
        let offending = self.span.of(text).split('\n').next().unwrap_or_default().chars().count().max(1);
        let first = if line.len() > RENDERED_WIDTH { column.saturating_sub(RENDERED_BEFORE) } else { 0 };
        let last = line.len().min(first + RENDERED_WIDTH);
        let shown: String = line[first..last].iter().collect();
        let carets = "^".repeat(offending.min((last - column).max(1)));

        let number = self.position.line.to_string();
        let gutter = " ".repeat(number.len());
        let (cut_left, cut_right) =
            (if first > 0 { "…" } else { "" }, if last < line.len() { "…" } else { "" });
        let indent = " ".repeat(column - first + cut_left.chars().count());
        let mut out =
            format!("{number} | {cut_left}{shown}{cut_right}\n{gutter} | {indent}{carets} {}", self.message);
        if let Some(help) = &self.help {
            out.push_str(&format!("\n{gutter} = help: {help}"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, start: usize, end: usize) -> RuleError {
        RuleError::new(text, Span::new(start, end), "bad").with_help("good")
    }

    #[test]
    fn position_counts_characters_and_lines() {
        let text = "é &&\n  x";
        assert_eq!(error(text, 7, 8).position, Position { line: 2, column: 2 });
        assert_eq!(error(text, 3, 5).to_string(), "1:3: bad; good");
        assert_eq!(error(text, 99, 100).position.line, 2, "an offset behind the text is its end");
    }

    #[test]
    fn render_points_at_the_offending_text() {
        assert_eq!(
            error("Host(`a`) &&\nPath(x)", 18, 19).render("Host(`a`) &&\nPath(x)"),
            "2 | Path(x)\n  |      ^ bad\n  = help: good"
        );
        assert_eq!(error("", 0, 0).render(""), "1 | \n  | ^ bad\n  = help: good");
    }

    #[test]
    fn render_cuts_long_lines_around_the_caret() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let rendered = error(&text, 500, 501).render(&text);
        let lines: Vec<&str> = rendered.lines().collect();
        assert_eq!(lines[0].chars().count(), "1 | ".len() + 1 + RENDERED_WIDTH + 1);
        let caret = lines[1].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[0].chars().nth(caret), Some('X'));
    }
}
