//! What the tests have in common: a runtime whose clock stands still, a handler that does what the path says, and
//! the raw end of a connection.

pub(crate) mod frames;

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use ferroway_core::{
    Body, BodyError, BodyStream, ConnInfo, Connections, Exchange, HeaderList, Io, Phase, Reason, Request,
    Response,
};
use ferroway_http::h2::server::{Limits, serve};
use ferroway_http::server::{Handler, Sent, Settings};
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::timeout;

/// With the clock stopped this passes only when every task waits: all that was to be written is written.
const QUIET: Duration = Duration::from_millis(1);

/// Longer than anything in here takes.
const EVER: Duration = Duration::from_secs(24 * 3600);

/// Runs on a runtime of its own whose clock moves only when everybody waits.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build_local(tokio::runtime::LocalOptions::default())
        .expect("a runtime");
    runtime.block_on(async {
        // As on a worker; and the last reading is not that of another runtime.
        tokio::task::spawn_local(ferroway_core::clock::tick());
        tokio::task::yield_now().await;
        timeout(EVER, future).await.expect("everybody waits for somebody else")
    })
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A body in pieces; the last word on it is its trailers, or that it breaks off.
pub(crate) struct Pieces {
    pub(crate) pieces: Vec<&'static [u8]>,
    pub(crate) length: Option<u64>,
    pub(crate) trailers: Option<HeaderList>,
    pub(crate) breaks: bool,
    /// Whether the end is waited for in vain.
    pub(crate) stays_open: bool,
}

impl Pieces {
    pub(crate) fn of<const N: usize>(pieces: [&'static [u8]; N]) -> Self {
        let pieces = pieces.into_iter().rev().collect();
        Self { pieces, length: None, trailers: None, breaks: false, stays_open: false }
    }

    pub(crate) fn body(self) -> Body {
        Body::Stream(Box::new(self))
    }
}

impl BodyStream for Pieces {
    fn poll_fill(&mut self, _: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        match self.pieces.last() {
            Some(piece) => Poll::Ready(Ok(piece.len())),
            None if self.breaks => Poll::Ready(Err(BodyError::UpstreamClosed)),
            None if self.stays_open => Poll::Pending,
            None => Poll::Ready(Ok(0)),
        }
    }

    fn data(&self) -> &[u8] {
        self.pieces.last().copied().unwrap_or_default()
    }

    fn consume(&mut self, n: usize) {
        let piece = self.pieces.pop().expect("a piece");
        if n < piece.len() {
            self.pieces.push(&piece[n..]);
        }
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.trailers.take()
    }

    fn length(&self) -> Option<u64> {
        self.length
    }
}

pub(crate) fn fields(fields: &[(&'static str, &'static str)]) -> HeaderList {
    let field = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    fields.iter().map(field).collect()
}

/// Reads a body, as text; with its trailers, or why it broke off.
pub(crate) async fn read(body: &mut Body) -> String {
    let mut bytes = Vec::new();
    let broken = loop {
        match poll_fn(|cx| body.poll_fill(cx)).await {
            Ok(0) => break None,
            Ok(n) => {
                bytes.extend_from_slice(body.data());
                body.consume(n);
            }
            Err(error) => break Some(error),
        }
    };
    let mut text = match String::from_utf8(bytes) {
        Ok(text) if text.len() <= 40 => text,
        Ok(text) => format!("{} bytes", text.len()),
        Err(error) => format!("{error}"),
    };
    for (name, value) in &body.trailers().unwrap_or_default() {
        text.push_str(&format!(" [{name}: {}]", value.to_str().expect("text")));
    }
    if let Some(error) = broken {
        text.push_str(&format!(" ({error})"));
    }
    text
}

/// Does what the path says, and notes what it sees.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    pub(crate) seen: RefCell<Vec<String>>,
}

impl Paths {
    fn note(&self, line: String) {
        self.seen.borrow_mut().push(line);
    }
}

/// Notes that the handling of a request was given up.
struct Handling<'a>(&'a Paths, Option<String>);

