//! Servers with TLS: who waits for whom until it is known what they speak.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ferroway_core::{Body, ConnInfo, Connections, Exchange, Io, Request, Response};
use ferroway_http::h2::server::{Limits, serve};
use ferroway_http::server::{Handler, Sent, Settings};
use ferroway_tls::{ClientOptions, Connector};
use ferroway_upstream::{Endpoint, EndpointKey, Protocol, Tls, TransportOptions};
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::support::{get, run};

/// A server with TLS.
struct Server {
    endpoint: Arc<Endpoint>,
    /// Handshakes that it may do.
    handshakes: Rc<Semaphore>,
    /// What is agreed on from now on.
    alpn: Rc<RefCell<&'static [u8]>>,
    /// Connections of TCP so far, and those whose handshake has ended.
    accepted: Rc<RefCell<(usize, usize)>>,
}

impl Server {
    async fn start(alpn: &'static [u8], offered: &[&[u8]]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let connector = |alpn: &[&[u8]]| {
            let options = ClientOptions { insecure_skip_verify: true, alpn, ..ClientOptions::default() };
            Connector::new(&options).expect("good options").0
        };
        let tls = Tls::new(connector(offered), connector(&[b"http/1.1"]));
        let endpoint = Endpoint::of(EndpointKey {
            host: address.ip().to_string(),
            port: address.port(),
            protocol: Protocol::Https(tls),
            transport: TransportOptions::default(),
        });
        let server = Self {
            endpoint,
            handshakes: Rc::new(Semaphore::new(0)),
            alpn: Rc::new(RefCell::new(alpn)),
            accepted: Rc::default(),
        };
        let (handshakes, alpn, accepted) =
            (server.handshakes.clone(), server.alpn.clone(), server.accepted.clone());
        let pair = rcgen::generate_simple_self_signed(["a.test".to_owned()]).expect("a certificate");
        tokio::task::spawn_local(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                accepted.borrow_mut().0 += 1;
                let (handshakes, alpn, accepted) = (handshakes.clone(), alpn.clone(), accepted.clone());
                let (cert, key) = (pair.cert.der().clone(), pair.signing_key.serialize_der());
                tokio::task::spawn_local(async move {
                    handshakes.acquire().await.expect("never closed").forget();
                    let acceptor = acceptor(cert, key, *alpn.borrow());
                    let stream = acceptor.accept(stream).await.expect("the client speaks TLS");
                    accepted.borrow_mut().1 += 1;
                    serve_one(stream).await;
                });
            }
        });
        server
    }

    /// Begins so many requests.
    fn ask(&self, count: usize) -> Vec<JoinHandle<String>> {
        let ask = |number: usize| {
            let endpoint = self.endpoint.clone();
            tokio::task::spawn_local(async move { get(&endpoint, "GET", &format!("/{number}")).await })
        };
        (0..count).map(ask).collect()
    }

    /// Waits for so many connections, and long enough to see more.
    async fn accepts(&self, count: usize) {
        while self.accepted.borrow().0 < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(self.accepted.borrow().0, count, "connections");
    }
}

fn acceptor(cert: rustls::pki_types::CertificateDer<'static>, key: Vec<u8>, alpn: &[u8]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key).into();
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("they exist")
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .expect("they belong together");
    config.alpn_protocols = vec![alpn.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// Answers with the target, in the protocol that was agreed on.
async fn serve_one(stream: tokio_rustls::server::TlsStream<TcpStream>) {
    let peer = stream.get_ref().0.peer_addr().expect("connected");
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return serve_http1(stream).await;
    }
    let settings = Settings {
        read_timeout: None,
        write_timeout: None,
        idle_timeout: None,
        max_header_bytes: 1 << 20,
        keep_alive_max_time: None,
        keep_alive_max_requests: None,
    };
    let conn = Rc::new(ConnInfo::new("web".into(), peer));
    let (ours, mut plain) = tokio::io::duplex(64 * 1024);
    let mut stream = stream;
    tokio::task::spawn_local(async move { tokio::io::copy_bidirectional(&mut stream, &mut plain).await });
    serve(
        Io::Other(Box::new(ours)),
        conn,
        &settings,
        &Limits::default(),
        &Targets,
        &Connections::default().enter(),
    )
    .await;
}

async fn serve_http1(mut stream: tokio_rustls::server::TlsStream<TcpStream>) {
    let mut head = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        head.push(byte);
        if head.ends_with(b"\r\n\r\n") {
            let target = String::from_utf8_lossy(&head).split(' ').nth(1).expect("a target").to_owned();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{target}", target.len());
            stream.write_all(answer.as_bytes()).await.expect("the client waits");
            head.clear();
        }
    }
}

struct Targets;

impl Handler for Targets {
    async fn handle(&self, request: Request, _: &mut Exchange) -> Response {
        let mut response = Response::new(StatusCode::OK);
        response.body = Body::full(request.head.target.as_str().to_owned());
        response
    }

    fn done(&self, _: &mut Exchange, _: &Sent<'_>) {}
}

async fn all_answered(requests: Vec<JoinHandle<String>>) {
    for (number, request) in requests.into_iter().enumerate() {
        assert_eq!(request.await.expect("no panic"), format!("200 /{number}"));
    }
}

const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];

#[test]
fn a_burst_shares_one_connection_of_http2() {
    run(async {
        let server = Server::start(b"h2", BOTH).await;
        let requests = server.ask(20);
        server.accepts(1).await;
        server.handshakes.add_permits(1);
        all_answered(requests).await;
        all_answered(server.ask(20)).await;
        assert_eq!(*server.accepted.borrow(), (1, 1));
    });
}

#[test]
fn a_burst_to_a_server_of_http1_waits_for_one_handshake_and_never_again() {
    run(async {
        let server = Server::start(b"http/1.1", BOTH).await;
        let requests = server.ask(5);
        server.accepts(1).await;
        server.handshakes.add_permits(1);
        // The first one is used, and each of the others makes its own.
        server.accepts(5).await;
        server.handshakes.add_permits(4);
        all_answered(requests).await;
        // Now it is known: more requests than idle connections wait for nobody.
        let requests = server.ask(8);
        server.accepts(8).await;
        server.handshakes.add_permits(3);
        all_answered(requests).await;
    });
}

#[test]
fn where_http2_is_not_offered_nobody_waits() {
    run(async {
        let server = Server::start(b"http/1.1", &[b"http/1.1"]).await;
        let requests = server.ask(3);
        server.accepts(3).await;
        server.handshakes.add_permits(3);
        all_answered(requests).await;
    });
}

#[test]
fn a_server_may_change_its_mind() {
    run(async {
        let server = Server::start(b"http/1.1", BOTH).await;
        server.handshakes.add_permits(100);
        all_answered(server.ask(1)).await;
        *server.alpn.borrow_mut() = b"h2";
        // One is idle; the others learn by themselves.
        all_answered(server.ask(3)).await;
        let before = server.accepted.borrow().0;
        all_answered(server.ask(20)).await;
        assert_eq!(server.accepted.borrow().0, before, "they share what is there");
    });
}

#[test]
fn a_handshake_goes_on_when_its_request_is_given_up() {
    run(async {
        let server = Server::start(b"h2", BOTH).await;
        let given_up = server.ask(1).remove(0);
        server.accepts(1).await;
        given_up.abort();
        let requests = server.ask(2);
        server.handshakes.add_permits(1);
        all_answered(requests).await;
        assert_eq!(*server.accepted.borrow(), (1, 1));
    });
}
