//! What only a real connection shows: how it is closed.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use ferroway_core::{Connections, Io};
use ferroway_http::h1::server::serve;

use crate::support::server::{Content, Reply, Script, connection_info, settings};
use crate::support::{data, undated};

/// Longer than anything takes that goes well.
const PATIENCE: Duration = Duration::from_secs(20);

/// Serves one connection with these replies; `client` runs beside it.
fn with_server<T: Send + 'static>(reply: Reply, client: impl FnOnce(TcpStream) -> T + Send + 'static) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let stream = TcpStream::connect(listener.local_addr().expect("bound")).expect("listening");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.set_write_timeout(Some(PATIENCE)).expect("a socket");
    let (accepted, _) = listener.accept().expect("connected");
    accepted.set_nonblocking(true).expect("a socket");
    let client = std::thread::spawn(move || client(stream));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .expect("a runtime");
    runtime.block_on(async {
        let io = Io::Tcp(tokio::net::TcpStream::from_std(accepted).expect("a socket"));
        let script = Script { replies: std::cell::RefCell::new([reply].into()), ..Script::default() };
        let registration = Connections::default().enter();
        serve(io, connection_info(), &settings(), &script, &registration).await;
    });
    client.join().expect("no panic")
}

/// Everything until the end, and how that came.
fn read_all(stream: &mut TcpStream) -> (String, Result<usize, io::ErrorKind>) {
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all).map(|_| 0).map_err(|error| error.kind());
    (undated(&all), end)
}

const REFUSED: &str =
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nDate: now\r\nConnection: close\r\n\r\n/1";

#[test]
fn a_large_body_that_nobody_reads_does_not_cost_the_answer() {
    // More than the kernel holds for both ends: the client is still sending when it is answered.
    let (got, end) = with_server(Reply::after([]).status(403), |mut stream| {
        let head = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("connected");
        stream.write_all(&[b'x'; 200_000]).expect("the server reads on for a while");
        read_all(&mut stream)
    });
    assert_eq!((got.as_str(), end), (REFUSED, Ok(0)));
}

#[test]
fn a_malformed_request_with_more_behind_it_gets_its_answer() {
    let (got, end) = with_server(Reply::plain(), |mut stream| {
        stream.write_all(b"GET /1 HTTP/1.1\r\n\r\n").expect("connected");
        // May fail: the server has said all that it has to say.
        let _ = stream.write_all(&[b'x'; 100_000]);
        read_all(&mut stream)
    });
    assert!(
        got.starts_with("HTTP/1.1 400 Bad Request\r\n") && got.ends_with("missing required Host header"),
        "{got}"
    );
    assert_eq!(end, Ok(0));
}

#[test]
fn a_response_that_breaks_off_until_the_end_is_reset() {
    use crate::support::Piece::{Break, Pause};
    let wait = Pause(Duration::from_millis(20));
    let reply = Reply::plain().pieces(None, [data("half"), wait, Break]);
    let (got, end) = with_server(reply, |mut stream| {
        stream.write_all(b"GET /1 HTTP/1.0\r\n\r\n").expect("connected");
        // One write of the server's, so all or nothing: a reset throws away what is not read yet.
        let mut piece = [0; 1000];
        let mut all = Vec::new();
        let end = loop {
            match stream.read(&mut piece) {
                Ok(0) => break Ok(0),
                Ok(n) => all.extend_from_slice(&piece[..n]),
                Err(error) => break Err(error.kind()),
            }
        };
        (undated(&all), end)
    });
    assert!(["", "HTTP/1.0 200 OK\r\nDate: now\r\n\r\nhalf"].contains(&got.as_str()), "{got:?}");
    assert_eq!(end, Err(io::ErrorKind::ConnectionReset));
}

#[test]
fn a_large_answer_arrives_whole_at_a_client_that_has_finished() {
    let reply = Reply::plain().content(Content::Full(vec![b'x'; 3_000_000]));
    let (got, end) = with_server(reply, |mut stream| {
        stream.write_all(b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("connected");
        read_all(&mut stream)
    });
    assert_eq!(
        (got.len(), end),
        (
            3_000_000
                + "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\nDate: now\r\nConnection: close\r\n\r\n"
                    .len(),
            Ok(0)
        )
    );
}

#[test]
fn a_tunnel_ends_direction_by_direction() {
    let fields = &[("upgrade", "x")];
    let reply = Reply::plain().status(101).fields(fields).content(Content::Tunnel);
    let (got, end) = with_server(reply, |mut stream| {
        let request = "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes ";
        stream.write_all(request.as_bytes()).expect("connected");
        stream.shutdown(Shutdown::Write).expect("connected");
        read_all(&mut stream)
    });
    let switched =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhi bytes bye";
    assert_eq!((got.as_str(), end), (switched, Ok(0)));
}
