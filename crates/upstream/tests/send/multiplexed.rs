//! Servers with HTTP/2, whose connections many requests share.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ferroway_core::{Body, ConnInfo, Connections, Exchange, Io, Phase, Request, Response, respond};
use ferroway_http::h2::server::{Limits, serve};
use ferroway_http::server::{Handler, Sent, Settings};
use ferroway_upstream::{Endpoint, EndpointKey, Protocol, TransportOptions};
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::{ask, get, head, later, outcome, run};

/// Answers with the target, after the gate has opened.
#[derive(Clone, Default)]
struct Gated {
    open: Rc<RefCell<bool>>,
    opened: Rc<Notify>,
}

impl Gated {
    fn open(&self) {
        *self.open.borrow_mut() = true;
        self.opened.notify_waiters();
    }
}

impl Handler for Gated {
    async fn handle(&self, request: Request, _: &mut Exchange) -> Response {
        while !*self.open.borrow() {
            self.opened.notified().await;
        }
        let target = request.head.target.as_str().to_owned();
        Response { body: Body::full(target), ..respond(StatusCode::OK, ferroway_core::Reason::Internal, "") }
    }

    fn done(&self, _: &mut Exchange, _: &Sent<'_>) {}
}

/// A server of HTTP/2, with the connections that it has accepted.
struct Server {
    endpoint: Arc<Endpoint>,
    gate: Gated,
    accepted: Rc<RefCell<Vec<Connections>>>,
}

async fn server(transport: TransportOptions) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (gate, accepted) = (Gated::default(), Rc::<RefCell<Vec<Connections>>>::default());
    let (handler, counted) = (gate.clone(), accepted.clone());
    tokio::task::spawn_local(async move {
        loop {
            let (stream, peer) = listener.accept().await.expect("a connection");
            let connections = Connections::default();
            counted.borrow_mut().push(connections.clone());
            let handler = handler.clone();
            tokio::task::spawn_local(async move {
                let settings = Settings {
                    read_timeout: None,
                    write_timeout: None,
                    idle_timeout: None,
                    max_header_bytes: 1 << 20,
                    keep_alive_max_time: None,
                    keep_alive_max_requests: None,
                };
                let conn = Rc::new(ConnInfo::new("web".into(), peer));
                let registration = connections.enter();
                serve(Io::Tcp(stream), conn, &settings, &Limits::default(), &handler, &registration).await;
            });
        }
    });
    Server { endpoint: h2c(address, transport), gate, accepted }
}

fn h2c(address: SocketAddr, transport: TransportOptions) -> Arc<Endpoint> {
    let (host, port) = (address.ip().to_string(), address.port());
    Endpoint::of(EndpointKey { host, port, protocol: Protocol::H2c, transport })
}

#[test]
fn a_burst_of_requests_opens_one_connection() {
    run(async {
        let server = server(TransportOptions::default()).await;
        let requests: Vec<_> = (0..20)
            .map(|number| {
                let endpoint = server.endpoint.clone();
                tokio::task::spawn_local(async move { get(&endpoint, "GET", &format!("/{number}")).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        server.gate.open();
        for (number, request) in requests.into_iter().enumerate() {
            assert_eq!(request.await.expect("no panic"), format!("200 /{number}"));
        }
        assert_eq!(server.accepted.borrow().len(), 1);
    });
}

#[test]
fn a_connection_that_the_server_left_is_not_used() {
    run(async {
        let server = server(TransportOptions::default()).await;
        server.gate.open();
        assert_eq!(get(&server.endpoint, "GET", "/1").await, "200 /1");
        server.accepted.borrow()[0].set_phase(Phase::Closed);
        // At once, when this side does not know yet; the request can be repeated. And later, when it knows.
        assert_eq!(get(&server.endpoint, "GET", "/2").await, "200 /2");
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(get(&server.endpoint, "POST", "/3").await, "200 /3");
        assert_eq!(server.accepted.borrow().len(), 2);
    });
}

#[test]
fn idle_connections_end_after_their_time() {
    run(async {
        let idle_timeout = Some(Duration::from_secs(5));
        let server = server(TransportOptions { idle_timeout, ..TransportOptions::default() }).await;
        server.gate.open();
        assert_eq!(get(&server.endpoint, "GET", "/1").await, "200 /1");
        assert_eq!(server.accepted.borrow()[0].count(), 1);
        later(7).await;
        while server.accepted.borrow()[0].count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

#[test]
fn an_answer_may_take_as_long_as_the_transport_says() {
    run(async {
        let limit = Some(Duration::from_millis(30));
        let transport = TransportOptions { response_header_timeout: limit, ..TransportOptions::default() };
        let server = server(transport).await;
        let failed = ask(&server.endpoint, &head("GET", "/", &[]), Body::Empty).await;
        let words = outcome(failed).await;
        assert!(words.contains("no response head came within the response header timeout"), "{words}");
    });
}

#[test]
fn a_server_that_falls_silent_is_given_up() {
    run(async {
        // It says hello and nothing more.
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let silent = tokio::task::spawn_local(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.expect("the client reads");
            let mut read = Vec::new();
            // Whether it ends in order is not ours to say.
            let _ = stream.read_to_end(&mut read).await;
            read
        });
        let transport = TransportOptions {
            read_idle_timeout: Some(Duration::from_millis(50)),
            ping_timeout: Duration::from_millis(50),
            ..TransportOptions::default()
        };
        let endpoint = h2c(address, transport);
        let words = get(&endpoint, "POST", "/").await;
        assert!(words.starts_with("upstream_closed: "), "{words}");
        let read = silent.await.expect("no panic");
        let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0];
        assert!(read.windows(9).any(|head| head == ping), "it was asked: {read:?}");
    });
}

#[test]
fn a_slow_server_that_answers_pings_is_waited_for() {
    run(async {
        let transport = TransportOptions {
            read_idle_timeout: Some(Duration::from_millis(10)),
            ping_timeout: Duration::from_secs(10),
            ..TransportOptions::default()
        };
        let server = server(transport).await;
        let endpoint = server.endpoint.clone();
        let request = tokio::task::spawn_local(async move { get(&endpoint, "POST", "/slow").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.gate.open();
        assert_eq!(request.await.expect("no panic"), "200 /slow");
    });
}

#[test]
fn a_server_that_nobody_reaches_fails_all_who_wait() {
    run(async {
        let unused = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = unused.local_addr().expect("bound").port();
        drop(unused);
        let endpoint = h2c(SocketAddr::from(([127, 0, 0, 1], port)), TransportOptions::default());
        let head = head("GET", "/", &[]);
        let (first, second) =
            tokio::join!(ask(&endpoint, &head, Body::Empty), ask(&endpoint, &head, Body::Empty));
        for failed in [first, second] {
            let words = outcome(failed).await;
            assert!(
                words.starts_with("upstream_connect_failed: ") && words.ends_with(", may be sent again"),
                "{words}"
            );
        }
    });
}
