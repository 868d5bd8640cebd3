//! Services with real servers: who gets a connection, what is sent before the client's bytes, health.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferroway_config::Duration as Configured;
use ferroway_config::dynamic::{TcpHealthCheck, TcpLoadBalancer, TcpServer};
use ferroway_core::{Connections, Io, LocalBoxFuture, Phase};
use ferroway_listener::proxy_protocol::{Addresses, Version};
use ferroway_tcp::{
    LoadBalancer, Preface, Service, TlsConnector, Transport, TransportOptions, Weighted, health_checks,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};

/// Runs a test with `spawn_local` at hand.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(test));
}

/// A server that says its name and then what it gets, upper-cased.
async fn server(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            spawn_local(async move {
                let _ = stream.write_all(name.as_bytes()).await;
                let mut bytes = [0; 1024];
                while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                    bytes.make_ascii_uppercase();
                    let _ = stream.write_all(&bytes[..length]).await;
                }
            });
        }
    });
    address
}

/// An address where nobody listens.
fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn transport() -> Transport {
    Transport { options: TransportOptions::default(), tls: None }
}

fn balancer_of(servers: Vec<TcpServer>, transport: Transport) -> Arc<LoadBalancer> {
    let config = TcpLoadBalancer { servers, ..TcpLoadBalancer::default() };
    Arc::new(LoadBalancer::new("test", &config, transport))
}

fn servers(addresses: &[SocketAddr]) -> Vec<TcpServer> {
    let server = |address: &SocketAddr| TcpServer { address: address.to_string(), tls: false };
    addresses.iter().map(server).collect()
}

fn balancer(addresses: &[SocketAddr]) -> Arc<Service> {
    Arc::new(Service::LoadBalancer(balancer_of(servers(addresses), transport())))
}

/// Connects to a service as a client does; gives what it says up to the length of `expected`.
async fn talk(service: &Arc<Service>, say: &[u8], length: usize) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let addresses =
        Addresses { source: "10.1.2.3:4711".parse().unwrap(), destination: "10.3.2.1:443".parse().unwrap() };
    let service = service.clone();
    let serving = spawn_local(async move {
        let registration = Connections::default().enter();
        service.serve(Io::Tcp(accepted), Preface::default(), &addresses, &registration).await
    });
    client.write_all(say).await.unwrap();
    let mut got = Vec::new();
    (&mut client).take(length as u64).read_to_end(&mut got).await.unwrap();
    drop(client);
    let relayed = serving.await.unwrap();
    assert_eq!(relayed.map(|relayed| relayed.to_client), (!got.is_empty()).then_some(got.len() as u64));
    got
}

async fn first_bytes(service: &Arc<Service>, connections: usize) -> String {
    let mut all = String::new();
    for _ in 0..connections {
        let got = talk(service, b"", 1).await;
        all.push_str(if got.is_empty() { "-" } else { str::from_utf8(&got).unwrap() });
    }
    all
}

/// Whether `turns` is `expected`, begun anywhere.
fn assert_turns(turns: &str, expected: &str) {
    assert_eq!(turns.len(), expected.len());
    assert!(expected.repeat(2).contains(turns), "{turns}, expected {expected} begun anywhere");
}

#[test]
fn servers_take_turns() {
    run(async {
        let (a, b) = (server("a").await, server("b").await);
        assert_turns(&first_bytes(&balancer(&[a, b]), 6).await, "ababab");
        assert_turns(&first_bytes(&balancer(&[a, nobody()]), 4).await, "a-a-");
        assert_eq!(first_bytes(&balancer(&[]), 2).await, "--");
        let bad = vec![TcpServer { address: "nonsense".to_owned(), tls: false }];
        let only_bad = Arc::new(Service::LoadBalancer(balancer_of(bad, transport())));
        assert_eq!(first_bytes(&only_bad, 1).await, "-");
        let named = TcpServer { address: format!("localhost:{}", a.port()), tls: false };
        let by_name = Arc::new(Service::LoadBalancer(balancer_of(vec![named], transport())));
        assert_eq!(talk(&by_name, b"hello", 6).await, b"aHELLO");
    });
}

#[test]
fn services_share_by_weight() {
    run(async {
        let (a, b) = (balancer(&[server("a").await]), balancer(&[server("b").await]));
        let weighted = |a_weight, b_weight, b: &Arc<Service>| {
            let children = vec![(a.clone(), a_weight), (b.clone(), b_weight)];
            Arc::new(Service::Weighted(Weighted::new(children)))
        };
        assert_turns(&first_bytes(&weighted(3, 1, &b), 8).await, "aaabaaab");
        assert_eq!(first_bytes(&weighted(0, 1, &b), 3).await, "bbb");
        assert_eq!(first_bytes(&weighted(0, 0, &b), 1).await, "-");
        assert_eq!(
            first_bytes(&weighted(1, 1, &balancer(&[])), 3).await,
            "aaa",
            "one without servers is left out"
        );
    });
}

#[test]
fn the_proxy_protocol_goes_before_everything() {
    run(async {
        let expected_v2 =
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\x01\x02\x03\x0a\x03\x02\x01\x12\x67\x01\xbb";
        for (version, header) in
            [(Version::V1, &b"PROXY TCP4 10.1.2.3 10.3.2.1 4711 443\r\n"[..]), (Version::V2, expected_v2)]
        {
            let options = TransportOptions { proxy_protocol: Some(version), ..TransportOptions::default() };
            let echo = server("").await;
            let balancer = balancer_of(servers(&[echo]), Transport { options, tls: None });
            let service = Arc::new(Service::LoadBalancer(balancer));
            let expected = [header, b"data"].concat().to_ascii_uppercase();
            assert_eq!(talk(&service, b"data", expected.len()).await, expected);
        }
    });
}

