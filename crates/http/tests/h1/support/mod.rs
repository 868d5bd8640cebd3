//! What the tests of both sides share: a clock that stands still until everybody waits, a peer that follows a
//! script, and what is seen of a message, as text.

pub(crate) mod client;
pub(crate) mod server;

use std::future::poll_fn;
use std::time::Duration;

use ferroway_core::{Body, BodyError, BodyStream, HeaderList, Phase, RequestHead};
use http::{HeaderName, HeaderValue, Version};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, Sleep, timeout};

/// With the clock stopped this passes only when every task waits: all that was to be written is written.
const QUIET: Duration = Duration::from_millis(1);

/// Longer than anything in here takes.
const EVER: Duration = Duration::from_secs(24 * 3600);

/// Fields as tables write them.
pub(crate) type Fields = &'static [(&'static str, &'static str)];

/// What a peer does, and what it expects.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Writes these bytes.
    Send(Vec<u8>),
    /// Writes these bytes, each piece when everybody waits for it.
    SendPieces(Vec<Vec<u8>>),
    /// Everything that comes until everybody waits is exactly this.
    Get(String),
    /// Reads this many bytes and no more.
    Take(usize),
    /// Writes nothing more, but reads on.
    Finish,
    /// Is gone in both directions.
    Vanish,
    /// Lets time pass.
    Wait(Duration),
    /// Was told that nothing more comes.
    Closed,
    /// Nothing comes, and after this time, to the second, the connection is closed.
    ClosedAfter(Duration),
    /// The process enters this phase.
    Enter(Phase),
}

pub(crate) use Step::{Closed, Finish, Vanish};

pub(crate) fn send(bytes: impl Into<Vec<u8>>) -> Step {
    Step::Send(bytes.into())
}

pub(crate) fn send_pieces<const N: usize>(pieces: [&str; N]) -> Step {
    Step::SendPieces(pieces.into_iter().map(|piece| piece.as_bytes().to_vec()).collect())
}

pub(crate) fn send_bytewise(text: &str) -> Step {
    Step::SendPieces(text.bytes().map(|byte| vec![byte]).collect())
}

pub(crate) fn get(text: impl Into<String>) -> Step {
    Step::Get(text.into())
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn wait(n: u64) -> Step {
    Step::Wait(seconds(n))
}

pub(crate) fn closed_after(n: u64) -> Step {
    Step::ClosedAfter(seconds(n))
}

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
        timeout(10 * EVER, future).await.expect("everybody waits for somebody else")
    })
}

/// The scripted end of a connection.
pub(crate) struct Peer {
    io: Option<DuplexStream>,
    ended: bool,
}

impl Peer {
    pub(crate) fn new(io: DuplexStream) -> Self {
        Self { io: Some(io), ended: false }
    }

    fn io(&mut self) -> &mut DuplexStream {
        self.io.as_mut().expect("the script does nothing after it has vanished")
    }

