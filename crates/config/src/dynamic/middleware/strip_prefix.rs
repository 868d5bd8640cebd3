//! `stripPrefix`.

use crate::decode::config;

config! {
    /// Takes a prefix off the path.
    pub struct StripPrefix: "*dynamic.StripPrefix" {
        /// Prefixes; the first that fits is taken off.
        "prefixes" prefixes: Vec<String>,
        /// Leaves `/` where nothing would be left.
        "forceSlash" [deprecated("an empty path is sent as / anyway")] force_slash: Option<bool>,
    }
}
