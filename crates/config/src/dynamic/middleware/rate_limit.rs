//! `rateLimit`.

use super::SourceCriterion;
use crate::decode::config;
use crate::duration::Duration;
use crate::dynamic::ClientTls;

config! {
    /// Limits requests over time.
    pub struct RateLimit: "*dynamic.RateLimit" {
        /// Requests in each period; 0 means no limit.
        "average" average: i64,
        /// The period.
        "period" period: Duration = Duration::from_secs(1),
        /// Requests that may come at once.
        "burst" burst: i64 = 1,
        /// What makes requests belong together; unset means the peer's address.
        "sourceCriterion" source_criterion: Option<SourceCriterion>,
        /// Counts in Redis, for several instances.
        "redis" redis: Option<Redis>,
    }

    /// A Redis server.
    pub struct Redis: "*dynamic.Redis" {
        /// Addresses, host:port.
        "endpoints" endpoints: Vec<String> = vec!["127.0.0.1:6379".to_owned()],
        /// TLS towards it.
        "tls" tls: Option<ClientTls>,
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
        /// Database number.
        "db" db: i64,
        /// Connections at most; 0 means ten a CPU.
        "poolSize" pool_size: i64,
        /// Idle connections at least.
        "minIdleConns" min_idle_conns: i64,
        /// Open connections at most; 0 means any number.
        "maxActiveConns" max_active_conns: i64,
        /// Longest wait for an answer.
        "readTimeout" read_timeout: Option<Duration> = Some(Duration::from_secs(3)),
        /// Longest time to send.
        "writeTimeout" write_timeout: Option<Duration> = Some(Duration::from_secs(3)),
        /// Longest time to connect.
        "dialTimeout" dial_timeout: Option<Duration> = Some(Duration::from_secs(5)),
    }
}
