//! `replacePathRegex`.

use crate::decode::config;

config! {
    /// Replaces what an expression finds in the path.
    pub struct ReplacePathRegex: "*dynamic.ReplacePathRegex" {
        /// The expression.
        "regex" regex: String,
        /// What takes its place; `$1` and `${1}` are groups.
        "replacement" replacement: String,
    }
}
