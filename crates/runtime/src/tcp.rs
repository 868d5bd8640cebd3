//! TCP routers of an entry point beside its HTTP routers: which of them gets a connection, and serving it.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ferroway_core::{Connection, Io};
use ferroway_listener::proxy_protocol::Addresses;
use ferroway_router::tcp::{TcpRoute as TableRoute, TcpTable, TcpView};
use ferroway_tcp::{InFlight, Middleware, Preface, Service, admit};
use ferroway_tls::{Acceptor, ClientHello};

use crate::snapshot::wildcard_for;

/// The protocol of challenges over TLS (RFC 8737).
const ACME: &[u8] = b"acme-tls/1";

/// A TCP router, ready to take connections.
#[derive(Debug)]
pub struct TcpRoute {
    /// `name@provider`.
    pub name: Arc<str>,
    pub(crate) middlewares: Arc<[Middleware]>,
    pub(crate) service: Arc<Service>,
    pub(crate) over_tls: OverTls,
}

/// What becomes of the TLS of a route's connections.
#[derive(Debug, Clone)]
pub(crate) enum OverTls {
    /// There is none.
    None,
    /// The server has it.
    Passthrough,
    /// It ends here; without an acceptor, whose options cannot be used, the connection does.
    Terminated(Option<Arc<Acceptor>>),
}

impl OverTls {
    /// Whether both are the same objects.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) | (Self::Passthrough, Self::Passthrough) => true,
            (Self::Terminated(a), Self::Terminated(b)) => match (a, b) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                (a, b) => a.is_none() && b.is_none(),
            },
            _ => false,
        }
    }
}

/// The names that HTTPS routers on an entry point are for: these have their connections before TCP routers.
#[derive(Debug, Default)]
pub(crate) struct HttpsNames {
    /// Names, which may be wildcards (`*.example.com`).
    pub(crate) hosts: HashSet<Box<str>>,
    /// Whether one of the routers names no host, and is for what nobody else takes.
    pub(crate) any: bool,
}

impl HttpsNames {
    fn has(&self, name: &str) -> bool {
        self.hosts.contains(name)
            || wildcard_for(name).is_some_and(|wildcard| self.hosts.contains(&*wildcard))
    }
}

/// The TCP routers of an entry point that has any.
#[derive(Debug)]
pub struct TcpTables {
    plain: TcpTable<Arc<TcpRoute>>,
    over_tls: TcpTable<Arc<TcpRoute>>,
    https: HttpsNames,
}

impl TcpTables {
    pub(crate) fn new(
        plain: Vec<TableRoute<Arc<TcpRoute>>>,
        over_tls: Vec<TableRoute<Arc<TcpRoute>>>,
        https: HttpsNames,
    ) -> Self {
        Self { plain: TcpTable::new(plain), over_tls: TcpTable::new(over_tls), https }
    }

    /// Whether both have the same routes in the same order, beside the same HTTPS names.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let same = |a: &TcpTable<Arc<TcpRoute>>, b: &TcpTable<Arc<TcpRoute>>| {
            a.routes().len() == b.routes().len()
                && a.routes().iter().zip(b.routes()).all(|(a, b)| Arc::ptr_eq(&a.value, &b.value))
        };
        same(&self.plain, &other.plain)
            && same(&self.over_tls, &other.over_tls)
            && self.https.any == other.https.any
            && self.https.hosts == other.https.hosts
    }

    /// The routes, those without TLS first, in matching order.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<TcpRoute>> {
        self.plain.routes().iter().chain(self.over_tls.routes()).map(|route| &route.value)
    }

    /// The router of a connection without TLS; `None` leaves it to HTTP.
    pub(crate) fn plain(&self, peer: IpAddr) -> Option<&Arc<TcpRoute>> {
        self.plain.lookup(&TcpView::new(None, peer, &[])).map(|route| &route.value)
    }

    /// Whether any router looks at TLS.
    pub(crate) fn has_tls(&self) -> bool {
        !self.over_tls.routes().is_empty()
    }

    /// The router of a connection over TLS; `None` leaves it to HTTP. Routers of HTTPS for a name go first, then
    /// those of TCP for a name, then those of HTTPS for all names, then those of TCP for all. Who answers ACME's
    /// challenges does so before, unless they are left to servers.
    pub(crate) fn over_tls(
        &self,
        hello: &ClientHello,
        peer: IpAddr,
        acme_by_servers: bool,
    ) -> Option<&Arc<TcpRoute>> {
        let challenge = hello.alpn().any(|protocol| protocol == ACME);
        let name = hello.server_name();
        if (challenge && !acme_by_servers) || name.is_some_and(|name| self.https.has(name)) {
            return None;
        }
        let route = self.by_name(hello, peer)?;
        if self.https.any && route.rule.is_catch_all() { None } else { Some(&route.value) }
    }

    /// The router of a connection of PostgreSQL over TLS, which HTTP has no part in.
    pub(crate) fn postgres(&self, hello: &ClientHello, peer: IpAddr) -> Option<&Arc<TcpRoute>> {
        self.by_name(hello, peer).map(|route| &route.value)
    }

    fn by_name(&self, hello: &ClientHello, peer: IpAddr) -> Option<&TableRoute<Arc<TcpRoute>>> {
        let alpn: Vec<&[u8]> = hello.alpn().collect();
        self.over_tls.lookup(&TcpView::new(hello.server_name(), peer, &alpn))
    }
}

/// The ends of a client's connection, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// The client, after the PROXY protocol.
    pub(crate) source: SocketAddr,
    /// Where it connected to, if a PROXY protocol header said so.
    pub(crate) destination: Option<SocketAddr>,
}

/// A connection that a TCP router takes.
pub(crate) struct TcpConnection {
    pub(crate) route: Arc<TcpRoute>,
    /// The client's side, after TLS.
    pub(crate) io: Io,
    /// Whether TLS was asked for in PostgreSQL's way, and is the server's.
    pub(crate) postgres: bool,
    /// What was read already.
    pub(crate) bytes: Vec<u8>,
    /// Where the connection came to.
    pub(crate) local: SocketAddr,
    /// What middlewares count it by.
    pub(crate) admitted: Vec<InFlight>,
}

impl TcpRoute {
    /// Asks the middlewares; the connection is to be closed if they refuse it.
    ///
    /// # Errors
    /// Why.
    pub(crate) fn admit(&self, peer: IpAddr) -> Result<Vec<InFlight>, ferroway_tcp::Refused> {
        admit(&self.middlewares, peer)
    }
}

impl TcpConnection {
    /// Serves it until it ends.
    pub(crate) async fn serve(self, ends: Ends, registration: &Connection) {
        let addresses =
            Addresses { source: ends.source, destination: ends.destination.unwrap_or(self.local) };
        let preface = Preface { postgres: self.postgres, bytes: &self.bytes };
        self.route.service.serve(self.io, preface, &addresses, registration).await;
        drop(self.admitted);
    }
}

/// The address of the socket's own end.
pub(crate) fn local_address(stream: &tokio::net::TcpStream) -> SocketAddr {
    stream.local_addr().unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0))
}
