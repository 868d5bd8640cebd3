//! Workers that serve while configurations come and go.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ferroway_core::{Phase, Shutdown};
use ferroway_http::h2::server::Limits;
use ferroway_http::server::Settings;
use ferroway_runtime::{
    Aliases, EncodedCharacters, EntryPoint, Forwarded, Listening, Publisher, Snapshot, Transport, Trust,
    WorkerSnapshot, Workers, WorkersOptions,
};

use crate::support::Control;

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that tells when a request has come, and answers with its name when it is told to.
struct Server {
    address: SocketAddr,
    came: Receiver<String>,
    answer: Sender<()>,
}

impl Server {
    fn start(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let ((tell, came), (answer, may_answer)) = (channel(), channel());
        std::thread::spawn(move || {
            // One connection at a time: a worker that keeps its connection is served until it lets go.
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.expect("a connection"));
                while let Some(line) = read_head(&mut reader) {
                    // The test is over when nobody listens any more.
                    if tell.send(line).is_err() || may_answer.recv().is_err() {
                        return;
                    }
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len());
                    reader.get_mut().write_all(answer.as_bytes()).expect("connected");
                }
            }
        });
        Self { address, came, answer }
    }

    /// Waits for a request; its first line.
    fn came(&self) -> String {
        self.came.recv_timeout(PATIENCE).expect("a request in time")
    }

    fn answer(&self) {
        self.answer.send(()).expect("the server runs");
    }
}

/// The first line of a head, when there is one.
fn read_head(reader: &mut impl BufRead) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    }
    Some(first.trim_end().to_owned())
}

/// Running workers.
struct Running {
    address: SocketAddr,
    publisher: Arc<Publisher>,
    shutdown: Shutdown,
    workers: Workers,
}

impl Running {
    fn start(count: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("bound");
        let entry_point = EntryPoint {
            name: "web".into(),
            aliases: Aliases::Keep,
            sanitise_path: true,
            encode_semicolons: false,
            forwarded: Forwarded {
                trust: Trust::Networks(Vec::new()),
                server: http::HeaderValue::from_static("here"),
                append_for: true,
            },
            keep_connection: Vec::new(),
            denied: EncodedCharacters::denying([]),
            access_log: true,
        };
        let settings = Settings {
            read_timeout: Some(PATIENCE),
            write_timeout: None,
            idle_timeout: Some(PATIENCE),
            max_header_bytes: 1 << 20,
            keep_alive_max_time: None,
            keep_alive_max_requests: None,
        };
        let transport =
            Transport { settings, http2: Limits::default(), proxy_protocol: None, acme_by_servers: false };
        let (shutdown, watch) = Shutdown::new();
        let publisher = Publisher::new(Snapshot::empty(2, 0));
        let workers = Workers::start(WorkersOptions {
            count,
            udp_entry_points: Vec::new(),
            entry_points: vec![Listening { entry_point: entry_point.into(), transport, listener }],
            publisher: publisher.clone(),
            access_log: None,
            shutdown: watch,
        });
        Self { address, publisher, shutdown, workers: workers.expect("threads") }
    }

    /// A connection of a client.
    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).expect("listening");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Client(BufReader::new(stream))
    }

    fn stop(self) {
        self.shutdown.advance(Phase::Draining);
        self.workers.join();
        let refused = TcpStream::connect(self.address).expect_err("nobody listens any more");
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn ask(&mut self, target: &str) {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).expect("connected");
    }

    /// Status and body.
    fn read(&mut self) -> String {
        let mut length = 0;
        let mut first = String::new();
        self.0.read_line(&mut first).expect("an answer in time");
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).expect("an answer in time");
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim_end().parse().expect("a number");
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("an answer in time");
        let status = first.split(' ').nth(1).expect("a status");
        format!("{status} {}", String::from_utf8(body).expect("text"))
    }
}

fn to(server: SocketAddr, prefix: &str) -> String {
    format!(
        "http:\n  routers:\n    r: {{rule: PathPrefix(`/`), service: s, middlewares: [m]}}\n  middlewares:\n    \
         m: {{addPrefix: {{prefix: {prefix}}}}}\n  services:\n    s: {{loadBalancer: {{servers: [{{url: 'http://{server}'}}]}}}}\n"
    )
}

