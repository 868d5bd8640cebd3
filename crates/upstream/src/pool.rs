//! Idle connections, one pool per worker thread.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use ferroway_http::h1::client::{ClientConn, Home};
use hashbrown::HashMap;

use crate::Endpoint;
use crate::multiplexed::SharedConns;

/// How often idle connections are looked through.
const REAP_INTERVAL: Duration = Duration::from_secs(1);

/// How many workers share the limits that are meant for the whole process.
static WORKERS: AtomicUsize = AtomicUsize::new(1);

/// Tells how many workers there are. Limits for idle connections are divided by it.
pub fn set_workers(n: usize) {
    WORKERS.store(n.max(1), Ordering::Relaxed);
}

type Pools = HashMap<u64, Rc<Pool>, foldhash::fast::FixedState>;

thread_local! {
    static POOLS: RefCell<Pools> = const { RefCell::new(HashMap::with_hasher(foldhash::fast::FixedState::with_seed(0))) };
}

/// The idle connections to one endpoint.
pub(crate) struct Pool {
    endpoint: Weak<Endpoint>,
    limit: usize,
    // Boxed as they travel between pool and response body without being moved.
    #[expect(clippy::vec_box)]
    idle: RefCell<Vec<Box<ClientConn>>>,
    /// Those that many requests share.
    pub(crate) shared: SharedConns,
}

impl Pool {
    /// This worker's pool for an endpoint.
    pub(crate) fn of(endpoint: &Arc<Endpoint>) -> Rc<Self> {
        POOLS.with_borrow_mut(|pools| {
            let new = || {
                let limit = endpoint.key().transport.max_idle.div_ceil(WORKERS.load(Ordering::Relaxed));
                Rc::new(Self {
                    endpoint: Arc::downgrade(endpoint),
                    limit,
                    idle: RefCell::default(),
                    shared: SharedConns::default(),
                })
            };
            Rc::clone(pools.entry(endpoint.id).or_insert_with(new))
        })
    }

    /// The connection that was used last among those that are alive. `once` tells that the request
    /// cannot be sent a second time should the connection have ended.
    pub(crate) fn take(&self, once: bool) -> Option<Box<ClientConn>> {
        loop {
            let mut conn = self.idle.borrow_mut().pop()?;
            if if once { conn.is_surely_alive() } else { conn.is_alive() } {
                return Some(conn);
            }
        }
    }

    /// Drops what has ended or was idle for too long; false when the pool itself is of no use any more.
    fn reap(&self) -> bool {
        let Some(endpoint) = self.endpoint.upgrade() else {
            // The connections hold the pool, so they would keep each other.
            self.idle.borrow_mut().clear();
            self.shared.clear();
            return false;
        };
        let (limit, now) = (endpoint.key().transport.idle_timeout, ferroway_core::clock::coarse());
        self.idle.borrow_mut().retain_mut(|conn| {
            limit.is_none_or(|limit| now.saturating_duration_since(conn.idle_since) < limit)
                && conn.is_alive()
        });
        self.shared.reap(limit, now);
        true
    }
}

impl Home for Pool {
    fn give_back(&self, conn: Box<ClientConn>) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < self.limit && self.endpoint.strong_count() > 0 {
            idle.push(conn);
        }
    }
}

/// Looks after this worker's idle connections; runs until the worker ends.
pub async fn reap_idle() {
    let mut interval = tokio::time::interval(REAP_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        POOLS.with_borrow_mut(|pools| pools.retain(|_, pool| pool.reap()));
    }
}
