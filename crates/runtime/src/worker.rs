//! Workers: threads that each accept, serve and drain connections on a runtime of their own.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use ferroway_core::{Connections, Phase, ShutdownWatch, clock};
use ferroway_listener::{Balance, Handover, Load, Place, accept};
use ferroway_tcp::{UdpOptions, serve_udp};
use ferroway_telemetry::AccessLog;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::access::AccessRecorder;
use crate::connection::{self, Transport};
use crate::entry_point::EntryPoint;
use crate::handler::EntryHandler;
use crate::snapshot::{Publisher, WorkerSnapshot};

/// How long closed connections may take to notice.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// An entry point and its socket.
#[derive(Debug)]
pub struct Listening {
    /// What it does to requests.
    pub entry_point: Arc<EntryPoint>,
    /// What it does with connections.
    pub transport: Transport,
    /// Its socket.
    pub listener: TcpListener,
}

/// A UDP entry point and its socket. One worker serves it.
#[derive(Debug)]
pub struct UdpListening {
    /// What it does with sessions.
    pub options: UdpOptions,
    /// Its socket.
    pub socket: UdpSocket,
}

/// What workers are made of.
pub struct WorkersOptions {
    /// How many.
    pub count: usize,
    /// The entry points, in the order of their numbers.
    pub entry_points: Vec<Listening>,
    /// The UDP entry points, in the order of their numbers.
    pub udp_entry_points: Vec<UdpListening>,
    /// Where configuration comes from.
    pub publisher: Arc<Publisher>,
    /// The access log, and whether requests to ferroway's own services are in it.
    pub access_log: Option<(AccessLog, bool)>,
    /// When to stop.
    pub shutdown: ShutdownWatch,
}

/// The running workers.
#[derive(Debug)]
pub struct Workers {
    threads: Vec<JoinHandle<()>>,
}

/// An entry point without its socket: each worker has that for itself, and closes it when it drains.
struct Served {
    entry_point: Arc<EntryPoint>,
    transport: Transport,
}

/// What all workers share.
struct Shared {
    entry_points: Vec<Served>,
    publisher: Arc<Publisher>,
    access: Option<AccessRecorder>,
    balance: Arc<Balance>,
}

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// No thread or no runtime can be made.
    pub fn start(options: WorkersOptions) -> io::Result<Self> {
        let count = options.count.max(1);
        ferroway_upstream::set_workers(count);
        let (balance, inboxes) = Balance::new(count);
        let access = options.access_log.map(|(log, internals)| AccessRecorder::new(log, internals));
        let sockets = options.entry_points.iter().map(|listening| &listening.listener);
        let mut sockets: Vec<Vec<TcpListener>> = (0..count)
            .map(|_| sockets.clone().map(TcpListener::try_clone).collect())
            .collect::<io::Result<_>>()?;
        let mut udp: Vec<Vec<(usize, UdpListening)>> = (0..count).map(|_| Vec::new()).collect();
        for (number, listening) in options.udp_entry_points.into_iter().enumerate() {
            udp[number % count].push((number, listening));
        }
        let served = |listening: Listening| Served {
            entry_point: listening.entry_point,
            transport: listening.transport,
        };
        let shared = Arc::new(Shared {
            entry_points: options.entry_points.into_iter().map(served).collect(),
            publisher: options.publisher,
            access,
            balance,
        });
        let mut threads = Vec::with_capacity(count);
        let (ready, is_ready) = std::sync::mpsc::channel();
        for (number, inbox) in inboxes.into_iter().enumerate() {
            let (shared, shutdown, ready) = (shared.clone(), options.shutdown.clone(), ready.clone());
            let sockets = sockets.pop().unwrap_or_default();
            let udp = std::mem::take(&mut udp[number]);
            let work = move || run_thread(number, shared, Sources { sockets, udp, inbox }, shutdown, &ready);
            threads.push(std::thread::Builder::new().name(format!("worker-{number}")).spawn(work)?);
        }
        drop(ready);
        is_ready.iter().take(count).collect::<io::Result<Vec<()>>>()?;
        // Beside everything else: nothing has to wait for it but a handshake that comes at once.
        std::thread::Builder::new().name("warm-up".to_owned()).spawn(ferroway_tls::warm_up)?;
        Ok(Self { threads })
    }

    /// Waits until all have ended.
    pub fn join(self) {
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker ended by a panic");
            }
        }
    }
}

/// Where a worker's connections come from.
struct Sources {
    sockets: Vec<TcpListener>,
    /// The UDP entry points that are this worker's, with their numbers.
    udp: Vec<(usize, UdpListening)>,
    inbox: mpsc::UnboundedReceiver<Handover>,
}

