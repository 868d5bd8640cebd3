//! The language of router rules, without knowing what its matchers do.
//!
//! [`parse`] turns the text of a rule into a [`Tree`] of matcher calls with their places in the text. Which
//! matchers exist is told by a [`Vocabulary`], so that HTTP and TCP rules share the grammar, the limits and
//! the error messages; what a matcher means is decided by the router crates, which own the tables.
//!
//! Beside the grammar this crate owns what else must agree with Go to the byte for rules to match as they do
//! in Traefik: regular expressions ([`GoRegex`]), the canonical host and the routing path of a request.
//!
//! Nothing here does input or output, and nothing panics on any input.

mod error;
mod go_regex;
mod go_string;
mod go_text;
mod host;
mod lexer;
mod parser;
mod routing_path;
mod tree;
mod vocabulary;

pub use error::{Position, RuleError, Span};
pub use go_regex::{GoRegex, GoRegexError, Literals, Replacement};
pub use go_text::go_text;
pub use host::canonical_host;
pub use parser::{MAX_DEPTH, MAX_LENGTH, parse};
pub use routing_path::routing_path;
pub use tree::{Argument, Call, Tree};
pub use vocabulary::{Signature, Syntax, Vocabulary};
