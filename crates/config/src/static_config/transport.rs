//! `serversTransport`, `tcpServersTransport` and `spiffe`.

use crate::decode::{FileOrContent, config};
use crate::duration::Duration;
use crate::dynamic::Spiffe;

config! {
    /// Defaults for connections to HTTP servers.
    pub struct ServersTransport: "*static.ServersTransport" {
        /// Does not check certificates.
        "insecureSkipVerify" insecure_skip_verify: bool,
        /// Authorities, PEM; empty means those of the system.
        "rootCAs" root_cas: Vec<FileOrContent>,
        /// Idle connections kept for each server; 0 means 2, below 0 none.
        "maxIdleConnsPerHost" max_idle_conns_per_host: i64 = 200,
        /// Time limits.
        "forwardingTimeouts" forwarding_timeouts: ForwardingTimeouts,
        /// Servers' identities by SPIFFE.
        "spiffe" [allow_empty, planned] spiffe: Option<Spiffe>,
    }

    /// Time limits of connections to servers.
    pub struct ForwardingTimeouts: "*static.ForwardingTimeouts" {
        /// Longest time to connect; 0 means none.
        "dialTimeout" dial_timeout: Duration = Duration::from_secs(30),
        /// Longest wait for an answer's headers; 0 means none.
        "responseHeaderTimeout" response_header_timeout: Duration,
        /// How long an idle connection is kept; 0 means for ever.
        "idleConnTimeout" idle_conn_timeout: Duration = Duration::from_secs(90),
    }

    /// Defaults for connections to TCP servers.
    pub struct TcpServersTransport: "*static.TCPServersTransport" {
        /// Interval of keep-alive probes; 0 means 15s, below 0 none.
        "dialKeepAlive" dial_keep_alive: Duration = Duration::from_secs(15),
        /// Longest time to connect; 0 means none.
        "dialTimeout" dial_timeout: Duration = Duration::from_secs(30),
        /// Time to wait after one side has ended; below 0 means for ever.
        "terminationDelay" termination_delay: Duration,
        /// TLS towards the servers.
        "tls" [allow_empty] tls: Option<TcpTransportTls>,
    }

    /// TLS towards TCP servers.
    pub struct TcpTransportTls: "*static.TLSClientConfig" {
        /// Does not check certificates.
        "insecureSkipVerify" insecure_skip_verify: bool,
        /// Authorities, PEM; empty means those of the system.
        "rootCAs" root_cas: Vec<FileOrContent>,
        /// Servers' identities by SPIFFE.
        "spiffe" [allow_empty, planned] spiffe: Option<Spiffe>,
    }

    /// The SPIFFE workload API.
    pub struct SpiffeClient: "*static.SpiffeClientConfig" {
        /// Its address.
        "workloadAPIAddr" workload_api_addr: String,
    }
}
