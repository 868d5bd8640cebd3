//! UDP sessions over real sockets.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ferroway_config::dynamic::{UdpLoadBalancer, UdpServer};
use ferroway_core::{Connections, Phase};
use ferroway_tcp::{UdpOptions, UdpServers, UdpService, UdpWeighted, serve_udp};
use tokio::net::UdpSocket;
use tokio::task::{JoinHandle, LocalSet, spawn_local};

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(test));
}

/// A server that answers with its name and the port that asks, or with a large datagram if asked for one.
async fn server(name: &'static str) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    spawn_local(async move {
        let mut bytes = vec![0; 65_536];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let answer = if length > 1000 {
                bytes[..length].to_vec()
            } else {
                format!("{name} {}", from.port()).into()
            };
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    address
}

fn service(servers: &[String]) -> Arc<UdpService> {
    let servers = servers.iter().map(|address| UdpServer { address: address.clone() }).collect();
    Arc::new(UdpService::LoadBalancer(UdpServers::new("test", &UdpLoadBalancer { servers })))
}

fn of(servers: &[SocketAddr]) -> Arc<UdpService> {
    service(&servers.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// An entry point with a service that can be changed.
struct EntryPoint {
    address: SocketAddr,
    service: Rc<RefCell<Option<Arc<UdpService>>>>,
    connections: Connections,
    task: JoinHandle<()>,
}

async fn entry_point(first: Option<Arc<UdpService>>, idle: Duration) -> EntryPoint {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let service = Rc::new(RefCell::new(first));
    let connections = Connections::default();
    let registration = connections.enter();
    let current = service.clone();
    let task = spawn_local(async move {
        let options = UdpOptions { entry_point: "test".into(), idle, max_sessions: 7 };
        serve_udp(socket, options, move || current.borrow().clone(), &registration).await;
    });
    EntryPoint { address, service, connections, task }
}

async fn client(entry_point: &EntryPoint) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(entry_point.address).await.unwrap();
    socket
}

/// What is answered; `None` when nothing is.
async fn ask(client: &UdpSocket) -> Option<String> {
    client.send(b"hello").await.unwrap();
    let mut bytes = [0; 100];
    let answer = tokio::time::timeout(Duration::from_millis(300), client.recv(&mut bytes)).await.ok()?;
    Some(String::from_utf8(bytes[..answer.unwrap()].to_vec()).unwrap())
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_session_keeps_its_server_and_sessions_take_turns() {
    run(async {
        let point = entry_point(Some(of(&[server("a").await, server("b").await])), LONG).await;
        let mut names = String::new();
        for _ in 0..6 {
            let client = client(&point).await;
            let first = ask(&client).await.unwrap();
            assert_eq!(ask(&client).await.as_ref(), Some(&first), "the same server from the same port");
            names.push_str(&first[..1]);
        }
        assert!("abababa".contains(&names), "{names}");
    });
}

#[test]
fn weights_names_and_servers_that_are_not_there() {
    run(async {
        let (a, b) = (server("a").await, server("b").await);
        let weighted = Arc::new(UdpService::Weighted(UdpWeighted::new(vec![(of(&[a]), 0), (of(&[b]), 1)])));
        let named = service(&[format!("localhost:{}", a.port()), "nonsense".to_owned()]);
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for (service, expected) in [
            (Some(weighted), Some("b")),
            (Some(named), Some("a")),
            (Some(of(&[])), None),
            (Some(of(&[nobody])), None),
            (None, None),
        ] {
            let point = entry_point(service, LONG).await;
            let client = client(&point).await;
            let answer = ask(&client).await;
            assert_eq!(answer.as_ref().map(|answer| &answer[..1]), expected);
            assert!(!point.task.is_finished());
        }
    });
}

#[test]
fn the_largest_datagram_passes_both_ways() {
    run(async {
        let point = entry_point(Some(of(&[server("a").await])), LONG).await;
        let client = client(&point).await;
        let sent: Vec<u8> = (0..65_507_u32).map(|at| (at % 251) as u8).collect();
        client.send(&sent).await.unwrap();
        let mut got = vec![0; 65_536];
        let length = tokio::time::timeout(LONG, client.recv(&mut got)).await.unwrap().unwrap();
        assert!(got[..length] == sent);
    });
}

#[test]
fn an_idle_session_ends() {
    run(async {
        let point =
            entry_point(Some(of(&[server("a").await, server("b").await])), Duration::from_millis(500)).await;
        let client = client(&point).await;
        let first = ask(&client).await.unwrap();
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(120)).await;
            assert_eq!(ask(&client).await.as_ref(), Some(&first), "it lives as long as it is used");
        }
        tokio::time::sleep(Duration::from_millis(900)).await;
        let second = ask(&client).await.unwrap();
        assert_ne!(second[..1], first[..1], "a new session, at the next server");
    });
}

