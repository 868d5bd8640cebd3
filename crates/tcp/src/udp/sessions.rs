//! The sessions of a UDP entry point: what one client address sends goes to one server, and back.
//!
//! Each session has a socket of its own towards the server, so that answers are told apart. Datagrams are not
//! kept: when a socket takes no more they are dropped, as networks do. The exception are the first few of a
//! session, until the name of its server is resolved.
//!
//! Datagrams are received in batches; those of a batch that go the same way one after the other are sent as one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ferroway_core::{Connection, Phase};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::UdpService;
use super::batch::{self, Batch};
use crate::ServerAddress;

/// The options of a UDP entry point.
#[derive(Debug, Clone)]
pub struct UdpOptions {
    /// The name of the entry point, for logs.
    pub entry_point: Box<str>,
    /// Silence after which a session ends (`udp.timeout`).
    pub idle: Duration,
    /// Sessions at the same time, each of which has a descriptor. Datagrams of further clients are dropped until
    /// one ends.
    pub max_sessions: usize,
}

impl UdpOptions {
    /// Enough sessions for the descriptors that a process commonly may have.
    pub const MAX_SESSIONS: usize = 16_384;
}

/// Batches handled before other tasks get their turn.
const BATCHES: usize = 64 / batch::DATAGRAMS;
/// Datagrams that wait while the server's name is resolved; further ones are dropped.
const WAITING: usize = 16;
/// How often the same trouble is logged.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

/// Serves a UDP entry point: takes datagrams from `socket`, opens a session for each new client at a server that
/// `current` chooses, and sends back what the server answers.
///
/// `current` is the service of the present configuration; `None` drops everything. A session goes on under a new
/// configuration as long as its server is in the service, else the client gets a new one.
///
/// Returns when the shutdown drains and no session is left, or closes. Sessions are tasks of the worker, which
/// must be able to `spawn_local`; dropping the future ends them.
pub async fn serve_udp(
    socket: UdpSocket,
    options: UdpOptions,
    current: impl Fn() -> Option<Arc<UdpService>>,
    registration: &Connection,
) {
    // Only a socket that has been seen to be writable can be written to without waiting.
    let _ = socket.writable().await;
    let shared = Rc::new(Shared {
        socket,
        options,
        sessions: RefCell::default(),
        batch: RefCell::new(Batch::new()),
        last_complaint: Cell::new(None),
    });
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        match shared.wait(registration, &mut tasks).await {
            Wake::Datagrams => shared.receive(current().as_ref(), registration.current_phase(), &mut tasks),
            Wake::SessionEnded => {}
            Wake::Over => return,
        }
        tokio::task::yield_now().await;
    }
}

/// Why the entry point's task goes on.
enum Wake {
    Datagrams,
    SessionEnded,
    Over,
}

struct Shared {
    socket: UdpSocket,
    options: UdpOptions,
    sessions: RefCell<HashMap<SocketAddr, Rc<Session>>>,
    /// For one batch. Never borrowed across an await.
    batch: RefCell<Batch>,
    last_complaint: Cell<Option<Instant>>,
}

struct Session {
    client: SocketAddr,
    server: Arc<ServerAddress>,
    /// The service that the server was last seen in.
    service: RefCell<Arc<UdpService>>,
    last_datagram: Cell<Instant>,
    upstream: RefCell<Upstream>,
}

/// The way to the server.
enum Upstream {
    /// Not yet there, with the datagrams for it.
    Opening(Vec<Box<[u8]>>),
    Open(Rc<UdpSocket>),
}

impl Shared {
    async fn wait(&self, registration: &Connection, tasks: &mut JoinSet<()>) -> Wake {
        poll_fn(|cx| {
            let phase = registration.phase(cx.waker());
            if phase == Phase::Closed || (phase == Phase::Draining && tasks.is_empty()) {
                return Poll::Ready(Wake::Over);
            }
            if self.socket.poll_recv_ready(cx).is_ready() {
                return Poll::Ready(Wake::Datagrams);
            }
            match tasks.poll_join_next(cx) {
                Poll::Ready(Some(_)) => Poll::Ready(Wake::SessionEnded),
                _ => Poll::Pending,
            }
        })
        .await
    }

