use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;

use super::{Batch, DATAGRAMS, send};

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limited = async { tokio::time::timeout(Duration::from_secs(10), test).await };
    runtime.block_on(limited).expect("nothing comes any more");
}

/// A socket and its address.
async fn bound(address: &str) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(address).await.unwrap();
    socket.writable().await.unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Two sockets that are connected with each other.
async fn pair() -> (UdpSocket, UdpSocket) {
    let ((one, one_address), (other, other_address)) =
        (bound("127.0.0.1:0").await, bound("127.0.0.1:0").await);
    one.connect(other_address).await.unwrap();
    other.connect(one_address).await.unwrap();
    (one, other)
}

fn send_all(socket: &UdpSocket, to: Option<SocketAddr>, datagrams: &[&[u8]]) {
    send(socket, to, datagrams.iter().copied());
}

/// The runs of a batch, each with its source.
async fn runs(batch: &mut Batch, socket: &UdpSocket) -> Vec<(SocketAddr, Vec<Vec<u8>>)> {
    socket.readable().await.unwrap();
    let runs = batch.receive_from(socket).unwrap();
    runs.map(|(source, datagrams)| (source, datagrams.map(<[u8]>::to_vec).collect())).collect()
}

async fn received(batch: &mut Batch, socket: &UdpSocket) -> Vec<Vec<u8>> {
    socket.readable().await.unwrap();
    batch.receive(socket).unwrap().map(<[u8]>::to_vec).collect()
}

#[test]
fn a_run_is_what_one_source_has_sent_in_a_row() {
    run(async {
        let (socket, to) = bound("127.0.0.1:0").await;
        let ((a, a_address), (b, b_address)) = (bound("127.0.0.1:0").await, bound("127.0.0.1:0").await);
        let mut batch = Batch::new();
        for _ in 0..2 {
            send_all(&a, Some(to), &[b"one", b""]);
            send_all(&b, Some(to), &[b"two"]);
            send_all(&a, Some(to), &[b"three", &[7; 65_507], b"four"]);
            let expected = [
                (a_address, vec![b"one".to_vec(), vec![]]),
                (b_address, vec![b"two".to_vec()]),
                (a_address, vec![b"three".to_vec(), vec![7; 65_507], b"four".to_vec()]),
            ];
            assert!(runs(&mut batch, &socket).await == expected);
        }
    });
}

#[test]
fn sources_have_whole_addresses_each_time() {
    run(async {
        let ((socket, to), (client, address)) = (bound("[::1]:0").await, bound("[::1]:0").await);
        let mut batch = Batch::new();
        for _ in 0..3 {
            send_all(&client, Some(to), &[b"one", b"two"]);
            let datagrams = vec![b"one".to_vec(), b"two".to_vec()];
            assert_eq!(runs(&mut batch, &socket).await, [(address, datagrams)]);
        }
    });
}

#[test]
fn one_batch_serves_servers_of_both_families() {
    run(async {
        let mut batch = Batch::new();
        for host in ["127.0.0.1:0", "[::1]:0", "127.0.0.1:0"] {
            let ((server, address), (socket, to)) = (bound(host).await, bound(host).await);
            socket.connect(address).await.unwrap();
            send_all(&server, Some(to), &[b"one", b"two"]);
            assert_eq!(received(&mut batch, &socket).await, [b"one", b"two"]);
        }
    });
}

#[test]
fn what_is_more_than_a_batch_comes_with_the_next() {
    run(async {
        let (one, other) = pair().await;
        let datagrams: Vec<_> = (0..=u8::try_from(DATAGRAMS).unwrap()).map(|number| [number]).collect();
        send(&one, None, datagrams.iter().map(|datagram| &datagram[..]));
        let mut batch = Batch::new();
        assert_eq!(received(&mut batch, &other).await, datagrams[..DATAGRAMS]);
        assert_eq!(received(&mut batch, &other).await, datagrams[DATAGRAMS..]);
        assert_eq!(batch.receive(&other).err().map(|error| error.kind()), Some(ErrorKind::WouldBlock));
        send_all(&one, None, &[b"later"]);
        assert_eq!(received(&mut batch, &other).await, [b"later"], "it is heard of");
    });
}

#[test]
fn a_refusal_costs_one_datagram() {
    run(async {
        let (socket, _) = bound("127.0.0.1:0").await;
        let (nobody, address) = bound("127.0.0.1:0").await;
        drop(nobody);
        socket.connect(address).await.unwrap();
        send_all(&socket, None, &[b"refused"]);
        let (somebody, _) = bound(&address.to_string()).await;
        send_all(&socket, None, &[b"told of it", b"two", b"three"]);
        assert_eq!(received(&mut Batch::new(), &somebody).await, [&b"two"[..], b"three"]);
    });
}

#[test]
fn a_datagram_that_is_too_large_holds_up_no_other() {
    run(async {
        let (one, other) = pair().await;
        send_all(&one, None, &[b"one", &[0; 65_508], b"two", &[0; 65_508]]);
        assert_eq!(received(&mut Batch::new(), &other).await, [b"one", b"two"]);
    });
}
