//! How clients are told apart, for several middlewares.

use crate::decode::config;

config! {
    /// Which address is the client's.
    pub struct IpStrategy: "*dynamic.IPStrategy" {
        /// The N-th value of X-Forwarded-For from the right; 0 means not this way.
        "depth" depth: i64,
        /// The first value of X-Forwarded-For from the right that is none of these.
        "excludedIPs" excluded_ips: Vec<String>,
        /// Takes IPv6 addresses with the same first bits as one.
        "ipv6Subnet" ipv6_subnet: Option<i64>,
    }

    /// What makes requests belong together; only one of them.
    pub struct SourceCriterion: "*dynamic.SourceCriterion" {
        /// The client's address.
        "ipStrategy" ip_strategy: Option<IpStrategy>,
        /// The value of a header.
        "requestHeaderName" request_header_name: String,
        /// The host asked for.
        "requestHost" request_host: bool,
    }
}