    /// Follows a script. `enter` is told of phases.
    pub(crate) async fn follow(&mut self, name: &str, steps: &[Step], enter: impl Fn(Phase)) {
        let mut told_closed = false;
        for (number, step) in steps.iter().enumerate() {
            let at = format!("{name}, step {number}");
            match step {
                Step::Send(bytes) => self.write(bytes).await,
                Step::SendPieces(pieces) => {
                    for piece in pieces {
                        self.write(piece).await;
                        tokio::time::sleep(QUIET).await;
                    }
                }
                Step::Get(expected) => {
                    let got = self.quiet().await;
                    pretty_eq(&at, &undated(&got), expected);
                }
                Step::Take(n) => {
                    let mut bytes = vec![0; *n];
                    self.io().read_exact(&mut bytes).await.unwrap_or_else(|error| panic!("{at}: {error}"));
                }
                Step::Finish => self.io().shutdown().await.expect("memory does not fail"),
                Step::Vanish => self.io = None,
                Step::Wait(time) => tokio::time::sleep(*time).await,
                Step::Closed => {
                    let more = if self.ended { Vec::new() } else { self.quiet().await };
                    pretty_eq(&at, &undated(&more), "");
                    assert!(self.ended, "{at}: the connection is still open");
                    told_closed = true;
                }
                Step::ClosedAfter(time) => {
                    let start = Instant::now();
                    assert!(!self.ended, "{at}: the connection is closed already");
                    let more = self.until_closed().await;
                    pretty_eq(&at, &undated(&more), "");
                    let after = start.elapsed().as_secs_f64();
                    let off = (after - time.as_secs_f64()).abs();
                    // Some deadlines count from a reading of the clock that is up to a second old.
                    assert!(off < 1.1, "{at}: closed after {after} s instead of {time:?}");
                    told_closed = true;
                }
                Step::Enter(phase) => enter(*phase),
            }
        }
        if self.io.is_some() && !self.ended {
            let rest = self.quiet().await;
            pretty_eq(&format!("{name}, after the last step"), &undated(&rest), "");
        }
        assert_eq!(self.ended, told_closed, "{name}: whether the connection is closed in the end");
    }

    /// What is written to somebody who has gone away is lost.
    async fn write(&mut self, bytes: &[u8]) {
        let _ = self.io().write_all(bytes).await;
    }

    /// Writes pieces and reads meanwhile: everything that comes until everybody waits.
    pub(crate) async fn exchange(&mut self, pieces: &[Vec<u8>]) -> Vec<u8> {
        let mut io = self.io.take().expect("the script does nothing after it has vanished");
        let (mut read, mut write) = tokio::io::split(&mut io);
        let writing = async {
            for piece in pieces {
                // Nobody reads when the connection has ended.
                let _ = write.write_all(piece).await;
                tokio::task::yield_now().await;
            }
        };
        let mut all = Vec::new();
        let reading = async {
            let mut piece = vec![0; 64 * 1024];
            while let Ok(Ok(n @ 1..)) = timeout(QUIET, read.read(&mut piece)).await {
                all.extend_from_slice(&piece[..n]);
            }
        };
        tokio::join!(writing, reading);
        self.io = Some(io);
        all
    }

    /// Everything that comes until everybody waits.
    pub(crate) async fn quiet(&mut self) -> Vec<u8> {
        self.read_for(QUIET).await
    }

    async fn until_closed(&mut self) -> Vec<u8> {
        let all = self.read_for(EVER).await;
        assert!(self.ended, "the connection stays open for ever");
        all
    }

    async fn read_for(&mut self, patience: Duration) -> Vec<u8> {
        let mut all = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        while !self.ended {
            match timeout(patience, self.io().read(&mut piece)).await {
                Ok(Ok(0)) => self.ended = true,
                Ok(Ok(n)) => all.extend_from_slice(&piece[..n]),
                Ok(Err(error)) => panic!("memory does not fail: {error}"),
                Err(_) => break,
            }
        }
        all
    }
}

/// Shows two texts below each other where they differ.
#[track_caller]
fn pretty_eq(at: &str, got: &str, expected: &str) {
    assert!(got == expected, "{at}:\n     got {got:?}\nexpected {expected:?}");
}

/// The bytes as text, with `now` for the date in heads.
pub(crate) fn undated(bytes: &[u8]) -> String {
    const FIELD: &str = "\r\nDate: ";
    const LENGTH: usize = "Tue, 24 Nov 2026 16:42:34 GMT".len();
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut parts = text.split(FIELD);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(FIELD);
        match part.split_at_checked(LENGTH) {
            Some((date, rest)) if date.ends_with(" GMT") && rest.starts_with("\r\n") => {
                out.push_str("now");
                out.push_str(rest);
            }
            _ => out.push_str(part),
        }
    }
    out
}

/// `[a: 1, b: 2]`, or nothing where there are none.
pub(crate) fn fields_view(headers: &HeaderList) -> String {
    let text = |(name, value): (&HeaderName, &HeaderValue)| match value.len() {
        ..200 => format!("{name}: {}", value.as_bytes().escape_ascii()),
        n => format!("{name}: <{n} bytes>"),
    };
    let all: Vec<String> = headers.iter().map(text).collect();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(", ")) }
}

