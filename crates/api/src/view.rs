//! What a snapshot shows, worked out once for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::Problem;
use ferroway_config::encode::{Object, string};
use ferroway_control::Plan;

use crate::certificates::Certificate;
use crate::entry::{Entry, Form};
use crate::facts::Facts;
use crate::problems::Problems;
use crate::ready::Readiness;
use crate::{broken, http, tcp, udp};

/// Whether servers are up, as the data plane sees it.
pub trait Servers {
    /// The servers of an HTTP service as configured, and whether they are up.
    fn http(&self, service: &str) -> Vec<(String, bool)>;

    /// The same for a TCP service.
    fn tcp(&self, service: &str) -> Vec<(String, bool)>;
}

/// What a provider said last of its source.
#[derive(Debug)]
pub struct Source {
    /// The provider.
    pub provider: Arc<str>,
    /// What is wrong with the source.
    pub problems: Vec<Problem>,
    /// Whether all that it holds runs.
    pub is_complete: bool,
}

/// What runs.
pub struct Running<'a> {
    /// Grows with every change of what runs.
    pub version: i64,
    /// The plan.
    pub plan: &'a Plan,
    /// What building found wrong.
    pub problems: &'a [Problem],
    /// What providers said of their sources, those that said anything.
    pub sources: &'a [Source],
    /// Who has spoken.
    pub readiness: &'a Readiness,
    /// What is wrong with HTTP middlewares that routers use, by full name.
    pub middlewares: &'a dyn Fn() -> BTreeMap<Arc<str>, String>,
    /// Whether servers are up.
    pub servers: &'a dyn Servers,
    /// The certificates that clients may get (DER), but for a generated one.
    pub certificates: &'a dyn Fn() -> Vec<Vec<u8>>,
    /// The time, in seconds since 1970.
    pub now: i64,
    /// Figures of the process, for `/debug/vars`.
    pub figures: &'a [(&'static str, i64)],
}

/// What answers are made of.
pub(crate) struct Seen<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) view: &'a View,
    pub(crate) running: &'a Running<'a>,
}

/// A list of objects that the API has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum List {
    HttpRouters,
    HttpMiddlewares,
    HttpServices,
    TcpRouters,
    TcpMiddlewares,
    TcpServices,
    UdpRouters,
    UdpServices,
}

impl List {
    /// All of them, in the order of `/api/rawdata`.
    pub const ALL: [Self; 8] = [
        Self::HttpRouters,
        Self::HttpMiddlewares,
        Self::HttpServices,
        Self::TcpRouters,
        Self::TcpMiddlewares,
        Self::TcpServices,
        Self::UdpRouters,
        Self::UdpServices,
    ];

    /// Its path below `/api/`.
    pub fn path(self) -> &'static str {
        match self {
            Self::HttpRouters => "http/routers",
            Self::HttpMiddlewares => "http/middlewares",
            Self::HttpServices => "http/services",
            Self::TcpRouters => "tcp/routers",
            Self::TcpMiddlewares => "tcp/middlewares",
            Self::TcpServices => "tcp/services",
            Self::UdpRouters => "udp/routers",
            Self::UdpServices => "udp/services",
        }
    }

    /// Its name in `/api/rawdata`.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::HttpRouters => "routers",
            Self::HttpMiddlewares => "middlewares",
            Self::HttpServices => "services",
            Self::TcpRouters => "tcpRouters",
            Self::TcpMiddlewares => "tcpMiddlewares",
            Self::TcpServices => "tcpServices",
            Self::UdpRouters => "udpRouters",
            Self::UdpServices => "udpServices",
        }
    }

    /// What messages call one of its objects.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::HttpRouters | Self::TcpRouters | Self::UdpRouters => "router",
            Self::HttpMiddlewares | Self::TcpMiddlewares => "middleware",
            Self::HttpServices | Self::TcpServices | Self::UdpServices => "service",
        }
    }

    pub(crate) fn is_routers(self) -> bool {
        self.noun() == "router"
    }

    pub(crate) fn is_services(self) -> bool {
        self.noun() == "service"
    }
}

/// What a snapshot shows: every list in the order of the names.
#[derive(Debug)]
pub struct View {
    lists: [Vec<Entry>; 8],
    pub(crate) certificates: Vec<Certificate>,
}

impl View {
    /// What is shown of what runs.
    pub fn new(facts: &Facts, running: &Running<'_>) -> Self {
        let planned = running.plan.problems();
        let problems = Problems::of(planned.iter().chain(running.problems));
        let [routers, middlewares, services] = http::entries(facts, running, &problems);
        let [tcp_routers, tcp_middlewares, tcp_services] = tcp::entries(facts, running.plan, &problems);
        let [udp_routers, udp_services] = udp::entries(facts, running.plan, &problems);
        let mut lists = [
            routers,
            middlewares,
            services,
            tcp_routers,
            tcp_middlewares,
            tcp_services,
            udp_routers,
            udp_services,
        ];
        for (list, entry) in broken::entries(running.plan) {
            lists[list as usize].push(entry);
        }
        for list in &mut lists {
            list.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let certificates = (running.certificates)().iter().filter_map(|der| Certificate::of(der)).collect();
        Self { lists, certificates }
    }

    /// The objects of a list, in the order of their names.
    pub fn list(&self, list: List) -> &[Entry] {
        &self.lists[list as usize]
    }

    /// An object by its full name.
    pub fn find(&self, list: List, name: &str) -> Option<&Entry> {
        let entries = self.list(list);
        entries.binary_search_by(|entry| (*entry.name).cmp(name)).ok().map(|at| &entries[at])
    }
}

/// Writes an object with the state of its servers.
pub(crate) fn write(out: &mut Vec<u8>, list: List, entry: &Entry, servers: &dyn Servers, form: Form) {
    let mut object = Object::begin(out);
    entry.write(&mut object, form);
    let mut states = match list {
        List::HttpServices if entry.is_reached => servers.http(&entry.name),
        List::TcpServices if entry.is_reached => servers.tcp(&entry.name),
        _ => Vec::new(),
    };
    if !states.is_empty() {
        states.sort();
        states.dedup_by(|a, b| a.0 == b.0);
        object.with("serverStatus", |out| {
            let mut object = Object::begin(out);
            for (server, is_up) in &states {
                let url = ferroway_config::encode::secret::without_password(server);
                object.with(&url, |out| string(out, if *is_up { "UP" } else { "DOWN" }));
            }
            object.end();
        });
    }
    object.end();
}
