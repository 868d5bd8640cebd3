//! What is wrong with a configuration, where, and how to mend it.

use std::fmt;

use crate::source::{Origin, Span};

/// The nature of a problem; decides what the caller does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The text is not YAML or TOML.
    Syntax,
    /// A name that no option has.
    UnknownField,
    /// A section or map without content where content is needed.
    Standalone,
    /// A value of the wrong form.
    BadValue,
    /// Well-formed values that make no sense together or in this place.
    Semantic,
    /// An option of Traefik's that ferroway does not have yet.
    NotImplemented,
    /// An option that earlier releases had and this one refuses.
    Removed,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Everything works, and Traefik says nothing; the user may still want to know.
    Advice,
    /// The option works, but the user should know something.
    Warning,
    /// The option cannot be used.
    Error,
}

/// One problem in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its nature.
    pub kind: ProblemKind,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what was expected, without the place.
    pub message: String,
    /// Traefik's own words for the same problem, where users search logs for them.
    pub traefik: Option<String>,
    /// The option's path, for example `http.routers.app.rule`; empty for a whole document.
    pub path: String,
    /// Where it is.
    pub span: Span,
}

impl Problem {
    /// An error.
    pub fn error(kind: ProblemKind, span: Span, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            severity: Severity::Error,
            message: message.into(),
            traefik: None,
            path: path.into(),
            span,
        }
    }

    /// A warning.
    pub fn warning(
        kind: ProblemKind,
        span: Span,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(kind, span, path, message) }
    }

    /// An advice.
    pub fn advice(
        kind: ProblemKind,
        span: Span,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Advice, ..Self::error(kind, span, path, message) }
    }

    /// Adds Traefik's words.
    #[must_use]
    pub fn traefik(mut self, text: impl Into<String>) -> Self {
        self.traefik = Some(text.into());
        self
    }

    /// True for an error, false for a warning or an advice.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The problem with the source line and a caret below the place, for terminals.
    ///
    /// ```text
    /// dyn.yml:14:7: unknown option "rulez" in http.routers.app; did you mean "rule"?
    ///    14 |       rulez: Host(`a`)
    ///       |       ^
    /// ```
    pub fn render(&self) -> String {
        let mut out = self.to_string();
        let Some(text) = self.span.source.line(self.span.line) else { return out };
        if self.span.source.origin != Origin::File {
            return out;
        }
        let (shown, caret) = window(text, self.span.column);
        out.push_str(&format!("\n{:>6} | {shown}\n{:>6} | {:>caret$}", self.span.line, "", "^"));
        out
    }
}

/// `place: message`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.span, self.message)
    }
}

impl std::error::Error for Problem {}

/// The part of a line to show, and the column of the caret in it, both fit for a terminal.
fn window(text: &str, column: u32) -> (String, usize) {
    /// Characters shown of a long line.
    const WIDTH: usize = 100;
    /// Characters shown before the caret when the line is cut on the left.
    const LEAD: usize = 40;
    let at = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
    let length = text.chars().count();
    let at = at.min(length);
    let start = if length > WIDTH && at > LEAD { at - LEAD } else { 0 };
    let shown = text.chars().skip(start).take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    (shown, at - start + 1)
}
