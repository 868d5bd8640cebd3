//! The relay over real sockets: every byte arrives, ends are passed on, nothing is held by the idle.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use ferroway_core::{Connections, Io, Phase};
use ferroway_tcp::{End, Method, Relayed, relay_by};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// The far ends of a relay, and its result.
struct Ends {
    client: Io,
    server: Io,
    connections: Connections,
    relay: tokio::task::JoinHandle<Relayed>,
}

/// What the two sides of a relay are made of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Tcp(Method),
    /// Both sides are streams in memory, as TLS streams are no sockets either.
    Memory,
    /// Only the client is TCP.
    Mixed,
}

const KINDS: [Kind; 5] = [
    Kind::Tcp(Method::Adaptive),
    Kind::Tcp(Method::Buffer),
    Kind::Tcp(Method::Splice),
    Kind::Memory,
    Kind::Mixed,
];

async fn tcp_pair() -> (Io, Io) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (far, _) = listener.accept().await.unwrap();
    for stream in [&near, &far] {
        stream.set_nodelay(true).unwrap();
        // Without a limit the kernel lets them grow to many megabytes.
        socket2::SockRef::from(stream).set_send_buffer_size(200_000).unwrap();
        socket2::SockRef::from(stream).set_recv_buffer_size(200_000).unwrap();
    }
    (Io::Tcp(near), Io::Tcp(far))
}

fn memory_pair() -> (Io, Io) {
    let (near, far) = duplex(10_000);
    (Io::Other(Box::new(near)), Io::Other(Box::new(far)))
}

async fn start(kind: Kind, delay: Option<Duration>) -> Ends {
    let (client, near_client) = if kind == Kind::Memory { memory_pair() } else { tcp_pair().await };
    let (server, near_server) = if matches!(kind, Kind::Tcp(_)) { tcp_pair().await } else { memory_pair() };
    let method = if let Kind::Tcp(method) = kind { method } else { Method::Adaptive };
    let connections = Connections::default();
    let registration = connections.enter();
    let relay = tokio::task::spawn_local(async move {
        relay_by(method, near_client, near_server, delay, &registration).await
    });
    Ends { client, server, connections, relay }
}

/// Runs `test` for every kind of relay.
fn for_all_kinds<F: Future<Output = ()>>(test: impl Fn(Kind) -> F) {
    for kind in KINDS {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            LocalSet::new().run_until(test(kind)).await;
        });
    }
}

fn data(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + at / 251) % 256).unwrap()).collect()
}

async fn read_all(io: &mut Io) -> Vec<u8> {
    let mut all = Vec::new();
    io.read_to_end(&mut all).await.unwrap();
    all
}

#[test]
fn bytes_arrive_both_ways_at_once() {
    for_all_kinds(|kind| async move {
        let Ends { client, server, relay, .. } = start(kind, None).await;
        let (up, down) = (data(3_000_001), data(1_234_567));
        let (mut client_in, mut client_out) = tokio::io::split(client);
        let (mut server_in, mut server_out) = tokio::io::split(server);
        let send_up = async {
            client_out.write_all(&up).await.unwrap();
            client_out.shutdown().await.unwrap();
        };
        let send_down = async {
            server_out.write_all(&down).await.unwrap();
            server_out.shutdown().await.unwrap();
        };
        let (mut got_up, mut got_down) = (Vec::new(), Vec::new());
        let (_, _, read_up, read_down) = tokio::join!(
            send_up,
            send_down,
            server_in.read_to_end(&mut got_up),
            client_in.read_to_end(&mut got_down)
        );
        assert_eq!((read_up.unwrap(), read_down.unwrap()), (up.len(), down.len()), "{kind:?}");
        assert!(got_up == up && got_down == down, "{kind:?}");
        let relayed = relay.await.unwrap();
        assert!(matches!(relayed.end, End::Finished), "{kind:?}: {:?}", relayed.end);
        assert_eq!((relayed.to_server, relayed.to_client), (up.len() as u64, down.len() as u64));
    });
}

#[test]
fn small_messages_go_back_and_forth() {
    for_all_kinds(|kind| async move {
        let Ends { mut client, mut server, relay, .. } = start(kind, Some(Duration::ZERO)).await;
        // Sizes that make an adaptive relay change its method.
        for size in [1, 100, 200_000, 10, 10, 65_536, 32_768, 1] {
            let message = data(size);
            let mut got = vec![0; size];
            let (_, read) = tokio::join!(client.write_all(&message), server.read_exact(&mut got));
            read.unwrap();
            assert!(got == message, "{kind:?} {size}");
            let (_, read) = tokio::join!(server.write_all(&message), client.read_exact(&mut got));
            read.unwrap();
            assert!(got == message, "{kind:?} {size}");
        }
        drop(client);
        assert_eq!(read_all(&mut server).await, b"");
        drop(server);
        assert!(matches!(relay.await.unwrap().end, End::Finished));
    });
}

#[test]
fn a_half_closed_client_gets_its_answer_within_the_termination_delay() {
    for_all_kinds(|kind| async move {
        let Ends { mut client, mut server, relay, .. } = start(kind, None).await;
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(read_all(&mut server).await, b"question", "{kind:?}: the end is passed on");
        for _ in 0..3 {
            server.write_all(b"answer ").await.unwrap();
            tokio::task::yield_now().await;
        }
        server.shutdown().await.unwrap();
        assert_eq!(read_all(&mut client).await, b"answer answer answer ", "{kind:?}");
        assert!(matches!(relay.await.unwrap().end, End::Finished));
    });
}