/// What a handler sees of a head.
pub(crate) fn request_view(head: &RequestHead) -> String {
    let mut view = format!("{} {} {}", head.method, head.target.as_str(), head.host_str());
    if head.version == Version::HTTP_10 {
        view.push_str(" 1.0");
    }
    view.push_str(&fields_view(&head.headers));
    for name in &head.connection {
        view.push_str(&format!(" connection={name}"));
    }
    if let Some(protocol) = &head.upgrade {
        view.push_str(&format!(" upgrade={}", protocol.to_str().expect("ASCII")));
    }
    if head.accepts_trailers {
        view.push_str(" te");
    }
    view
}

/// Reads a body, at most `limit` bytes of it: what it held, its trailer fields, and how it broke off.
pub(crate) async fn body_view(body: &mut Body, limit: usize) -> String {
    let mut all = Vec::new();
    let mut view = String::new();
    while all.len() < limit {
        match poll_fn(|cx| body.poll_fill(cx)).await {
            Ok(0) => {
                view = body
                    .trailers()
                    .map(|trailers| format!(" +{}", fields_view(&trailers).trim()))
                    .unwrap_or_default();
                break;
            }
            Ok(n) => {
                let n = n.min(limit - all.len());
                all.extend_from_slice(&body.data()[..n]);
                body.consume(n);
            }
            Err(error) => {
                view = format!(" !{error}");
                break;
            }
        }
    }
    quoted(&all) + &view
}

/// ` "content"`, or its length where there is much of it, or nothing.
pub(crate) fn quoted(content: &[u8]) -> String {
    match content.len() {
        0 => String::new(),
        1..100 => format!(" {:?}", String::from_utf8_lossy(content)),
        n => format!(" <{n} bytes>"),
    }
}

/// Fields as a map.
pub(crate) fn header_map(fields: &[(&'static str, &'static str)]) -> HeaderList {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    fields.iter().map(pair).collect()
}

/// Part of a scripted body.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Data(Vec<u8>),
    Pause(Duration),
    Trailers(Fields),
    Break,
}

/// Data as a piece.
pub(crate) fn data(bytes: impl Into<Vec<u8>>) -> Piece {
    Piece::Data(bytes.into())
}

/// A body that follows a script.
pub(crate) struct Scripted {
    length: Option<u64>,
    pieces: VecDeque<Piece>,
    consumed: usize,
    sleep: Option<Pin<Box<Sleep>>>,
    trailers: Option<HeaderList>,
}

impl Scripted {
    pub(crate) fn body(length: Option<u64>, pieces: &[Piece]) -> Body {
        let pieces = pieces.iter().cloned().collect();
        Body::Stream(Box::new(Self { length, pieces, consumed: 0, sleep: None, trailers: None }))
    }
}

impl BodyStream for Scripted {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        loop {
            match self.pieces.front() {
                None => return Poll::Ready(Ok(0)),
                Some(Piece::Data(_)) if !self.data().is_empty() => return Poll::Ready(Ok(self.data().len())),
                Some(Piece::Data(_)) => self.consumed = 0,
                Some(Piece::Pause(time)) => {
                    let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(*time)));
                    std::task::ready!(sleep.as_mut().poll(cx));
                    self.sleep = None;
                }
                Some(Piece::Trailers(fields)) => self.trailers = Some(header_map(fields)),
                Some(Piece::Break) => return Poll::Ready(Err(BodyError::UpstreamClosed)),
            }
            self.pieces.pop_front();
        }
    }

    fn data(&self) -> &[u8] {
        match self.pieces.front() {
            Some(Piece::Data(bytes)) => &bytes[self.consumed..],
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        self.consumed += n;
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.trailers.take()
    }

    fn length(&self) -> Option<u64> {
        self.length
    }
}
