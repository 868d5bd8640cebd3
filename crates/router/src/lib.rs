//! Decides which router a request belongs to.
//!
//! A rule is compiled once into a [`CompiledRule`], which can tell by itself whether it matches a
//! [`RequestView`]. A [`Table`] holds the rules of one entry point in Traefik's order and finds the first
//! that matches through an index whose cost does not grow with the number of routes. Whatever the index says
//! is checked with the rule itself, so the index can only be slow, never wrong in what it accepts; tests hold
//! both equal in what they refuse.
//!
//! The matchers are one file each in `matchers/`, listed in one table there. The grammar and everything that
//! does not depend on HTTP live in `ferroway-rules`. TCP routers have matchers and a table of their own in [`tcp`].

mod anchors;
mod host_names;
mod index;
mod key;
mod matchers;
mod query;
mod rule;
mod table;
pub mod tcp;
mod view;

pub use ferroway_rules::{Position, RuleError, Syntax, canonical_host, routing_path};
pub use host_names::host_names;
pub use query::Query;
pub use rule::{CompiledRule, Mismatch, Outcome};
pub use table::{Route, Table, Tie};
pub use view::RequestView;
