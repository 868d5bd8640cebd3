//! Why a regular expression is refused, in the words of Go's `regexp/syntax`.

/// A pattern that Go's syntax does not allow, or that is too large.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {reason}: `{fragment}`")]
pub struct GoRegexError {
    reason: &'static str,
    fragment: String,
}

/// The longest part of a pattern that a message repeats, in characters.
const SHOWN: usize = 100;

impl GoRegexError {
    pub(super) const CHAR_RANGE: &'static str = "invalid character class range";
    pub(super) const ESCAPE: &'static str = "invalid escape sequence";
    pub(super) const NAMED_CAPTURE: &'static str = "invalid named capture";
    pub(super) const PERL: &'static str = "invalid or unsupported Perl syntax";
    pub(super) const NESTED_REPEAT: &'static str = "invalid nested repetition operator";
    pub(super) const REPEAT_COUNT: &'static str = "invalid repeat count";
    pub(super) const MISSING_BRACKET: &'static str = "missing closing ]";
    pub(super) const MISSING_PAREN: &'static str = "missing closing )";
    pub(super) const MISSING_REPEAT_ARGUMENT: &'static str = "missing argument to repetition operator";
    pub(super) const TRAILING_BACKSLASH: &'static str = "trailing backslash at end of expression";
    pub(super) const UNEXPECTED_PAREN: &'static str = "unexpected )";
    pub(super) const DEPTH: &'static str = "expression nests too deeply";
    const LARGE: &'static str = "expression too large";
    const UNSUPPORTED: &'static str = "unsupported expression";

    pub(super) fn new(reason: &'static str, fragment: &str) -> Self {
        let fragment = match fragment.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &fragment[..end]),
            None => fragment.to_owned(),
        };
        Self { reason, fragment }
    }

    /// The engine refused the translation of `pattern`.
    pub(super) fn refused(pattern: &str, error: &regex::Error) -> Self {
        match error {
            regex::Error::CompiledTooBig(_) => Self::new(Self::LARGE, pattern),
            _ => Self::new(Self::UNSUPPORTED, pattern),
        }
    }
}
