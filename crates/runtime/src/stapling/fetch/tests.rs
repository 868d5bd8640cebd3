use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// Answers one request with these bytes, closes, and returns the request.
async fn answer(listener: TcpListener, answer: Vec<u8>) -> Vec<u8> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"REQUEST") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "{request:?}");
    }
    // The client may have seen enough before it has all.
    let _ = stream.write_all(&answer).await;
    request
}

/// What comes of an answer, and the request.
async fn check(response: impl Into<Vec<u8>>) -> (Result<String, String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("HTTP://{}/status?x=1", listener.local_addr().unwrap());
    let client = Client::default();
    let (result, request) =
        tokio::join!(client.fetch(&url, b"REQUEST".to_vec()), answer(listener, response.into()));
    let port = url.trim_start_matches("HTTP://127.0.0.1:").trim_end_matches("/status?x=1");
    let request = String::from_utf8(request).unwrap().replace(port, "PORT");
    let result = result.map(|bytes| String::from_utf8(bytes).unwrap());
    (result.map_err(|error| error.to_string().replace(port, "PORT")), request)
}

fn response(head: &str, length: usize) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), &vec![b'x'; length]].concat()
}

#[tokio::test]
async fn answers() {
    let long = "the answer is longer than 65536 bytes".to_owned();
    let (most, more) = (MAX_SIZE, MAX_SIZE + 1);
    let chunked = |size: usize| {
        let head = "Transfer-Encoding: chunked\r\n";
        [response(head, 0), format!("{size:x}\r\n").into_bytes(), vec![b'x'; size], b"\r\n0\r\n\r\n".to_vec()]
            .concat()
    };
    let status = |status: u16| Err(format!("the responder answers with status {status}, expected 2xx"));
    for (name, answer, expected) in [
        ("good", response("Content-Length: 3\r\n", 3), Ok("xxx".to_owned())),
        ("chunked", chunked(3), Ok("xxx".to_owned())),
        ("up to the end", response("Connection: close\r\n", 3), Ok("xxx".to_owned())),
        ("nothing", response("Content-Length: 0\r\n", 0), Ok(String::new())),
        ("201", b"HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx".to_vec(), Ok("x".to_owned())),
        ("302", b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".to_vec(), status(302)),
        ("404", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(), status(404)),
        ("500", b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n".to_vec(), status(500)),
        ("as long as may be", response(&format!("Content-Length: {most}\r\n"), most), Ok("x".repeat(most))),
        ("too long", response(&format!("Content-Length: {more}\r\n"), more), Err(long.clone())),
        ("too long in chunks", chunked(more), Err(long.clone())),
        ("too long to the end", response("Connection: close\r\n", more), Err(long)),
        (
            "cut off",
            response("Content-Length: 9\r\n", 3),
            Err("the server closed the connection before the end of the response body".to_owned()),
        ),
    ] {
        let (result, request) = check(answer).await;
        assert_eq!(result, expected, "{name}");
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<String> = head.lines().map(str::to_ascii_lowercase).collect();
        lines[1..].sort();
        assert_eq!(
            lines,
            [
                "post /status?x=1 http/1.1",
                "accept: application/ocsp-response",
                "content-length: 7",
                "content-type: application/ocsp-request",
                "host: 127.0.0.1:port",
                "user-agent: ferroway-ocsp",
            ],
            "{name}"
        );
        assert_eq!(body, "REQUEST", "{name}");
    }
    for (name, answer) in [("no HTTP", &b"hello\r\n\r\n"[..]), ("nothing at all", b"")] {
        let (result, _) = check(answer).await;
        let error = result.expect_err(name);
        assert!(error.starts_with("127.0.0.1:PORT: "), "{name}: {error}");
    }
}

#[tokio::test]
async fn where_nobody_can_be_asked() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = "the URL of the responder is of no use, expected http://host or https://host";
    let (refused, tls) = (format!("http://{closed}/"), format!("https://{closed}/"));
    let failed = format!("connecting to {closed} failed: Connection refused (os error 111)");
    for (asked, expected) in [
        ("", url),
        ("nonsense", url),
        ("/path", url),
        ("ldap://a.test/", url),
        ("h2c://a.test/", url),
        ("http://", url),
        ("http://a.test:99999/", url),
        ("http://a b/", url),
        (&refused, &failed),
        (&tls, &failed),
    ] {
        let error = Client::default().fetch(asked, Vec::new()).await.expect_err(asked);
        assert_eq!(error.to_string(), expected, "{asked}");
    }
}

/// A responder that takes the request and is silent, or sends a byte now and then.
#[tokio::test]
async fn a_slow_responder() {
    for pieces in [0, 1000] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n").await;
            for _ in 0..pieces {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let _ = stream.write_all(b"x").await;
            }
            std::future::pending::<()>().await;
        });
        let client = Client::default();
        let (started, begun) = (Instant::now(), tokio::time::Instant::now());
        let asked = client.fetch(&url, b"REQUEST".to_vec());
        tokio::time::pause();
        let error = asked.await.expect_err("slow").to_string();
        tokio::time::resume();
        assert_eq!(error, "no answer within 10 seconds");
        let taken = begun.elapsed();
        assert!((TIMEOUT..TIMEOUT + Duration::from_secs(1)).contains(&taken), "{taken:?}");
        assert!(started.elapsed() < TIMEOUT, "that was no paused clock");
    }
}