/// Makes the runtime, which cannot leave its thread, tells whether that went well, and works.
fn run_thread(
    number: usize,
    shared: Arc<Shared>,
    sources: Sources,
    shutdown: ShutdownWatch,
    ready: &std::sync::mpsc::Sender<io::Result<()>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build_local(tokio::runtime::LocalOptions::default());
    // Whoever started the thread listens until all have told.
    match runtime {
        Ok(runtime) => {
            let _ = ready.send(Ok(()));
            runtime.block_on(run(number, shared, sources, shutdown));
        }
        Err(error) => {
            let _ = ready.send(Err(error));
        }
    }
}

/// One worker.
struct Worker {
    number: usize,
    shared: Arc<Shared>,
    connections: Connections,
    handlers: Vec<Rc<EntryHandler>>,
}

async fn run(number: usize, shared: Arc<Shared>, sources: Sources, mut shutdown: ShutdownWatch) {
    let snapshot = Rc::new(WorkerSnapshot::new(shared.publisher.clone()));
    let handler = |(number, listening): (usize, &Served)| {
        Rc::new(EntryHandler {
            number,
            entry_point: listening.entry_point.clone(),
            snapshot: snapshot.clone(),
            access: shared.access.clone(),
        })
    };
    let handlers = shared.entry_points.iter().enumerate().map(handler).collect();
    let connections = Connections::default();
    for (number, listening) in sources.udp {
        tokio::task::spawn_local(datagrams(number, listening, snapshot.clone(), connections.clone()));
    }
    let worker = Rc::new(Worker { number, shared, connections: connections.clone(), handlers });
    tokio::task::spawn_local(clock::tick());
    tokio::task::spawn_local(ferroway_upstream::reap_idle());
    let mut accepting = Vec::new();
    for (number, socket) in sources.sockets.into_iter().enumerate() {
        accepting.push(tokio::task::spawn_local(accept_on(worker.clone(), number, socket)));
    }
    let taking = tokio::task::spawn_local(take_over(worker.clone(), sources.inbox));
    shutdown.reached(Phase::Draining).await;
    // Ends with the tasks: the sockets are closed, and clients are refused instead of left waiting.
    accepting.iter().for_each(tokio::task::JoinHandle::abort);
    connections.set_phase(Phase::Draining);
    tokio::select! {
        () = shutdown.reached(Phase::Closed) => {}
        () = emptied(&connections) => {}
    }
    taking.abort();
    connections.set_phase(Phase::Closed);
    // What has not noticed by then is dropped with the runtime.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, emptied(&connections)).await;
}

async fn emptied(connections: &Connections) {
    const LOOK: Duration = Duration::from_millis(10);
    while connections.count() > 0 {
        tokio::time::sleep(LOOK).await;
    }
}

async fn accept_on(worker: Rc<Worker>, number: usize, socket: TcpListener) {
    let name = &worker.shared.entry_points[number].entry_point.name;
    let listener = match tokio::net::TcpListener::from_std(socket) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(entryPointName = &**name, %error, "a worker cannot listen");
            return;
        }
    };
    loop {
        let (stream, peer) = accept(&listener, name).await;
        match worker.shared.balance.place(worker.number) {
            Place::Here(load) => worker.serve(stream, peer, number, load),
            Place::There(load) => {
                let Ok(stream) = stream.into_std() else { continue };
                // Only a worker that ended cannot take it; then the process ends too.
                let _ = worker.shared.balance.hand_over(Handover { stream, peer, entry_point: number, load });
            }
        }
    }
}

/// Serves a UDP entry point.
async fn datagrams(
    number: usize,
    listening: UdpListening,
    snapshot: Rc<WorkerSnapshot>,
    connections: Connections,
) {
    let UdpListening { socket, options } = listening;
    match tokio::net::UdpSocket::from_std(socket) {
        Ok(socket) => {
            let current = || snapshot.get().udp.get(number).cloned().flatten();
            serve_udp(socket, options, current, &connections.enter()).await;
        }
        Err(error) => {
            tracing::error!(entryPointName = &*options.entry_point, %error, "a worker cannot receive");
        }
    }
}

/// Serves the connections that other workers accepted.
async fn take_over(worker: Rc<Worker>, mut inbox: mpsc::UnboundedReceiver<Handover>) {
    while let Some(connection) = inbox.recv().await {
        if let Ok(stream) = TcpStream::from_std(connection.stream) {
            worker.serve(stream, connection.peer, connection.entry_point, connection.load);
        }
    }
}

impl Worker {
    fn serve(self: &Rc<Self>, stream: TcpStream, peer: SocketAddr, number: usize, load: Load) {
        let worker = self.clone();
        tokio::task::spawn_local(async move {
            let _load = load;
            let registration = worker.connections.enter();
            let handler = &*worker.handlers[number];
            let transport = &worker.shared.entry_points[number].transport;
            connection::serve(stream, peer, transport, handler, &registration).await;
        });
    }
}
