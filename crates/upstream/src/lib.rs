//! Placeholder: filled in by the first change to this crate.
