//! A connection of a client that stays open: for requests one after another, streams and WebSockets.

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use ferroway_conformance::http1::{Fields, Reader};
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The time for everything on one connection.
const LIMIT: Duration = Duration::from_secs(20);

/// A connection to the router.
#[derive(Debug)]
pub(crate) struct Connection<S = TcpStream>(Reader<S>);

impl Connection {
    /// Connects to a port of this machine.
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self(Reader::new(stream, LIMIT)))
    }

    /// Sends a GET request and reads the head of the answer.
    pub(crate) async fn get(&mut self, target: &str, headers: &str) -> Result<(u16, Fields)> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: app.test\r\n{headers}\r\n");
        self.0.stream().write_all(request.as_bytes()).await?;
        let line = self.0.line().await?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.with_context(|| format!("bad status line {line:?}"))?, self.0.fields().await?))
    }

    /// Reads the body of an answer.
    pub(crate) async fn body(&mut self, headers: &Fields) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        match headers.get("content-length") {
            Some(length) => self.0.take(length.parse()?, &mut body).await?,
            None => drop(self.0.chunked(&mut body).await?),
        }
        Ok(body)
    }

    /// Waits for the next bytes of an answer, without taking them.
    pub(crate) async fn first_bytes(&mut self) -> Result<()> {
        self.0.peek().await?;
        Ok(())
    }
}

impl Connection<DuplexStream> {
    /// Opens a WebSocket on a stream of HTTP/2 (RFC 8441).
    pub(crate) async fn websocket_over_http2(port: u16, target: &str) -> Result<Self> {
        timeout(LIMIT, Self::extended_connect(port, target)).await?
    }

    async fn extended_connect(port: u16, target: &str) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let (send, connection) = h2::client::handshake(stream).await?;
        tokio::spawn(connection);
        let mut send = send.ready().await?;
        // The router's settings come first of all.
        while !send.is_extended_connect_protocol_enabled() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let request = http::Request::builder()
            .method("CONNECT")
            .uri(format!("http://app.test{target}"))
            .header("sec-websocket-version", "13")
            .header("origin", "http://app.test")
            .extension(h2::ext::Protocol::from_static("websocket"))
            .body(())?;
        let (response, upward) = send.send_request(request, false)?;
        let response = response.await?;
        ensure!(response.status() == 200, "status {}", response.status());
        ensure!(
            !response.headers().contains_key("sec-websocket-accept"),
            "an answer to a key that nobody sent"
        );
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (from_us, to_us) = tokio::io::split(theirs);
        tokio::spawn(send_all(from_us, upward));
        tokio::spawn(receive_all(response.into_body(), to_us));
        Ok(Self(Reader::new(ours, LIMIT)))
    }
}

/// Sends bytes as DATA frames, as many as there is room for.
async fn send_all(mut from: impl AsyncRead + Unpin, mut to: SendStream<Bytes>) -> Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let mut bytes = match from.read(&mut piece).await? {
            0 => return Ok(to.send_data(Bytes::new(), true)?),
            n => Bytes::copy_from_slice(&piece[..n]),
        };
        while !bytes.is_empty() {
            to.reserve_capacity(bytes.len());
            let room = poll_fn(|cx| to.poll_capacity(cx)).await.context("the stream has ended")??;
            to.send_data(bytes.split_to(room.min(bytes.len())), false)?;
        }
    }
}

/// Receives what comes in DATA frames.
async fn receive_all(mut from: RecvStream, mut to: impl AsyncWrite + Unpin) -> Result<()> {
    while let Some(bytes) = from.data().await {
        let bytes = bytes?;
        to.write_all(&bytes).await?;
        from.flow_control().release_capacity(bytes.len())?;
    }
    Ok(to.shutdown().await?)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Sends a WebSocket message in one frame (RFC 6455, section 5.2).
    pub(crate) async fn send_message(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ ..126 => frame.push(0x80 | u8::try_from(short)?),
            medium @ ..65536 => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(medium)?.to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(long)?.to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        Ok(self.0.stream().write_all(&frame).await?)
    }

    /// Receives a WebSocket message, however many frames it has.
    pub(crate) async fn message(&mut self) -> Result<(u8, Vec<u8>)> {
        let (mut opcode, mut message) = (0, Vec::new());
        loop {
            let mut head = Vec::new();
            self.0.take(2, &mut head).await?;
            ensure!(head[1] & 0x80 == 0, "a frame of the server is masked");
            let extra = match head[1] {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            self.0.take(extra, &mut head).await?;
            let length = match extra {
                0 => usize::from(head[1]),
                _ => head[2..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
            };
            self.0.take(length, &mut message).await?;
            if head[0] & 0x0f != 0 {
                opcode = head[0] & 0x0f;
            }
            if head[0] & 0x80 != 0 {
                return Ok((opcode, message));
            }
        }
    }
}
