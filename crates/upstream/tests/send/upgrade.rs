//! Switches of protocols.

use ferroway_core::Body;
use ferroway_upstream::TransportOptions;
use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, Close, Head, Server, Write, ask, head, outcome, run};

const SWITCHED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\nearly ";

#[test]
fn a_switch_that_was_asked_for_becomes_a_tunnel() {
    run(async {
        let server = Server::start([&[Head, Write(SWITCHED), Head, Write("late"), Close][..]]).await;
        let mut request = head("GET", "/", &[]);
        request.upgrade = Some(HeaderValue::from_static("websocket"));
        let response = ask(&server.endpoint(TransportOptions::default()), &request, Body::Empty).await;
        let response = response.expect("an answer");
        assert_eq!(response.head.status.as_u16(), 101);
        assert_eq!(response.head.headers.get("upgrade").map(HeaderValue::as_bytes), Some(&b"WebSocket"[..]));
        let Body::Tunnel(mut tunnel) = response.body else { panic!("{:?}", response.body) };
        tunnel.write_all(b"anything\r\n\r\n").await.expect("connected");
        let mut all = String::new();
        tunnel.read_to_string(&mut all).await.expect("connected");
        assert_eq!(all, "early late");
    });
}

#[test]
fn a_switch_to_something_else_is_none() {
    run(async {
        let server = Server::start([&[Head, Write(SWITCHED)][..]]).await;
        let mut request = head("GET", "/", &[]);
        request.upgrade = Some(HeaderValue::from_static("other"));
        let endpoint = server.endpoint(TransportOptions::default());
        let got = outcome(ask(&endpoint, &request, Body::Empty).await).await;
        assert!(got.starts_with("upstream_malformed: "), "{got}");
    });
}

#[test]
fn a_declined_switch_is_an_answer() {
    run(async {
        let server = Server::start([&[Head, Answer][..]]).await;
        let mut request = head("GET", "/", &[]);
        request.upgrade = Some(HeaderValue::from_static("websocket"));
        let endpoint = server.endpoint(TransportOptions::default());
        assert_eq!(outcome(ask(&endpoint, &request, Body::Empty).await).await, "200 ok");
    });
}