/// In place of TLS: writes a greeting with the server's name.
struct Greeting(Mutex<u32>);

impl TlsConnector for Greeting {
    fn connect<'a>(&'a self, mut stream: TcpStream, host: &'a str) -> LocalBoxFuture<'a, io::Result<Io>> {
        *self.0.lock().unwrap() += 1;
        Box::pin(async move {
            if host == "localhost" {
                return Err(io::Error::other("not this name"));
            }
            stream.write_all(format!("hello {host};").as_bytes()).await?;
            Ok(Io::Other(Box::new(stream)))
        })
    }
}

#[test]
fn tls_is_what_is_plugged_in() {
    run(async {
        let echo = server("").await;
        let connector = Arc::new(Greeting(Mutex::new(0)));
        let transport = Transport { options: TransportOptions::default(), tls: Some(connector.clone()) };
        let one = |host: &str, tls| TcpServer { address: format!("{host}:{}", echo.port()), tls };
        let service =
            |server, transport| Arc::new(Service::LoadBalancer(balancer_of(vec![server], transport)));
        let expected = b"HELLO 127.0.0.1;DATA";
        let got = talk(&service(one("127.0.0.1", true), transport.clone()), b"data", expected.len()).await;
        assert_eq!(got, expected);
        let got = talk(&service(one("127.0.0.1", false), transport.clone()), b"data", 4).await;
        assert_eq!(got, b"DATA", "only servers with tls");
        assert_eq!(talk(&service(one("localhost", true), transport), b"", 1).await, b"");
        assert_eq!(*connector.0.lock().unwrap(), 2);
        let none = Transport { options: TransportOptions::default(), tls: None };
        let address = ferroway_tcp::ServerAddress::parse(&echo.to_string()).unwrap();
        let error = none.dial(&address, true, None, Preface::default()).await;
        assert_eq!(error.unwrap_err().to_string(), format!("no TLS is set up for connections to {echo}"));
    });
}

#[test]
fn dialling_has_a_limit() {
    run(async {
        // The queue of this listener is full after the first connections, and further ones get no answer.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        while let Ok(Ok(stream)) =
            tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(address)).await
        {
            held.push(stream);
        }
        let dial_timeout = Some(Duration::from_millis(50));
        let options = TransportOptions { dial_timeout, ..TransportOptions::default() };
        let service = Arc::new(Service::LoadBalancer(balancer_of(
            servers(&[address]),
            Transport { options, tls: None },
        )));
        assert_eq!(talk(&service, b"", 1).await, b"");

        let registration_of = Connections::default();
        let registration = registration_of.enter();
        let patient = TransportOptions { dial_timeout: None, ..TransportOptions::default() };
        let service = Service::LoadBalancer(balancer_of(
            servers(&[address]),
            Transport { options: patient, tls: None },
        ));
        let addresses = Addresses { source: address, destination: address };
        let (_far, near) = tokio::io::duplex(10);
        let serving = service.serve(Io::Other(Box::new(near)), Preface::default(), &addresses, &registration);
        let closing = async {
            tokio::task::yield_now().await;
            registration_of.set_phase(Phase::Closed);
        };
        let (served, ()) = tokio::join!(serving, closing);
        assert!(served.is_none(), "the end of the process ends dialling");
    });
}

async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("this comes true within seconds");
}

#[test]
fn servers_that_are_not_well_are_left_out() {
    run(async {
        let (a, b) = (server("a").await, server("b").await);
        let check = TcpHealthCheck {
            send: "ping".to_owned(),
            expect: "aPING".to_owned(),
            interval: Configured::from_millis(10),
            timeout: Configured::from_secs(5),
            ..TcpHealthCheck::default()
        };
        let balancer = balancer_of(servers(&[a, b, nobody()]), transport());
        let checks: Vec<_> = health_checks(&balancer, &check).into_iter().map(spawn_local).collect();
        let up = |balancer: &LoadBalancer| {
            balancer.servers().iter().map(|server| server.is_up()).collect::<Vec<_>>()
        };
        assert_eq!(up(&balancer), [true; 3], "before the first check");
        until(|| up(&balancer) == [true, false, false]).await;
        let service = Arc::new(Service::LoadBalancer(balancer));
        assert_eq!(first_bytes(&service, 3).await, "aaa");
        drop(service);
        for check in checks {
            check.await.expect("it ends when its balancer is gone");
        }
    });
}

#[test]
fn a_service_without_a_server_that_is_well_is_down() {
    run(async {
        let address = nobody();
        let check = TcpHealthCheck { interval: Configured::from_millis(10), ..TcpHealthCheck::default() };
        let sick = balancer_of(servers(&[address]), transport());
        health_checks(&sick, &check).into_iter().for_each(|check| drop(spawn_local(check)));
        let sick = Arc::new(Service::LoadBalancer(sick));
        until(|| !sick.is_up()).await;
        let well = balancer(&[server("a").await]);
        let both = Arc::new(Service::Weighted(Weighted::new(vec![(sick.clone(), 1), (well, 1)])));
        assert_eq!(first_bytes(&both, 3).await, "aaa");
        assert_eq!(first_bytes(&sick, 1).await, "-");
        let _back = tokio::net::TcpListener::bind(address).await.unwrap();
        until(|| sick.is_up()).await;
    });
}
