//! Clients that begin with HTTP/2 or TLS: their connection is given back as it came.

use ferroway_core::{Connections, Io};
use ferroway_http::h1::server::{Other, serve};
use ferroway_http::h2::PREFACE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::run;
use crate::support::server::{Script, connection_info, settings};

/// What is left of a connection on which this came in pieces.
async fn given_back(pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let (mut client, server) = tokio::io::duplex(1000);
    let script = Script::default();
    let registration = Connections::default().enter();
    let settings = settings();
    let io = Io::Other(Box::new(server));
    let serving = serve(io, connection_info(), &settings, &script, &registration);
    let sending = async {
        for piece in pieces {
            client.write_all(piece).await.expect("connected");
            tokio::task::yield_now().await;
        }
        client.shutdown().await.expect("connected");
    };
    let (other, ()) = tokio::join!(serving, sending);
    let (Other::Http2(mut io) | Other::Tls(mut io)) = other?;
    let mut bytes = Vec::new();
    io.read_to_end(&mut bytes).await.expect("connected");
    Some(bytes)
}

#[test]
fn the_preface_stays_in_front() {
    run(async {
        let whole = [PREFACE.as_slice(), b"and frames"].concat();
        for cut in [0, 1, 3, 10, 18, 24, whole.len()] {
            let (first, second) = whole.split_at(cut);
            assert_eq!(given_back(&[first, second]).await.as_deref(), Some(&*whole), "cut at {cut}");
        }
    });
}

#[test]
fn tls_is_given_back() {
    run(async {
        for hello in [&[0x16, 3, 1, 0, 4, b'\r', b'\n', b'\r', b'\n'][..], &[0x80, 0x2e, 1]] {
            let (first, second) = hello.split_at(1);
            assert_eq!(given_back(&[first, second]).await.as_deref(), Some(hello));
        }
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(given_back(&[request, &[0x16]]).await, None, "not after a request");
    });
}

#[test]
fn only_a_first_request_is_taken_for_the_preface() {
    run(async {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(given_back(&[request, PREFACE.as_slice()]).await, None);
    });
}
