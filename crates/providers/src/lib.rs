//! Where dynamic configuration comes from.

pub mod template;
