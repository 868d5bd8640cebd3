//! `ipAllowList` and the older `ipWhiteList`.

use super::IpStrategy;
use crate::decode::config;

config! {
    /// Lets in these clients only.
    pub struct IpAllowList: "*dynamic.IPAllowList" {
        /// Addresses and ranges (CIDR).
        "sourceRange" source_range: Vec<String>,
        /// Which address is the client's; unset means the peer's.
        "ipStrategy" [allow_empty] ip_strategy: Option<IpStrategy>,
        /// Status for all others; 0 means 403.
        "rejectStatusCode" reject_status_code: i64,
    }

    /// Lets in these clients only, 403 for the others.
    pub struct IpWhiteList: "*dynamic.IPWhiteList" {
        /// Addresses and ranges (CIDR).
        "sourceRange" source_range: Vec<String>,
        /// Which address is the client's; unset means the peer's.
        "ipStrategy" [allow_empty] ip_strategy: Option<IpStrategy>,
    }
}
