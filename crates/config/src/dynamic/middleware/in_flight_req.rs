//! `inFlightReq`.

use super::SourceCriterion;
use crate::decode::config;

config! {
    /// Limits requests in flight.
    pub struct InFlightReq: "*dynamic.InFlightReq" {
        /// The limit; 0 refuses everything.
        "amount" amount: i64,
        /// What makes requests belong together; unset means the host asked for.
        "sourceCriterion" source_criterion: Option<SourceCriterion>,
    }
}