#[test]
fn a_request_in_flight_ends_on_the_configuration_that_it_began_with() {
    let (old, new) = (Server::start("old"), Server::start("new"));
    let running = Running::start(1);
    let mut control = Control::new();
    let mut client = running.connect();
    client.ask("/");
    assert_eq!(client.read(), "404 404 page not found\n", "nothing is configured yet");

    let first = control.load(&to(old.address, "/old"));
    running.publisher.publish(first.snapshot.clone());
    client.ask("/x");
    assert_eq!(old.came(), "GET /old/x HTTP/1.1");

    let second = control.load(&to(new.address, "/new"));
    assert_eq!(second.kept(&first), "");
    running.publisher.publish(second.snapshot.clone());
    let snapshot = Arc::downgrade(&first.snapshot);
    drop((first, second));
    let mut other = running.connect();
    other.ask("/y");
    assert_eq!(new.came(), "GET /new/y HTTP/1.1");
    new.answer();
    assert_eq!(other.read(), "200 new");
    assert!(snapshot.upgrade().is_some(), "the request in flight still holds the old one");

    old.answer();
    assert_eq!(client.read(), "200 old");
    client.ask("/z");
    assert_eq!(new.came(), "GET /new/z HTTP/1.1", "the next request of the same connection");
    new.answer();
    assert_eq!(client.read(), "200 new");
    assert!(snapshot.upgrade().is_none(), "nobody holds the old one any more");
    drop((client, other));
    running.stop();
}

#[test]
fn a_balancer_that_did_not_change_goes_on_where_it_was() {
    let yaml = |servers: &str, more: &str| {
        format!(
            "http:\n  routers:\n    r: {{rule: PathPrefix(`/`), service: s}}\n{more}  services:\n    \
             s: {{loadBalancer: {{servers: [{servers}]}}}}\n"
        )
    };
    let servers = [Server::start("a"), Server::start("b"), Server::start("c")];
    let list = servers.iter().map(|server| format!("{{url: 'http://{}'}}", server.address));
    let list = list.collect::<Vec<_>>().join(", ");
    for server in &servers {
        (0..10).for_each(|_| server.answer());
    }
    let running = Running::start(1);
    let mut control = Control::new();
    let mut client = running.connect();
    let mut ask = |yaml: &str| {
        running.publisher.publish(control.load(yaml).snapshot);
        client.ask("/");
        client.read()
    };
    // Each request after another change of something else.
    let answers = [
        ask(&yaml(&list, "")),
        ask(&yaml(&list, "    x: {rule: Host(`x`), service: s}\n")),
        ask(&yaml(&list, "    x: {rule: Host(`y`), service: s}\n")),
        ask(&yaml(&list, "    x: {rule: Host(`y`), service: lost}\n")),
    ];
    assert_eq!(answers, ["200 a", "200 b", "200 c", "200 a"]);
    drop(client);
    running.stop();
}

#[test]
fn a_worker_reads_a_snapshot_once() {
    let publisher = Publisher::new(Snapshot::empty(1, 0));
    let worker = WorkerSnapshot::new(publisher.clone());
    let first = worker.get();
    assert!(std::rc::Rc::ptr_eq(&first, &worker.get()));
    let new = Arc::new(Snapshot::empty(1, 0));
    publisher.publish(new.clone());
    assert!(Arc::ptr_eq(&worker.get(), &new));
    assert!(!Arc::ptr_eq(&first, &new), "who holds the old one keeps it");
}

#[test]
fn many_workers_serve_and_end() {
    let running = Running::start(3);
    let yaml = "http: {routers: {r: {rule: PathPrefix(`/`), service: noop@internal}}}\n";
    running.publisher.publish(Control::new().load(yaml).snapshot);
    let mut clients: Vec<Client> = (0..12).map(|_| running.connect()).collect();
    for _ in 0..3 {
        for client in &mut clients {
            client.ask("/");
            assert_eq!(client.read(), "418 ");
        }
    }
    running.stop();
    for client in &mut clients {
        let mut rest = Vec::new();
        assert_eq!(client.0.read_to_end(&mut rest).expect("closed in order"), 0);
    }
}
