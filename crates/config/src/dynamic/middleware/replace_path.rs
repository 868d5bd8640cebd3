//! `replacePath`.

use crate::decode::config;

config! {
    /// Replaces the path.
    pub struct ReplacePath: "*dynamic.ReplacePath" {
        /// The new path, already escaped.
        "path" path: String,
    }
}
