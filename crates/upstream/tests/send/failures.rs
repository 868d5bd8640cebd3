//! Why there is no response.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use ferroway_core::{Body, BodyError};
use ferroway_upstream::TransportOptions;

use crate::support::{
    Answer, Broken, Close, Head, Request, Server, Write, ask, endpoint, get, head, outcome, run,
};

const SHORT: Duration = Duration::from_millis(100);

#[test]
fn nobody_listens() {
    run(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let got = get(&endpoint("127.0.0.1", port, TransportOptions::default()), "POST", "/").await;
        let expected = format!("upstream_connect_failed: connecting to 127.0.0.1:{port} failed: ");
        assert!(
            got.starts_with(&expected) && got.ends_with("refused (os error 111), may be sent again"),
            "{got}"
        );
    });
}

#[test]
fn nobody_accepts() {
    run(async {
        // With its queue full the kernel leaves further connections without an answer.
        let socket =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        socket.listen(0).expect("a socket");
        let address = socket.local_addr().expect("bound").as_socket().expect("an IP address");
        let mut waiting = Vec::new();
        while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, SHORT) {
            waiting.push(stream);
        }
        let transport = TransportOptions { dial_timeout: Some(SHORT), ..TransportOptions::default() };
        let got = get(&endpoint("127.0.0.1", address.port(), transport), "GET", "/").await;
        let expected = format!(
            "upstream_connect_timeout: 127.0.0.1:{} did not accept a connection within 100ms, may be sent again",
            address.port()
        );
        assert_eq!(got, expected);
    });
}

#[test]
fn names() {
    run(async {
        // A label of more than 63 letters is no name: nobody is asked for it.
        let name = format!("{}.test", "a".repeat(64));
        let got = get(&endpoint(&name, 80, TransportOptions::default()), "GET", "/").await;
        let expected = format!("upstream_dns_failed: the name {name} cannot be resolved: ");
        assert!(got.starts_with(&expected) && got.ends_with(", may be sent again"), "{got}");

        // It may have an IPv6 address, where nobody listens.
        let server = Server::start([&[Request, Answer][..]]).await;
        let local = endpoint("localhost", server.address.port(), TransportOptions::default());
        assert_eq!(get(&local, "GET", "/").await, "200 ok");
    });
}

#[test]
fn answers_that_are_none() {
    for (answer, expected) in [
        (
            &[Request, Close][..],
            "upstream_closed: ADDRESS: the server closed the connection before it answered",
        ),
        (
            &[Request, Write("HTTP/1.1 200 OK\r\nConte"), Close],
            "upstream_closed: ADDRESS: the server closed the connection within the response head",
        ),
        (
            &[Request, Write("SSH-2.0-OpenSSH\r\n"), Close],
            "upstream_malformed: ADDRESS: malformed response: malformed start line",
        ),
        (
            &[Request, Write("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")],
            "upstream_malformed: ADDRESS: malformed response: invalid Content-Length",
        ),
        (
            &[
                Request,
                Write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
            ],
            "upstream_malformed: ADDRESS: the server switched to a protocol that nobody asked for",
        ),
    ] {
        run(async {
            let server = Server::start([answer]).await;
            let got = get(&server.endpoint(TransportOptions::default()), "POST", "/").await;
            let expected = expected.replace("ADDRESS", &server.address.to_string());
            assert_eq!(got.strip_suffix(", may be sent again").unwrap_or(&got), expected);
        });
    }
}

#[test]
fn the_response_head_has_its_time() {
    let transport =
        || TransportOptions { response_header_timeout: Some(SHORT), ..TransportOptions::default() };
    run(async {
        let silent = Server::start([&[Request][..]]).await;
        let got = get(&silent.endpoint(transport()), "GET", "/").await;
        let expected =
            "upstream_header_timeout: ADDRESS: no response head came within the response header timeout";
        let expected = expected.replace("ADDRESS", &silent.address.to_string());
        assert_eq!(got.strip_suffix(", may be sent again").unwrap_or(&got), expected);
        silent.log.until("1: end").await;

        let half = Server::start([&[Request, Write("HTTP/1.1 200 OK\r\n")][..]]).await;
        let got = get(&half.endpoint(transport()), "GET", "/").await;
        assert!(got.starts_with("upstream_header_timeout: "), "{got}");
    });
}

/// The time is for the server, and starts when it has the request: a client may take longer to send it.
#[test]
fn a_slow_request_body_is_not_held_against_the_server() {
    run(async {
        let transport =
            TransportOptions { response_header_timeout: Some(SHORT), ..TransportOptions::default() };
        let server = Server::start([&[Request, Answer][..]]).await;
        let body = Body::Stream(Box::new(crate::support::Slow::new(5 * SHORT, b"hello")));
        let got = outcome(ask(&server.endpoint(transport), &head("POST", "/", &[]), body).await).await;
        assert_eq!(got, "200 ok");
    });
}

#[test]
fn requests_that_break_off_are_the_clients_doing() {
    for (error, expected) in [
        (BodyError::ClientClosed, "client_closed: "),
        (BodyError::ClientTimeout, "request_timeout: "),
        (BodyError::ClientMalformed("x"), "bad_request: "),
        (BodyError::Io(std::io::ErrorKind::ConnectionReset.into()), "client_closed: "),
    ] {
        run(async {
            let server = Server::start([&[Head][..]]).await;
            let body = Body::Stream(Box::new(Broken(Some(error))));
            let endpoint = server.endpoint(TransportOptions::default());
            let got = outcome(ask(&endpoint, &head("POST", "/", &[]), body).await).await;
            assert!(got.starts_with(expected), "{got}");
            // Half a request is on the connection: it is of no further use.
            server.log.until("1: end").await;
        });
    }
}
