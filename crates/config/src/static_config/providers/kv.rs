//! Key/value stores: `consul`, `etcd`, `redis`, `zookeeper`.

use crate::decode::config;
use crate::dynamic::ClientTls;

config! {
    /// Consul's key/value store.
    pub struct Consul: "*consul.ProviderBuilder" {
        /// Servers, host:port.
        "endpoints" [guarded] endpoints: Vec<String> = vec!["127.0.0.1:8500".to_owned()],
        /// Key below which the configuration is.
        "rootKey" root_key: String = "traefik".to_owned(),
        /// Token.
        "token" [secret] token: String,
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// Namespaces; each is a provider of its own.
        "namespaces" namespaces: Vec<String>,
    }
    legacy { "namespace" => Removed("use namespaces") }

    /// etcd.
    pub struct Etcd: "*etcd.Provider" {
        /// Servers, host:port.
        "endpoints" [guarded] endpoints: Vec<String> = vec!["127.0.0.1:2379".to_owned()],
        /// Key below which the configuration is.
        "rootKey" root_key: String = "traefik".to_owned(),
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
    }

    /// Redis.
    pub struct RedisProvider: "*redis.Provider" {
        /// Servers, host:port.
        "endpoints" [guarded] endpoints: Vec<String> = vec!["127.0.0.1:6379".to_owned()],
        /// Key below which the configuration is.
        "rootKey" root_key: String = "traefik".to_owned(),
        /// TLS.
        "tls" tls: Option<ClientTls>,
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
        /// Database number.
        "db" db: i64,
        /// Redis Sentinel.
        "sentinel" sentinel: Option<Sentinel>,
    }

    /// Redis Sentinel.
    pub struct Sentinel: "*redis.Sentinel" {
        /// Name of the master.
        "masterName" master_name: String,
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
        /// Reads from the nearest server.
        "latencyStrategy" latency_strategy: bool,
        /// Reads from any server.
        "randomStrategy" random_strategy: bool,
        /// Reads from replicas only.
        "replicaStrategy" replica_strategy: bool,
        /// Also reads from replicas that lost their master.
        "useDisconnectedReplicas" use_disconnected_replicas: bool,
    }

    /// ZooKeeper.
    pub struct ZooKeeper: "*zk.Provider" {
        /// Servers, host:port.
        "endpoints" [guarded] endpoints: Vec<String> = vec!["127.0.0.1:2181".to_owned()],
        /// Key below which the configuration is.
        "rootKey" root_key: String = "traefik".to_owned(),
        /// User name.
        "username" username: String,
        /// Password.
        "password" [secret] password: String,
    }
}
