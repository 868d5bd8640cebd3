//! The server behind the proxies: answers at once, and reads what is uploaded to its end before it does.
//!
//! `bench-backend LISTEN-ADDRESS`. A path `/bytes/N` is answered with N bytes, every other one with 120. Datagrams to the
//! same address go back as they came.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// Size of the answer where the path names none.
const SMALL: usize = 120;

/// The largest answer.
const MAX_ANSWER: usize = 16 << 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let address: SocketAddr = std::env::args().nth(1).context("LISTEN-ADDRESS")?.parse()?;
    let listener = TcpListener::bind(address).await?;
    tokio::spawn(echo(UdpSocket::bind(address).await?));
    loop {
        let (connection, _) = listener.accept().await?;
        // A client that breaks off, or that sends what is not asked for here, loses its connection.
        tokio::spawn(async move { serve(connection).await.ok() });
    }
}

/// Sends datagrams back.
async fn echo(socket: UdpSocket) {
    let mut datagram = vec![0; 1 << 16];
    loop {
        // A client that is gone is told about at the next datagram; it is none of the next one's business.
        if let Ok((length, client)) = socket.recv_from(&mut datagram).await {
            let _ = socket.send_to(&datagram[..length], client).await;
        }
    }
}

/// Answers the requests of one connection.
async fn serve(mut connection: TcpStream) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = vec![0; 1 << 16];
    let mut filled = 0;
    let mut answer = Vec::new();
    loop {
        let Some(request) = parse(&buffer[..filled])? else {
            ensure!(filled < buffer.len(), "the head is too long");
            match connection.read(&mut buffer[filled..]).await? {
                0 => return Ok(()),
                read => filled += read,
            }
            continue;
        };
        let end = (request.head + request.body).min(filled);
        let mut missing = request.head + request.body - end;
        buffer.copy_within(end..filled, 0);
        filled -= end;
        while missing > 0 {
            let room = missing.min(buffer.len());
            match connection.read(&mut buffer[..room]).await? {
                0 => bail!("the body was cut"),
                read => missing -= read,
            }
        }
        write_answer(&mut answer, &request);
        connection.write_all(&answer).await?;
        if request.close {
            return Ok(());
        }
    }
}

/// What matters of a request.
struct Request {
    /// Length of the head.
    head: usize,
    /// Length of the body.
    body: usize,
    /// Length of the answer that is wanted.
    answer: usize,
    close: bool,
}

/// The request whose head is at the start of `bytes`, once it is whole.
fn parse(bytes: &[u8]) -> Result<Option<Request>> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(head) = request.parse(bytes)? else { return Ok(None) };
    let (mut body, mut close) = (0, false);
    for field in request.headers.iter() {
        if field.name.eq_ignore_ascii_case("content-length") {
            body = std::str::from_utf8(field.value)?.parse()?;
        } else if field.name.eq_ignore_ascii_case("connection") {
            close = field.value.eq_ignore_ascii_case(b"close");
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("chunked uploads are not part of the benchmark");
        }
    }
    let path = request.path.unwrap_or_default();
    let answer = match path.strip_prefix("/bytes/") {
        Some(size) => size.parse()?,
        None => SMALL,
    };
    ensure!(answer <= MAX_ANSWER, "nobody asks for {answer} bytes");
    Ok(Some(Request { head, body, answer, close }))
}

/// Makes `out` the answer. Most requests of a run want the same: it is left as it is then.
fn write_answer(out: &mut Vec<u8>, request: &Request) {
    let (size, close) = (request.answer, if request.close { "Connection: close\r\n" } else { "" });
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{close}Content-Length: {size}\r\n\r\n");
    if !(out.starts_with(head.as_bytes()) && out.len() == head.len() + size) {
        *out = head.into_bytes();
        out.resize(out.len() + size, b'x');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_measured() {
        for (wire, expected) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest", Some((27, 0, SMALL, false))),
            ("GET /bytes/65536 HTTP/1.1\r\nConnection: close\r\n\r\n", Some((48, 0, 65536, true))),
            ("POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhel", Some((38, 5, SMALL, false))),
            ("GET / HTTP/1.1\r\nHost: a\r\n", None),
        ] {
            let parsed = parse(wire.as_bytes()).expect("valid");
            let parsed = parsed.map(|request| (request.head, request.body, request.answer, request.close));
            assert_eq!(parsed, expected, "{wire:?}");
        }
        assert!(parse(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(parse(b"GET /bytes/99999999999 HTTP/1.1\r\n\r\n").is_err());
    }

    #[test]
    fn answers_are_whole() {
        let mut answer = Vec::new();
        for (size, close) in [(3, false), (3, false), (0, true), (5, false)] {
            write_answer(&mut answer, &Request { head: 0, body: 0, answer: size, close });
            let text = String::from_utf8(answer.clone()).expect("text");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            assert!(head.ends_with(&format!("Content-Length: {size}")), "{head}");
            assert_eq!(head.contains("Connection: close"), close);
            assert_eq!(body, "x".repeat(size));
        }
    }
}
