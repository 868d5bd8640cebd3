//! Go templates in configuration files: the text that `{{ ... }}` actions make before a file is parsed.
//!
//! The language is Go's `text/template` with the functions of sprig 3.2.3 and Traefik's `normalize` and `split`,
//! checked against the real Traefik's answers (`facts.tsv`). Source: compatibility reference 7.2.
//!
//! `lex` and `parse` make the tree of `ast`, `exec` executes it on the values of `value`, `funcs` holds
//! the functions, one file a family. Known differences from Go, each in a corner that configuration files hardly
//! reach: maps are not shared between variables (see `exec`), an integer argument may be of any integer type,
//! strings are cut between characters where Go cuts between bytes, `keys` and `values` are sorted, and complex
//! numbers and functions that make keys and certificates are missing.

mod ast;
mod builtins;
mod exec;
mod funcs;
mod go_time;
mod lex;
mod methods;
mod numbers;
mod parse;
mod printf;
mod quoting;
#[cfg(test)]
mod tests;
mod value;
mod version;

use std::borrow::Cow;
use std::time::Duration;

/// Function calls and iterations of one file.
const MAX_STEPS: u64 = 10_000_000;
/// Time that one file may take.
const MAX_TIME: Duration = Duration::from_secs(10);
/// Bytes that one file may become.
const MAX_OUTPUT_BYTES: usize = 64 << 20;
/// Blocks, templates and parentheses inside of each other; each level costs stack.
const MAX_DEPTH: usize = 100;
/// How deep lists and maps may be nested; whatever walks them costs stack.
const MAX_VALUE_DEPTH: usize = 100;
/// Bytes and elements of one value.
const MAX_VALUE_WEIGHT: usize = 4 << 20;

/// A template that cannot be parsed or executed. The file is known to the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct TemplateError {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong and what was expected.
    pub message: String,
}

/// Executes the template in `text`. The data object is the boolean `false`, as in Traefik.
///
/// A text without `{{` is its own result and costs one search.
///
/// # Errors
/// The first syntax or execution error, with its place in `text`. Loops, recursion, time and the size of values and
/// output are bounded; passing a bound is an error too.
pub fn render(text: &str) -> Result<Cow<'_, str>, TemplateError> {
    if !text.contains("{{") {
        return Ok(Cow::Borrowed(text));
    }
    let rendered = parse::parse(text).and_then(|parsed| exec::execute(&parsed, &false.into()));
    rendered.map(Cow::Owned).map_err(|fault| {
        let (line, column) = line_and_column(text, fault.at);
        TemplateError { line, column, message: fault.message }
    })
}

/// Line and column in characters of a byte offset, both counted from 1.
fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
