//! The side towards servers, with a caller that makes one request after the other.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;

use ferroway_core::{Body, InterimQueue, Io, RequestHead, Target};
use ferroway_http::h1::client::{ClientConn, Home};
use http::{HeaderValue, Method, StatusCode, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::{Fields, Peer, Piece, Scripted, Step, body_view, fields_view, header_map, run, seconds};

/// Where connections go that may be used again.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "as they come and go")]
pub(crate) struct Shelf(RefCell<Vec<Box<ClientConn>>>);

impl Shelf {
    pub(crate) fn take(&self) -> Option<Box<ClientConn>> {
        self.0.borrow_mut().pop()
    }
}

impl Home for Shelf {
    fn give_back(&self, conn: Box<ClientConn>) {
        self.0.borrow_mut().push(conn);
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: &'static str,
    target: &'static str,
    fields: Fields,
    upgrade: Option<&'static str>,
    te: bool,
    /// Length and pieces of the body.
    body: Option<(Option<u64>, Vec<Piece>)>,
    /// How much of the response's body is read.
    read: usize,
}

impl Call {
    pub(crate) fn new(method: &'static str, target: &'static str) -> Self {
        Self { method, target, fields: &[], upgrade: None, te: false, body: None, read: usize::MAX }
    }

    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    pub(crate) fn fields(self, fields: Fields) -> Self {
        Self { fields, ..self }
    }

    pub(crate) fn upgrade(self, protocol: &'static str) -> Self {
        Self { upgrade: Some(protocol), ..self }
    }

    pub(crate) fn te(self) -> Self {
        Self { te: true, ..self }
    }

    pub(crate) fn body<const N: usize>(self, length: Option<u64>, pieces: [Piece; N]) -> Self {
        Self { body: Some((length, Vec::from(pieces))), ..self }
    }

    /// A body of known length.
    pub(crate) fn body_of(self, length: u64, pieces: Vec<Piece>) -> Self {
        Self { body: Some((Some(length), pieces)), ..self }
    }

    /// Reads no more than this of the response, and gives it up.
    pub(crate) fn reads(self, read: usize) -> Self {
        Self { read, ..self }
    }

    fn head(&self) -> RequestHead {
        RequestHead {
            method: Method::from_bytes(self.method.as_bytes()).expect("a token"),
            target: Target::parse(self.target.as_bytes()).expect("a target").target,
            version: Version::HTTP_11,
            host: HeaderValue::from_static("a"),
            headers: header_map(self.fields),
            connection: Vec::new(),
            upgrade: self.upgrade.map(HeaderValue::from_static),
            accepts_trailers: self.te,
        }
    }

    /// Makes the request and tells what came of it.
    pub(crate) async fn make(self, mut conn: Box<ClientConn>) -> String {
        let interim = InterimQueue::default();
        let body = self.body.as_ref().map_or(Body::Empty, |(length, pieces)| Scripted::body(*length, pieces));
        conn.start(&self.head(), body);
        let result = poll_fn(|cx| conn.poll_response(&interim, cx)).await;
        let mut view = String::new();
        while let Some((status, headers)) = interim.pop() {
            view.push_str(&format!("{}{}, ", status.as_u16(), fields_view(&headers)));
        }
        let parsed = match result {
            Ok(parsed) => parsed,
            Err(error) => {
                let (_, whole) = conn.reclaim_request_body();
                let unsent = if whole { "" } else { " (some of the request was sent)" };
                return format!("{view}!{error}{unsent}");
            }
        };
        view.push_str(&format!("{}{}", parsed.status.as_u16(), fields_view(&parsed.headers)));
        if parsed.status == StatusCode::SWITCHING_PROTOCOLS {
            let mut tunnel = conn.into_tunnel();
            tunnel.write_all(b"ping").await.expect("memory does not fail");
            let mut all = String::new();
            tunnel.read_to_string(&mut all).await.expect("memory does not fail");
            return format!("{view} then {all:?}");
        }
        let mut body = conn.into_body();
        let content = body_view(&mut body, self.read).await;
        if self.read == usize::MAX && !content.contains(" !") {
            body.finish();
        }
        view + &content
    }
}

/// One request over a connection: what the server does, and what the caller gets.
struct Round {
    call: Call,
    steps: Vec<Step>,
    gets: &'static str,
}

/// What one connection carries.
pub(crate) struct Case {
    name: &'static str,
    pipe: usize,
    rounds: Vec<Round>,
}

impl Case {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, pipe: 1 << 20, rounds: Vec::new() }
    }

    /// How many bytes the connection holds in each direction.
    pub(crate) fn pipe(self, pipe: usize) -> Self {
        Self { pipe, ..self }
    }

    /// A request, what the server does meanwhile, and what the caller gets. In the end the connection is
    /// `kept` for the next request or `dropped`, or the outcome says what went wrong.
    pub(crate) fn round<const N: usize>(mut self, call: Call, steps: [Step; N], gets: &'static str) -> Self {
        self.rounds.push(Round { call, steps: Vec::from(steps), gets });
        self
    }

    async fn check(self) {
        let (ours, theirs) = tokio::io::duplex(self.pipe);
        let shelf = Rc::new(Shelf::default());
        shelf.give_back(ClientConn::new(Io::Other(Box::new(ours)), Some(shelf.clone())));
        let mut peer = Peer::new(theirs);
        for (number, round) in self.rounds.into_iter().enumerate() {
            let name = format!("{}, request {number}", self.name);
            let conn = shelf.take();
            let conn = conn.unwrap_or_else(|| panic!("{name}: the connection was not kept"));
            let calling: JoinHandle<String> = tokio::task::spawn_local(round.call.make(conn));
            peer.follow(&name, &round.steps, |_| unreachable!("servers have no phases")).await;
            let got = tokio::time::timeout(seconds(5), calling).await;
            let got = got.unwrap_or_else(|_| panic!("{name}: the caller waits for ever")).expect("no panic");
            let kept = if shelf.0.borrow().is_empty() { "dropped" } else { "kept" };
            assert_eq!(format!("{got}; {kept}"), round.gets, "{name}: what the caller gets");
        }
        // A connection that is alive can be told from one that has ended.
        if let Some(conn) = shelf.0.borrow_mut().last_mut() {
            assert!(conn.is_alive(), "{}: the kept connection is alive", self.name);
            drop(peer);
            assert!(!conn.is_alive(), "{}: the kept connection has ended", self.name);
        }
    }
}

/// Plays all cases, each on a runtime of its own.
pub(crate) fn check<const N: usize>(cases: [Case; N]) {
    for case in cases {
        run(case.check());
    }
}