impl Drop for Handling<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.1.take() {
            self.0.note(format!("{request} given up"));
        }
    }
}

pub(crate) static BIG: [u8; 300_000] = [b'x'; 300_000];

impl Handler for Paths {
    async fn handle(&self, mut request: Request, exchange: &mut Exchange) -> Response {
        let path = request.head.target.path().to_owned();
        let mut handling = Handling(self, Some(path.clone()));
        let mut response = Response::new(StatusCode::OK);
        response.body = match &*path {
            "/big" => Body::full(&BIG[..]),
            "/echo" => std::mem::take(&mut request.body),
            "/ever" => std::future::pending().await,
            "/read" => Body::full(read(&mut request.body).await),
            "/interim" => {
                exchange.interim.push(StatusCode::EARLY_HINTS, fields(&[("link", "</a.css>")]));
                tokio::time::sleep(seconds(1)).await;
                Body::full(&b"hinted"[..])
            }
            "/trailers" => {
                let trailers = Some(fields(&[("grpc-status", "0"), ("connection", "close")]));
                Pieces { trailers, ..Pieces::of([b"one", b"two"]) }.body()
            }
            "/only-trailers" => {
                Pieces { trailers: Some(fields(&[("grpc-status", "5")])), ..Pieces::of([]) }.body()
            }
            "/known" => Pieces { length: Some(6), ..Pieces::of([b"one", b"two"]) }.body(),
            "/too-long" => Pieces { length: Some(5), ..Pieces::of([b"one", b"two"]) }.body(),
            "/too-short" => Pieces { length: Some(7), ..Pieces::of([b"one", b"two"]) }.body(),
            "/broken" => Pieces { breaks: true, ..Pieces::of([b"one"]) }.body(),
            "/open" => Pieces { stays_open: true, ..Pieces::of([b"one"]) }.body(),
            "/empty" => Body::Empty,
            "/missing" => {
                response.head.status = StatusCode::NOT_FOUND;
                Body::full(path)
            }
            "/no-content" => {
                response.head.status = StatusCode::NO_CONTENT;
                Body::full(&b"nobody sees it"[..])
            }
            "/failed" => {
                response = Response::local(StatusCode::BAD_GATEWAY, Reason::ConnectFailed);
                Body::full(&b"Bad Gateway"[..])
            }
            "/tunnel" => {
                response.head.status = StatusCode::SWITCHING_PROTOCOLS;
                response.head.headers = fields(&[("sec-websocket-accept", "x"), ("upgrade", "websocket")]);
                Body::Tunnel(Box::new(echo_server()))
            }
            _ => Body::full(path),
        };
        handling.1 = None;
        response
    }

    fn done(&self, exchange: &mut Exchange, sent: &Sent<'_>) {
        let whole = if sent.complete { "" } else { " broken off" };
        let reason = exchange.record.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        let taken = exchange.record.request_bytes;
        let taken = if taken > 0 { format!(", took {taken}") } else { String::new() };
        self.note(format!("{} sent {}{whole}{reason}{taken}", sent.head.status.as_u16(), sent.bytes));
    }
}

/// A server that echoes what it gets, and says when the client has finished.
fn echo_server() -> DuplexStream {
    let (ours, mut server) = tokio::io::duplex(1024);
    tokio::task::spawn_local(async move {
        let mut piece = [0; 256];
        while let n @ 1.. = server.read(&mut piece).await? {
            server.write_all(&piece[..n]).await?;
        }
        server.write_all(b"bye").await?;
        server.shutdown().await
    });
    ours
}

/// Traefik's defaults.
pub(crate) fn settings() -> Settings {
    Settings {
        read_timeout: Some(seconds(60)),
        write_timeout: None,
        idle_timeout: Some(seconds(180)),
        max_header_bytes: 1 << 20,
        keep_alive_max_time: None,
        keep_alive_max_requests: None,
    }
}

/// A connection that is served, seen from its other end.
pub(crate) struct Served {
    io: DuplexStream,
    unread: Vec<u8>,
    ended: bool,
    pub(crate) handler: Rc<Paths>,
    pub(crate) connections: Connections,
    serving: tokio::task::JoinHandle<()>,
}