    /// Takes what clients have sent.
    fn receive(self: &Rc<Self>, service: Option<&Arc<UdpService>>, phase: Phase, tasks: &mut JoinSet<()>) {
        let mut batch = self.batch.borrow_mut();
        for _ in 0..BATCHES {
            let runs = match batch.receive_from(&self.socket) {
                Ok(received) => received,
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        self.complain(&format!("receiving datagrams failed: {error}"));
                    }
                    return;
                }
            };
            let Some(service) = service else { continue };
            for (client, datagrams) in runs {
                let session =
                    self.known(client, service).or_else(|| self.open(client, service, phase, tasks));
                if let Some(session) = session {
                    session.send(datagrams);
                }
            }
        }
    }

    /// The session of a client, if its server is still in the service.
    fn known(&self, client: SocketAddr, service: &Arc<UdpService>) -> Option<Rc<Session>> {
        let session = self.sessions.borrow().get(&client)?.clone();
        if Arc::ptr_eq(&session.service.borrow(), service) {
            return Some(session);
        }
        if service.contains(&session.server) {
            session.service.replace(service.clone());
            return Some(session);
        }
        self.sessions.borrow_mut().remove(&client);
        None
    }

    /// Opens a session for a new client.
    fn open(
        self: &Rc<Self>,
        client: SocketAddr,
        service: &Arc<UdpService>,
        phase: Phase,
        tasks: &mut JoinSet<()>,
    ) -> Option<Rc<Session>> {
        if phase >= Phase::Draining {
            return None;
        }
        if tasks.len() >= self.options.max_sessions {
            let sessions = tasks.len();
            self.complain(&format!("{sessions} sessions are open, datagrams of further clients are dropped"));
            return None;
        }
        let session = Rc::new(Session {
            client,
            server: service.choose()?,
            service: RefCell::new(service.clone()),
            last_datagram: Cell::new(Instant::now()),
            upstream: RefCell::new(Upstream::Opening(Vec::new())),
        });
        self.sessions.borrow_mut().insert(client, session.clone());
        tasks.spawn_local(run(self.clone(), session.clone()));
        Some(session)
    }

    /// Whether the session has not been replaced by another.
    fn holds(&self, session: &Rc<Session>) -> bool {
        self.sessions.borrow().get(&session.client).is_some_and(|present| Rc::ptr_eq(present, session))
    }

    /// Logs trouble that may come with every datagram.
    fn complain(&self, trouble: &str) {
        let now = Instant::now();
        if self.last_complaint.get().is_none_or(|last| now - last >= COMPLAIN_EVERY) {
            self.last_complaint.set(Some(now));
            tracing::error!(entryPointName = &*self.options.entry_point, %trouble, "UDP sessions are in trouble");
        }
    }
}

impl Session {
    /// Sends datagrams of the client to the server.
    fn send<'a>(&self, datagrams: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.last_datagram.set(Instant::now());
        match &mut *self.upstream.borrow_mut() {
            Upstream::Opening(waiting) => {
                let room = WAITING.saturating_sub(waiting.len());
                waiting.extend(datagrams.take(room).map(Box::from));
            }
            Upstream::Open(socket) => batch::send(socket, None, datagrams),
        }
    }
}

/// The life of a session.
async fn run(shared: Rc<Shared>, session: Rc<Session>) {
    match timeout_at(Instant::now() + shared.options.idle, connect(&session.server)).await {
        Ok(Ok(socket)) => forward(&shared, &session, Rc::new(socket)).await,
        Ok(Err(error)) => shared.complain(&format!("no session with {}: {error}", session.server)),
        Err(_) => {
            shared.complain(&format!("no session with {}: its name was not resolved in time", session.server))
        }
    }
    if shared.holds(&session) {
        shared.sessions.borrow_mut().remove(&session.client);
    }
}

async fn connect(server: &ServerAddress) -> io::Result<UdpSocket> {
    let address = match server.ip() {
        Some(ip) => SocketAddr::new(ip, server.port),
        None => tokio::net::lookup_host((&*server.host, server.port))
            .await?
            .next()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address"))?,
    };
    let any: SocketAddr =
        if address.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(address).await?;
    socket.writable().await?;
    Ok(socket)
}

/// Brings the client what the server sends, until the session is idle or replaced.
async fn forward(shared: &Rc<Shared>, session: &Rc<Session>, upstream: Rc<UdpSocket>) {
    if let Upstream::Opening(waiting) = session.upstream.replace(Upstream::Open(upstream.clone())) {
        batch::send(&upstream, None, waiting.iter().map(|datagram| &**datagram));
    }
    loop {
        let end = session.last_datagram.get() + shared.options.idle;
        let outcome = timeout_at(end, upstream.readable()).await;
        if !shared.holds(session) {
            return;
        }
        match outcome {
            Ok(Ok(())) => answer(shared, session, &upstream),
            Ok(Err(_)) => return,
            Err(_) if session.last_datagram.get() + shared.options.idle <= Instant::now() => return,
            Err(_) => {}
        }
        tokio::task::yield_now().await;
    }
}

/// Takes what the server has sent.
fn answer(shared: &Shared, session: &Session, upstream: &UdpSocket) {
    let mut batch = shared.batch.borrow_mut();
    for _ in 0..BATCHES {
        // An error tells that an earlier datagram was refused; the next one may be taken.
        let Ok(datagrams) = batch.receive(upstream) else { return };
        session.last_datagram.set(Instant::now());
        batch::send(&shared.socket, Some(session.client), datagrams);
    }
}
