//! `inFlightConn`: limits the open connections of a client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Open connections by client, counted over all workers. Memory follows the number of open connections.
#[derive(Debug)]
pub struct InFlightConn {
    amount: i64,
    counts: Mutex<HashMap<IpAddr, i64>>,
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub struct InFlight {
    of: Arc<InFlightConn>,
    peer: IpAddr,
}

impl InFlightConn {
    /// Up to `amount` connections of each client.
    pub fn new(amount: i64) -> Self {
        Self { amount, counts: Mutex::default() }
    }

    /// Counts a connection; `None` when there are enough of this client.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<InFlight> {
        let mut counts = self.counts();
        let count = counts.get(&peer).copied().unwrap_or(0);
        if count >= self.amount {
            return None;
        }
        counts.insert(peer, count + 1);
        Some(InFlight { of: self.clone(), peer })
    }

    /// How many clients have connections.
    pub fn clients(&self) -> usize {
        self.counts().len()
    }

    /// Counts stay right whatever panics: nothing can, between reading and writing one.
    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, i64>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut counts = self.of.counts();
        match counts.get_mut(&self.peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(&self.peer);
            }
        }
    }
}