impl Served {
    pub(crate) fn start(settings: Settings, limits: Limits) -> Self {
        let (io, handler, connections, serving) = start(settings, limits);
        Self { io, unread: Vec::new(), ended: false, handler, connections, serving }
    }

    /// With the usual settings, and a client that has said hello.
    pub(crate) async fn greeted() -> Self {
        let mut served = Self::start(settings(), Limits::default());
        served.greet(&[]).await;
        served
    }

    /// Sends the client's hello, and takes the server's.
    pub(crate) async fn greet(&mut self, settings: &[(u16, u32)]) {
        self.send(frames::hello(settings)).await;
        let got = self.frames().await;
        assert_eq!(got, ["SETTINGS", "SETTINGS ack", "0: WINDOW_UPDATE 983041"], "the server's hello");
        self.send(frames::frame(frames::SETTINGS, frames::ACK, 0, &[])).await;
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A connection that was closed takes nothing, which is what some tests are about.
        let _ = self.io.write_all(bytes.as_ref()).await;
    }

    /// What comes until everybody waits.
    pub(crate) async fn frames(&mut self) -> Vec<String> {
        let mut piece = vec![0; 64 * 1024];
        while !self.ended {
            match timeout(QUIET, self.io.read(&mut piece)).await {
                Ok(Ok(n @ 1..)) => self.unread.extend_from_slice(&piece[..n]),
                Ok(_) => self.ended = true,
                Err(_) => break,
            }
        }
        let mut frames = Vec::new();
        while let Some(frame) = frames::take_frame(&mut self.unread) {
            frames.push(frame);
        }
        assert_eq!(self.unread, b"", "half a frame");
        if self.ended {
            frames.push("closed".to_owned());
        }
        frames
    }

    /// Sends, and takes what comes as bytes.
    pub(crate) async fn raw(&mut self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        self.send(bytes).await;
        let mut piece = vec![0; 64 * 1024];
        let read = timeout(QUIET, self.io.read(&mut piece)).await;
        piece.truncate(read.expect("something comes").expect("a connection"));
        piece
    }

    /// Reads what comes, whatever it is.
    pub(crate) async fn frames_in_pieces(&mut self) {
        let _ = self.frames().await;
    }

    /// Whether the other end has closed the connection.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Sends this again and again, and reads nothing; how much was taken.
    pub(crate) async fn write_until_blocked(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while let Ok(Ok(n @ 1..)) = timeout(QUIET, self.io.write(&bytes[taken % bytes.len()..])).await {
            taken += n;
            if taken >= 64 << 20 {
                break;
            }
        }
        taken
    }

    /// Sends, and what comes of it.
    pub(crate) async fn exchange(&mut self, bytes: impl AsRef<[u8]>) -> Vec<String> {
        self.send(bytes).await;
        self.frames().await
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.handler.seen.take()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.connections.set_phase(phase);
    }

    /// Ends the client's side; the server's must follow.
    pub(crate) async fn leave(self) -> Vec<String> {
        drop(self.io);
        timeout(seconds(5), self.serving).await.expect("it outlives its client").expect("no panic");
        assert_eq!(self.connections.count(), 0);
        self.handler.seen.take()
    }
}

/// Serves one end of a pipe.
pub(crate) fn start(
    settings: Settings,
    limits: Limits,
) -> (DuplexStream, Rc<Paths>, Connections, tokio::task::JoinHandle<()>) {
    let (client, server) = tokio::io::duplex(1 << 20);
    let handler = Rc::new(Paths::default());
    let connections = Connections::default();
    let registration = connections.enter();
    let serving = tokio::task::spawn_local({
        let handler = handler.clone();
        async move {
            let peer = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5000));
            let conn = Rc::new(ConnInfo::new("web".into(), peer));
            serve(Io::Other(Box::new(server)), conn, &settings, &limits, &*handler, &registration).await;
        }
    });
    (client, handler, connections, serving)
}