#[test]
fn sessions_survive_reloads_as_long_as_their_server_stays() {
    run(async {
        let (a, b) = (server("a").await, server("b").await);
        let point = entry_point(Some(of(&[a])), LONG).await;
        let client = client(&point).await;
        let first = ask(&client).await.unwrap();
        *point.service.borrow_mut() = Some(of(&[b, a]));
        assert_eq!(ask(&client).await, Some(first));
        *point.service.borrow_mut() = Some(of(&[b]));
        assert_eq!(&ask(&client).await.unwrap()[..1], "b");
    });
}

#[test]
fn there_are_only_so_many_sessions() {
    run(async {
        let point = entry_point(Some(of(&[server("a").await])), Duration::from_millis(1500)).await;
        for _ in 0..7 {
            assert!(ask(&client(&point).await).await.is_some());
        }
        let eighth = client(&point).await;
        assert_eq!(ask(&eighth).await, None);
        tokio::time::sleep(Duration::from_millis(2000)).await;
        assert!(ask(&eighth).await.is_some(), "others have ended");
    });
}

#[test]
fn the_end_of_the_process() {
    run(async {
        let point = entry_point(Some(of(&[server("a").await])), Duration::from_millis(100)).await;
        let old = client(&point).await;
        ask(&old).await.unwrap();
        point.connections.set_phase(Phase::Draining);
        assert!(ask(&old).await.is_some(), "sessions go on");
        assert_eq!(ask(&client(&point).await).await, None, "but there are no new ones");
        tokio::time::timeout(LONG, point.task).await.expect("the last session was idle").unwrap();

        let point = entry_point(Some(of(&[server("a").await])), LONG).await;
        ask(&client(&point).await).await.unwrap();
        point.connections.set_phase(Phase::Closed);
        tokio::time::timeout(LONG, point.task).await.expect("everything ends").unwrap();
    });
}

/// A server that sends back what it gets.
async fn echo() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    spawn_local(async move {
        let mut bytes = vec![0; 65_536];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            socket.send_to(&bytes[..length], from).await.unwrap();
        }
    });
    address
}

/// Has a session opened, so that nothing has to wait for it.
async fn open(client: &UdpSocket) {
    client.writable().await.unwrap();
    assert!(ask(client).await.is_some());
}

/// Exchanges datagrams that are sent all at once. The answers are those that come as long as there are any.
async fn exchange(client: &UdpSocket, datagrams: &[Vec<u8>]) -> Vec<Vec<u8>> {
    for datagram in datagrams {
        assert_eq!(client.try_send(datagram).unwrap(), datagram.len());
    }
    answers(client).await
}

async fn answers(client: &UdpSocket) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    let mut bytes = vec![0; 65_536];
    while let Ok(answer) = tokio::time::timeout(Duration::from_millis(500), client.recv(&mut bytes)).await {
        answers.push(bytes[..answer.unwrap()].to_vec());
    }
    answers
}

fn numbers(count: u8) -> Vec<Vec<u8>> {
    (0..count).map(|number| vec![number; usize::from(number)]).collect()
}

#[test]
fn bursts_keep_their_order() {
    run(async {
        let point = entry_point(Some(of(&[echo().await])), LONG).await;
        let client = client(&point).await;
        open(&client).await;
        for _ in 0..3 {
            assert_eq!(exchange(&client, &numbers(100)).await, numbers(100));
        }
    });
}

#[test]
fn clients_that_send_in_turn_get_their_own_answers() {
    run(async {
        let point = entry_point(Some(of(&[echo().await, echo().await])), LONG).await;
        let mut clients = Vec::new();
        for _ in 0..7 {
            clients.push(client(&point).await);
            open(clients.last().unwrap()).await;
        }
        let of_client = |client: usize| (0..20).map(move |number| format!("{client} {number}").into_bytes());
        for number in 0..20 {
            for (at, client) in clients.iter().enumerate() {
                client.try_send(&of_client(at).nth(number).unwrap()).unwrap();
            }
        }
        for (at, client) in clients.iter().enumerate() {
            assert_eq!(answers(client).await, of_client(at).collect::<Vec<_>>());
        }
    });
}

#[test]
fn the_largest_datagram_passes_among_small_ones() {
    run(async {
        let point = entry_point(Some(of(&[echo().await])), LONG).await;
        let client = client(&point).await;
        open(&client).await;
        let mut datagrams = numbers(20);
        datagrams[10] = (0..65_507_u32).map(|at| (at % 251) as u8).collect();
        assert!(exchange(&client, &datagrams).await == datagrams);
    });
}

#[test]
fn the_first_datagrams_wait_for_the_session() {
    run(async {
        let point = entry_point(Some(of(&[echo().await])), LONG).await;
        let client = client(&point).await;
        client.writable().await.unwrap();
        assert_eq!(exchange(&client, &numbers(20)).await, numbers(16));
        assert_eq!(exchange(&client, &numbers(20)).await, numbers(20));
    });
}
