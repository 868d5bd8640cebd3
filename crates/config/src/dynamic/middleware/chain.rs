//! `chain`.

use crate::decode::config;

config! {
    /// Several middlewares under one name.
    pub struct Chain: "*dynamic.Chain" {
        /// Their names, in order.
        "middlewares" middlewares: Vec<String>,
    }
}
