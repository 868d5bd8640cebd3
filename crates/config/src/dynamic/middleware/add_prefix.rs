//! `addPrefix`.

use crate::decode::config;

config! {
    /// Puts a prefix before the path.
    pub struct AddPrefix: "*dynamic.AddPrefix" {
        /// The prefix; must not be empty.
        "prefix" prefix: String,
    }
}
