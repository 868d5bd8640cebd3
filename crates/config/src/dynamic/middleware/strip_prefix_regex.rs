//! `stripPrefixRegex`.

use crate::decode::config;

config! {
    /// Takes a prefix that an expression describes off the path.
    pub struct StripPrefixRegex: "*dynamic.StripPrefixRegex" {
        /// Expressions; the first that fits at the start of the path is taken off.
        "regex" regex: Vec<String>,
    }
}
