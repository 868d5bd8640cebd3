//! `redirectRegex`.

use crate::decode::config;

config! {
    /// Redirects by an expression for the URL.
    pub struct RedirectRegex: "*dynamic.RedirectRegex" {
        /// The expression.
        "regex" regex: String,
        /// The new URL; `$1` and `${1}` are groups.
        "replacement" replacement: String,
        /// 301 or 308 instead of 302 or 307.
        "permanent" permanent: bool,
    }
}
