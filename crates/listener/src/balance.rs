//! Even work for all workers, also when there are few connections.
//!
//! Every worker accepts on every socket. The one that accepted keeps the connection when it has no
//! more than any other; else the connection goes to the worker that has the fewest.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

/// A connection on its way to another worker.
#[derive(Debug)]
pub struct Handover {
    /// The connection.
    pub stream: TcpStream,
    /// The client.
    pub peer: SocketAddr,
    /// Number of the entry point that it came on.
    pub entry_point: usize,
    /// Counts it for the worker that gets it.
    pub load: Load,
}

/// What each worker has to do.
#[derive(Debug)]
pub struct Balance {
    loads: Box<[AtomicUsize]>,
    inboxes: Box<[mpsc::UnboundedSender<Handover>]>,
}

/// Counts a connection for a worker as long as it lives.
#[derive(Debug)]
pub struct Load {
    balance: Arc<Balance>,
    worker: usize,
}

/// Where a new connection goes.
#[derive(Debug)]
pub enum Place {
    /// It stays with the worker that accepted it.
    Here(Load),
    /// It goes to another one.
    There(Load),
}

impl Balance {
    /// For so many workers; the receivers are the workers' inboxes.
    pub fn new(workers: usize) -> (Arc<Self>, Vec<mpsc::UnboundedReceiver<Handover>>) {
        let (inboxes, receivers): (Vec<_>, Vec<_>) = (0..workers).map(|_| mpsc::unbounded_channel()).unzip();
        let loads = (0..workers).map(|_| AtomicUsize::new(0)).collect();
        (Arc::new(Self { loads, inboxes: inboxes.into() }), receivers)
    }

    /// Chooses the worker for a connection that `worker` accepted.
    pub fn place(self: &Arc<Self>, worker: usize) -> Place {
        let least = (0..self.loads.len()).min_by_key(|other| self.load(*other)).unwrap_or(worker);
        let target = if self.load(worker) <= self.load(least) { worker } else { least };
        self.loads[target].fetch_add(1, Ordering::Relaxed);
        let load = Load { balance: self.clone(), worker: target };
        if target == worker { Place::Here(load) } else { Place::There(load) }
    }

    /// How many connections a worker has.
    pub fn load(&self, worker: usize) -> usize {
        self.loads[worker].load(Ordering::Relaxed)
    }

    /// Sends a connection to the worker that it is counted for; gives it back when that one has ended.
    pub fn hand_over(&self, connection: Handover) -> Option<Handover> {
        self.inboxes[connection.load.worker].send(connection).err().map(|error| error.0)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.balance.loads[self.worker].fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_connections_are_spread_evenly() {
        let (balance, _inboxes) = Balance::new(3);
        let loads: Vec<Load> = (0..7)
            .map(|_| match balance.place(0) {
                Place::Here(load) | Place::There(load) => load,
            })
            .collect();
        let counts: Vec<usize> = (0..3).map(|worker| balance.load(worker)).collect();
        assert_eq!(counts, [3, 2, 2]);
        drop(loads);
        assert!((0..3).all(|worker| balance.load(worker) == 0));
        assert!(matches!(balance.place(2), Place::Here(_)));
    }
}
