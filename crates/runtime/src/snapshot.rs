//! The running configuration as workers see it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use ferroway_core::RequestHead;
use ferroway_router::{Query, RequestView, Table, canonical_host, routing_path};

use crate::route::Route;

/// Everything that requests are answered by. It does not change.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// For each entry point, by its number.
    pub entry_points: Vec<Arc<EntryTable>>,
}

/// The routers of an entry point.
#[derive(Debug)]
pub struct EntryTable {
    /// Routes in matching order.
    pub table: Table<Arc<Route>>,
}

impl Snapshot {
    /// A snapshot in which no router answers, for so many entry points.
    pub fn empty(entry_points: usize) -> Self {
        let nothing = Arc::new(EntryTable { table: Table::new(Vec::new()) });
        Self { entry_points: vec![nothing; entry_points] }
    }
}

/// Where the newest snapshot is.
#[derive(Debug)]
pub struct Publisher {
    newest: ArcSwap<Snapshot>,
    /// Grows with every publication: all that a worker reads while nothing changes.
    version: AtomicU64,
}

impl Publisher {
    /// Starts with a snapshot.
    pub fn new(snapshot: Snapshot) -> Arc<Self> {
        Arc::new(Self { newest: ArcSwap::from_pointee(snapshot), version: AtomicU64::new(0) })
    }

    /// Makes a snapshot the one for all requests from now on.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        self.newest.store(snapshot);
        self.version.fetch_add(1, Ordering::Release);
    }
}

/// A snapshot as a worker holds it: counted without touching what other workers touch.
pub type Held = Rc<Arc<Snapshot>>;

/// A worker's view of the newest snapshot.
#[derive(Debug)]
pub struct WorkerSnapshot {
    publisher: Arc<Publisher>,
    held: RefCell<(u64, Held)>,
}

impl WorkerSnapshot {
    /// A view for one worker.
    pub fn new(publisher: Arc<Publisher>) -> Self {
        let version = publisher.version.load(Ordering::Acquire);
        let snapshot = Rc::new(publisher.newest.load_full());
        Self { publisher, held: RefCell::new((version, snapshot)) }
    }

    /// The newest snapshot.
    pub fn get(&self) -> Held {
        let version = self.publisher.version.load(Ordering::Acquire);
        let mut held = self.held.borrow_mut();
        if held.0 != version {
            *held = (version, Rc::new(self.publisher.newest.load_full()));
        }
        held.1.clone()
    }
}

/// Calls `look` with what rules see of a request.
pub(crate) fn view_of<T>(head: &RequestHead, client: IpAddr, look: impl FnOnce(&RequestView<'_>) -> T) -> T {
    let host = canonical_host(head.host_str());
    // A target is in normal form, so its path has a routing form.
    let path = routing_path(head.target.path()).unwrap_or(Cow::Borrowed(head.target.path()));
    look(&RequestView {
        host: &host,
        path: &path,
        method: head.method.as_str(),
        headers: &head.headers,
        query: Query::new(head.target.query()),
        client,
    })
}
