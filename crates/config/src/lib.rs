//! What users write: the static and the dynamic configuration, from files, flags, environment variables and, through
//! the providers, labels and key/value stores.
//!
//! Every source becomes a tree of [`Node`]s with places; one decode layer ([`decode`]) turns trees into the typed
//! model and reports every [`Problem`] with its place. This crate knows no sockets, no files but through a reader
//! that it is given, and no running objects.

pub mod decode;
mod duration;
pub mod dynamic;
pub mod encode;
mod format;
mod incremental;
pub mod load;
mod node;
mod problem;
mod source;
pub mod static_config;

pub use duration::Duration;
pub use format::Format;
pub use incremental::IncrementalYaml;
pub use node::{Entry, Map, Node, Scalar, ScalarKind, Value};
pub use problem::{Problem, ProblemKind, Severity};
pub use source::{Origin, Source, Span};
