//! Go's regular expressions on Rust's engine.
//!
//! Both descend from RE2: linear time, the same leftmost-first semantics. The syntaxes differ in details that
//! decide who matches (`\d` is ASCII in Go, `\<` a literal, `[a&&b]` a set of three), so a pattern is parsed
//! by Go's grammar and written anew for Rust. Configurations that Go refuses are refused with Go's message.

mod class;
mod error;
mod expand;
mod literals;
mod translate;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use regex::{Captures, Regex, RegexBuilder};

pub use error::GoRegexError;
pub use literals::Literals;

use crate::go_text;
pub use expand::Replacement;

/// Memory that a compiled expression may take, in bytes: some ten thousand states.
const SIZE_LIMIT: usize = 10 << 20;

/// Memory that an expression may cache while matching, in bytes, in each thread that uses it.
const CACHE_LIMIT: usize = 1 << 20;

/// How deep the translated expression may be nested; the translator itself stops earlier.
const NEST_LIMIT: u32 = 2000;

/// A compiled regular expression of Go's syntax.
///
/// Matching is not anchored, as with Go's `regexp.MatchString`. Texts are UTF-8; bytes that are not match as
/// U+FFFD, one for each byte, which is how Go sees them.
#[derive(Debug, Clone)]
pub struct GoRegex {
    regex: Regex,
    /// The name of each group; the first is the whole match.
    names: Box<[Option<Box<str>>]>,
}

/// Fills in a replacement, for the engine.
struct Replacing<'a> {
    replacement: &'a Replacement,
    names: &'a [Option<Box<str>>],
}

impl regex::Replacer for Replacing<'_> {
    fn replace_append(&mut self, captures: &Captures<'_>, out: &mut String) {
        self.replacement.expand(captures, self.names, out);
    }
}

impl GoRegex {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// What Go would say of the pattern; also that it is too large, where Go has higher limits.
    pub fn new(pattern: &str) -> Result<Self, GoRegexError> {
        let translated = translate::translate(pattern)?;
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(CACHE_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()
            .map_err(|error| GoRegexError::refused(pattern, &error))?;
        Ok(Self { regex, names: translated.names.into_boxed_slice() })
    }

    /// Whether the expression matches anywhere in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Whether the expression matches anywhere in `text`, which need not be UTF-8.
    pub fn is_match_bytes(&self, text: &[u8]) -> bool {
        self.regex.is_match(&go_text(text))
    }

    /// Where the first match is, in bytes.
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.regex.find(text).map(|found| found.range())
    }

    /// `text` with every match replaced. Borrows when nothing matches.
    pub fn replace_all<'t>(&self, text: &'t str, replacement: &Replacement) -> Cow<'t, str> {
        self.regex.replace_all(text, Replacing { replacement, names: &self.names })
    }

    /// Texts of which every match must begin with, end with or be one.
    pub fn literals(&self) -> Literals {
        Literals::of(self.regex.as_str())
    }
}
