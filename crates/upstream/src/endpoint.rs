//! Who a server is: its address over a certain transport.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::time::Duration;

use hashbrown::HashMap;

use crate::secure::Tls;

/// Timeouts and limits of a servers transport (specification section 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TransportOptions {
    /// For resolving the name and connecting; `None` is no limit.
    pub dial_timeout: Option<Duration>,
    /// From the sent request to the response head; `None` is no limit.
    pub response_header_timeout: Option<Duration>,
    /// How long an idle connection is kept; `None` is for ever.
    pub idle_timeout: Option<Duration>,
    /// After how long without a byte a server of HTTP/2 is asked whether it is still there; `None` is never.
    pub read_idle_timeout: Option<Duration>,
    /// How long it then has for an answer.
    pub ping_timeout: Duration,
    /// Idle connections that are kept for one server, over all workers; 0 keeps none.
    pub max_idle: usize,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            dial_timeout: Some(Duration::from_secs(30)),
            response_header_timeout: None,
            idle_timeout: Some(Duration::from_secs(90)),
            read_idle_timeout: None,
            ping_timeout: Duration::from_secs(15),
            max_idle: 200,
        }
    }
}

/// What is spoken with a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HTTP/1.1, one request at a time on a connection.
    #[default]
    Http1,
    /// HTTP/2 without TLS and without asking first (RFC 9113 section 3.3).
    H2c,
    /// TLS, and HTTP/1.1 or HTTP/2 below it, as both sides agree.
    Https(Tls),
}

/// What makes two endpoints the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EndpointKey {
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What is spoken with it.
    pub protocol: Protocol,
    /// How it is reached.
    pub transport: TransportOptions,
}

/// A server as the workers' pools know it.
#[derive(Debug)]
pub struct Endpoint {
    pub(crate) id: u64,
    pub(crate) key: EndpointKey,
    /// The address, where the host is one.
    pub(crate) ip: Option<IpAddr>,
    /// Whether the server has last chosen HTTP/1.1 where it could have had HTTP/2, or could not.
    http1: AtomicBool,
}

type Registry = HashMap<EndpointKey, Weak<Endpoint>, foldhash::fast::RandomState>;

/// All endpoints that some snapshot holds. Touched only while a configuration is built.
static REGISTRY: LazyLock<Mutex<Registry>> =
    LazyLock::new(|| Mutex::new(HashMap::with_hasher(foldhash::fast::RandomState::default())));
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Endpoint {
    /// The endpoint of this key: the same one as long as anybody holds it.
    pub fn of(key: EndpointKey) -> Arc<Self> {
        // A panic while the map was changed is impossible: nothing in there can panic.
        let mut registry = REGISTRY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = registry.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let http1 = match &key.protocol {
            Protocol::Http1 => true,
            Protocol::H2c => false,
            Protocol::Https(tls) => !tls.any().offers_http2(),
        };
        let http1 = AtomicBool::new(http1);
        let endpoint = Arc::new(Self { id, ip: key.host.parse().ok(), http1, key: key.clone() });
        registry.insert(key, Arc::downgrade(&endpoint));
        endpoint
    }

    /// Whether the server is known to speak HTTP/1.1 and nothing else. All workers learn it from each other.
    pub(crate) fn is_http1(&self) -> bool {
        self.http1.load(Ordering::Relaxed)
    }

    /// Remembers what the server has chosen.
    pub(crate) fn learn(&self, http1: bool) {
        self.http1.store(http1, Ordering::Relaxed);
    }

    /// What it was made of.
    pub fn key(&self) -> &EndpointKey {
        &self.key
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let mut registry = REGISTRY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Another one of the same key may have taken the place meanwhile.
        if registry.get(&self.key).is_some_and(|known| known.strong_count() == 0) {
            registry.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(port: u16) -> EndpointKey {
        EndpointKey {
            host: "a.test".to_owned(),
            port,
            protocol: Protocol::Http1,
            transport: TransportOptions::default(),
        }
    }

    #[test]
    fn one_endpoint_as_long_as_somebody_holds_it() {
        let first = Endpoint::of(key(1));
        assert!(Arc::ptr_eq(&first, &Endpoint::of(key(1))));
        let other =
            EndpointKey { transport: TransportOptions { max_idle: 1, ..Default::default() }, ..key(1) };
        assert!(!Arc::ptr_eq(&first, &Endpoint::of(other)));
        let id = first.id;
        drop(first);
        assert_ne!(Endpoint::of(key(1)).id, id);
    }
}
