//! `http` and `rest`.

use std::collections::BTreeMap;

use crate::decode::config;
use crate::duration::Duration;
use crate::dynamic::ClientTls;

config! {
    /// A document that is fetched by HTTP.
    pub struct HttpProvider: "*http.Provider" {
        /// Its URL.
        "endpoint" [guarded] endpoint: String,
        /// Time between two fetches.
        "pollInterval" poll_interval: Duration = Duration::from_secs(5),
        /// Longest time of a fetch.
        "pollTimeout" poll_timeout: Duration = Duration::from_secs(5),
        /// Headers to send.
        "headers" [guarded] headers: BTreeMap<String, String>,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Largest document in bytes; -1 means any.
        "maxResponseBodySize" max_response_body_size: i64 = -1,
    }

    /// A document that others send.
    pub struct RestProvider: "*rest.Provider" {
        /// Takes it on the entry point traefik, without any protection.
        "insecure" insecure: bool,
    }
}
