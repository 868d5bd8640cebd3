//! `contentType`.

use crate::decode::config;

config! {
    /// Finds the content type of answers that lack it.
    pub struct ContentType: "*dynamic.ContentType" {
        /// Has no effect.
        "autoDetect" [deprecated("the middleware alone switches it on")] auto_detect: Option<bool>,
    }
}