#[test]
fn the_other_side_is_cut_off_after_the_termination_delay() {
    for_all_kinds(|kind| async move {
        for (server_ends, delay) in [(false, 0), (false, 40), (true, 0), (true, 40)] {
            let delay = Duration::from_millis(delay);
            let Ends { client, server, relay, .. } = start(kind, Some(delay)).await;
            let (mut first, mut second) = if server_ends { (server, client) } else { (client, server) };
            first.write_all(b"last words").await.unwrap();
            let begin = std::time::Instant::now();
            first.shutdown().await.unwrap();
            assert_eq!(read_all(&mut second).await, b"last words");
            // The second side says nothing and does not close.
            assert_eq!(read_all(&mut first).await, b"");
            assert!(begin.elapsed() >= delay, "{kind:?} {server_ends} {:?}", begin.elapsed());
            let relayed = relay.await.unwrap();
            assert!(matches!(relayed.end, End::Finished));
            assert_eq!(relayed.to_server + relayed.to_client, 10);
        }
    });
}

#[test]
fn what_was_read_before_the_cut_still_arrives() {
    for_all_kinds(|kind| async move {
        let Ends { mut client, mut server, relay, .. } = start(kind, Some(Duration::ZERO)).await;
        // More than sockets hold, so that the relay waits for the client with bytes in hand.
        let sent = tokio::task::spawn_local(async move {
            let big = data(200_000);
            let _ = server.write_all(&big).await;
            server
        });
        let mut start = vec![0; 1000];
        client.read_exact(&mut start).await.unwrap();
        client.shutdown().await.unwrap();
        let rest = read_all(&mut client).await;
        let whole = [start, rest].concat();
        assert!(data(200_000).starts_with(&whole), "{kind:?}: a prefix, with nothing lost in between");
        let relayed = relay.await.unwrap();
        assert_eq!(relayed.to_client, whole.len() as u64, "{kind:?}");
        drop(sent.await.unwrap());
    });
}

#[test]
fn a_reset_ends_both_sides() {
    for_all_kinds(|kind| async move {
        if !matches!(kind, Kind::Tcp(_)) {
            return;
        }
        for server_resets in [false, true] {
            let Ends { client, server, relay, .. } = start(kind, Some(Duration::ZERO)).await;
            let (first, mut second) = if server_resets { (server, client) } else { (client, server) };
            let Io::Tcp(stream) = first else { panic!("TCP above") };
            stream.set_zero_linger().unwrap();
            drop(stream);
            assert_eq!(read_all(&mut second).await, b"");
            let relayed = relay.await.unwrap();
            let End::Broken(error) = relayed.end else { panic!("{kind:?}: {:?}", relayed.end) };
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
    });
}

#[test]
fn a_slow_reader_holds_the_sender_back() {
    for_all_kinds(|kind| async move {
        let Ends { mut client, mut server, relay, .. } = start(kind, None).await;
        let all = data(8_000_000);
        let mut sent = 0;
        // Until nothing more goes in: sockets, pipes and buffers are full.
        while let Ok(written) =
            tokio::time::timeout(Duration::from_millis(30), server.write(&all[sent..])).await
        {
            sent += written.unwrap();
            assert!(sent < all.len(), "{kind:?}: a relay without bound");
        }
        let mut got = vec![0; sent];
        client.read_exact(&mut got).await.unwrap();
        assert!(got == all[..sent], "{kind:?}");
        drop((client, server));
        relay.await.unwrap();
    });
}

#[test]
fn the_end_of_the_process_ends_it() {
    for_all_kinds(|kind| async move {
        let Ends { mut client, server: _server, connections, relay } = start(kind, None).await;
        tokio::task::yield_now().await;
        connections.set_phase(Phase::Draining);
        tokio::task::yield_now().await;
        assert!(!relay.is_finished(), "{kind:?}: draining lets it go on");
        connections.set_phase(Phase::Closed);
        assert!(matches!(relay.await.unwrap().end, End::Closed));
        assert_eq!(read_all(&mut client).await, b"");
    });
}

/// Names of what the descriptors of this process are.
fn descriptors(kind: &str) -> usize {
    let names = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| {
        let target = std::fs::read_link(entry.ok()?.path()).ok()?;
        target.to_string_lossy().starts_with(kind).then_some(())
    });
    names.count()
}

#[test]
fn idle_relays_share_their_pipes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(async {
        let before = descriptors("pipe:");
        let mut relays = Vec::new();
        for _ in 0..50 {
            let mut ends = start(Kind::Tcp(Method::Splice), None).await;
            let mut got = [0; 5];
            ends.client.write_all(b"hello").await.unwrap();
            ends.server.read_exact(&mut got).await.unwrap();
            relays.push(ends);
        }
        // One pipe has two ends. Other tests of this file run beside this one, each with a few of its own.
        let used = descriptors("pipe:").saturating_sub(before);
        assert!(used <= 40, "{used} ends of pipes for 50 idle relays");
    }));
}
