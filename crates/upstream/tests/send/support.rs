//! A server that follows a script, and requests to it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ferroway_core::{Body, BodyError, BodyStream, HeaderList, InterimQueue, RequestHead, Response, Target};
use ferroway_upstream::{Endpoint, EndpointKey, Failure, Protocol, TransportOptions, send};
use http::{HeaderName, HeaderValue, Method, Version};
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Longer than anything takes that goes well.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does with a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Reads a request head, and a body of its length, and notes the request line.
    Request,
    /// Reads a request head only.
    Head,
    /// Answers `200` with `ok`.
    Ok,
    /// Writes these bytes.
    Write(&'static str),
    /// Closes the connection, and notes it.
    Close,
}

pub(crate) use Act::{Close, Head, Ok as Answer, Request, Write};

/// What happened at the server, as `connection: event`; connections count from 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Rc<(RefCell<Vec<String>>, Notify)>);

impl Log {
    fn note(&self, connection: usize, event: &str) {
        self.0.0.borrow_mut().push(format!("{connection}: {event}"));
        self.0.1.notify_waiters();
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.0.borrow().clone()
    }

    /// Waits for a line.
    pub(crate) async fn until(&self, line: &str) {
        let seen = async {
            loop {
                let notified = self.0.1.notified();
                if self.lines().iter().any(|seen| seen == line) {
                    break;
                }
                notified.await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        assert!(seen.is_ok(), "{line:?} does not happen, only {:?}", self.lines());
    }
}

/// A server with a script for each connection, in the order in which they are made.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) log: Log,
}

impl Server {
    /// When a script has come to its end the connection stays open until the other side ends it.
    pub(crate) async fn start<const N: usize>(scripts: [&'static [Act]; N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let log = Log::default();
        let noted = log.clone();
        tokio::task::spawn_local(async move {
            for (index, script) in scripts.into_iter().enumerate() {
                let (stream, _) = listener.accept().await.expect("a connection");
                tokio::task::spawn_local(follow(index + 1, stream, script, noted.clone()));
            }
        });
        Self { address, log }
    }

    /// The server by its address, over a transport with these options.
    pub(crate) fn endpoint(&self, transport: TransportOptions) -> Arc<Endpoint> {
        endpoint(&self.address.ip().to_string(), self.address.port(), transport)
    }
}

pub(crate) fn endpoint(host: &str, port: u16, transport: TransportOptions) -> Arc<Endpoint> {
    Endpoint::of(EndpointKey { host: host.to_owned(), port, protocol: Protocol::Http1, transport })
}

async fn follow(number: usize, mut stream: TcpStream, script: &[Act], log: Log) {
    for act in script {
        match act {
            Act::Request | Act::Head => match read_request(&mut stream, matches!(act, Act::Request)).await {
                Some(line) => log.note(number, &line),
                None => return log.note(number, "end"),
            },
            // What cannot be written is missed by the client.
            Act::Ok => drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await),
            Act::Write(text) => drop(stream.write_all(text.as_bytes()).await),
            Act::Close => {
                drop(stream);
                return log.note(number, "closed");
            }
        }
    }
    let mut more = [0; 1000];
    while matches!(stream.read(&mut more).await, Ok(1..)) {}
    log.note(number, "end");
}

/// The request line, once the head and its body are there.
async fn read_request(stream: &mut TcpStream, with_body: bool) -> Option<String> {
    let mut all = Vec::new();
    let mut byte = [0];
    while !all.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await.ok()?;
        all.push(byte[0]);
    }
    let head = String::from_utf8(all).expect("ASCII");
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.filter(|_| with_body).map_or(0, |length| length.parse().expect("a number"));
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    head.strip_suffix("\r\n\r\n")?.split(" HTTP/1.1").next().map(str::to_owned)
}

/// A request.
pub(crate) fn head(method: &str, target: &str, fields: &[(&'static str, &'static str)]) -> RequestHead {
    let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    RequestHead {
        method: Method::from_bytes(method.as_bytes()).expect("a token"),
        target: Target::parse(target.as_bytes()).expect("a target").target,
        version: Version::HTTP_11,
        host: HeaderValue::from_static("a"),
        headers: fields.iter().map(pair).collect::<HeaderList>(),
        connection: Vec::new(),
        upgrade: None,
        accepts_trailers: false,
    }
}

/// Makes a request; the response may be read later.
pub(crate) async fn ask(
    endpoint: &Arc<Endpoint>,
    head: &RequestHead,
    body: Body,
) -> Result<Response, Failure> {
    let interim = InterimQueue::default();
    let asked = send(endpoint, head, body, &interim);
    tokio::time::timeout(PATIENCE, asked).await.expect("an answer, or none, in time")
}

/// Reads a response: status and body. Its connection goes back.
pub(crate) async fn read(mut response: Response) -> String {
    let mut text = String::new();
    loop {
        match poll_fn(|cx| response.body.poll_fill(cx)).await.expect("the body is whole") {
            0 => break,
            n => {
                text.push_str(std::str::from_utf8(&response.body.data()[..n]).expect("ASCII"));
                response.body.consume(n);
            }
        }
    }
    response.body.finish();
    format!("{} {text}", response.head.status.as_u16())
}

/// Makes a request and reads the response; or the reason why there is none, and what is left of the request.
pub(crate) async fn get(endpoint: &Arc<Endpoint>, method: &str, target: &str) -> String {
    outcome(ask(endpoint, &head(method, target, &[]), Body::Empty).await).await
}

pub(crate) async fn outcome(result: Result<Response, Failure>) -> String {
    match result {
        Ok(response) => read(response).await,
        Err(failure) => {
            let whole = if failure.body.is_some() { ", may be sent again" } else { "" };
            format!("{}{whole}", failure.error)
        }
    }
}

/// Lets so many seconds pass for timers.
pub(crate) async fn later(seconds: u64) {
    tokio::time::pause();
    for _ in 0..seconds {
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
    }
    tokio::time::resume();
}

/// A body that breaks off.
pub(crate) struct Broken(pub(crate) Option<BodyError>);

impl BodyStream for Broken {
    fn poll_fill(&mut self, _: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        Poll::Ready(Err(self.0.take().expect("nobody reads on after an error")))
    }

    fn data(&self) -> &[u8] {
        &[]
    }

    fn consume(&mut self, _: usize) {}

    fn length(&self) -> Option<u64> {
        Some(5)
    }
}

/// Runs on a worker's kind of runtime, with a worker's housekeeping.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .expect("a runtime");
    runtime.block_on(async {
        tokio::task::spawn_local(ferroway_core::clock::tick());
        tokio::task::spawn_local(ferroway_upstream::reap_idle());
        test.await;
    });
}

/// A body that comes after a while.
pub(crate) struct Slow {
    sleep: std::pin::Pin<Box<tokio::time::Sleep>>,
    left: &'static [u8],
}

impl Slow {
    pub(crate) fn new(time: Duration, content: &'static [u8]) -> Self {
        Self { sleep: Box::pin(tokio::time::sleep(time)), left: content }
    }
}

impl BodyStream for Slow {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        if !self.sleep.is_elapsed() {
            std::task::ready!(self.sleep.as_mut().poll(cx));
        }
        Poll::Ready(Ok(self.left.len()))
    }

    fn data(&self) -> &[u8] {
        self.left
    }

    fn consume(&mut self, n: usize) {
        self.left = &self.left[n..];
    }

    fn length(&self) -> Option<u64> {
        Some(self.left.len() as u64)
    }
}
