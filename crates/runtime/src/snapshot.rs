//! The running configuration as workers see it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use ferroway_control::EntryPointTls;
use ferroway_core::RequestHead;
use ferroway_router::{Query, RequestView, Table, canonical_host, routing_path};
use ferroway_tcp::UdpService;
use ferroway_tls::Acceptor;

use crate::route::Route;
use crate::tcp::TcpTables;

/// Everything that requests are answered by. It does not change.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// For each entry point, by its number.
    pub entry_points: Vec<Arc<EntryTable>>,
    /// Who does handshakes where nothing answers over TLS, so that clients can be told; `None` when the default
    /// options cannot be used.
    pub default_acceptor: Option<Arc<Acceptor>>,
    /// For each UDP entry point, by its number; `None` where nobody takes datagrams.
    pub udp: Vec<Option<Arc<UdpService>>>,
}

/// The routers of an entry point. A request that came over TLS never meets a router without, nor the other way
/// round.
#[derive(Debug)]
pub struct EntryTable {
    /// Routes in matching order, for requests without TLS.
    pub plain: Arc<Table<Arc<Route>>>,
    /// The same for requests over TLS.
    pub tls: Arc<Table<Arc<Route>>>,
    /// Who does handshakes; `None` where nothing answers over TLS.
    pub acceptors: Option<Acceptors>,
    /// TCP routers, where there are any.
    pub tcp: Option<Arc<TcpTables>>,
}

impl EntryTable {
    /// Whether anything answers over TLS.
    pub(crate) fn has_tls(&self) -> bool {
        self.acceptors.is_some() || self.tcp.as_ref().is_some_and(|tcp| tcp.has_tls())
    }

    /// Whether connections may be something else than HTTP without TLS.
    pub(crate) fn has_more_than_http(&self) -> bool {
        self.acceptors.is_some() || self.tcp.is_some()
    }
}

/// The acceptors of an entry point by the names that clients ask for. Where one is missing its options cannot be
/// used, and connections are closed.
#[derive(Debug, Clone, Default)]
pub struct Acceptors {
    default: Option<Arc<Acceptor>>,
    /// The options of hosts, by their name.
    hosts: Arc<EntryPointTls>,
    /// The acceptors of options, by the name of these.
    by_options: Arc<BTreeMap<Arc<str>, Option<Arc<Acceptor>>>>,
}

impl Acceptors {
    pub(crate) fn new(
        default: Option<Arc<Acceptor>>,
        hosts: Arc<EntryPointTls>,
        by_options: Arc<BTreeMap<Arc<str>, Option<Arc<Acceptor>>>>,
    ) -> Self {
        Self { default, hosts, by_options }
    }

    /// The acceptor for a client that asks for this name (in lower case).
    pub fn get(&self, server_name: Option<&str>) -> Option<&Arc<Acceptor>> {
        let named = server_name.filter(|_| !self.hosts.by_host.is_empty()).and_then(|name| {
            self.hosts.by_host.get(name).or_else(|| self.hosts.by_host.get(&*wildcard_for(name)?))
        });
        match named {
            Some(options) => self.by_options.get(options)?.as_ref(),
            None => self.default.as_ref(),
        }
    }

    /// Whether both have the same acceptors for the same names.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let same = |a: &Option<Arc<Acceptor>>, b: &Option<Arc<Acceptor>>| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        let (options, others) = (&self.by_options, &other.by_options);
        same(&self.default, &other.default)
            && Arc::ptr_eq(&self.hosts, &other.hosts)
            && options.len() == others.len()
            && options.iter().zip(&**others).all(|((a, x), (b, y))| a == b && same(x, y))
    }
}

/// The wildcard that a name falls under: that of the domain above it.
pub(crate) fn wildcard_for(name: &str) -> Option<String> {
    let (_, rest) = name.split_once('.')?;
    Some(format!("*.{rest}"))
}

impl Snapshot {
    /// A snapshot in which no router answers, for so many entry points.
    pub fn empty(entry_points: usize, udp_entry_points: usize) -> Self {
        let table = || Arc::new(Table::new(Vec::new()));
        let nothing = Arc::new(EntryTable { plain: table(), tls: table(), acceptors: None, tcp: None });
        Self {
            entry_points: vec![nothing; entry_points],
            default_acceptor: None,
            udp: vec![None; udp_entry_points],
        }
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
