//! The side towards clients, with a handler that follows a script.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use ferroway_core::{Body, ConnInfo, Connections, Duplex, Exchange, Io, Request, Response};
use ferroway_http::h1::server::serve;
use ferroway_http::server::{Handler, Sent, Settings};
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Fields, Peer, Piece, Scripted, Step, body_view, header_map, request_view, run, seconds};

/// What the handler does before it answers.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Reads the whole request body.
    ReadAll,
    /// Reads this much of it.
    Read(usize),
    /// Sends an interim response.
    Interim(u16, Fields),
    /// Works for so long.
    Work(Duration),
    /// Works until nobody waits for it any more.
    WorkForEver,
}

/// The content of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// The request's target.
    Target,
    Nothing,
    Full(Vec<u8>),
    /// A body that arrives in pieces, of known length or not.
    Pieces(Option<u64>, Vec<Piece>),
    /// The request body, read while the answer is written.
    Echo,
    /// A server that says `hi`, echoes, and says `bye` when the client has finished.
    Tunnel,
}

/// How the handler deals with one request.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    acts: Vec<Act>,
    status: u16,
    fields: Fields,
    content: Content,
}

impl Reply {
    /// Reads everything and answers with the target.
    pub(crate) fn plain() -> Self {
        Self { acts: vec![Act::ReadAll], status: 200, fields: &[], content: Content::Target }
    }

    /// Does this and answers with the target.
    pub(crate) fn after<const N: usize>(acts: [Act; N]) -> Self {
        Self { acts: Vec::from(acts), ..Self::plain() }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn fields(self, fields: Fields) -> Self {
        Self { fields, ..self }
    }

    pub(crate) fn content(self, content: Content) -> Self {
        Self { content, ..self }
    }

    pub(crate) fn pieces<const N: usize>(self, length: Option<u64>, pieces: [Piece; N]) -> Self {
        self.content(Content::Pieces(length, Vec::from(pieces)))
    }
}

/// What was seen, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn note(&self, line: String) {
        self.0.borrow_mut().push(line);
    }

    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// Notes a request when it was handled, or that its handling was given up.
struct Noted<'a> {
    log: &'a Log,
    view: String,
    handled: bool,
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        let end = if self.handled { "" } else { " (given up)" };
        self.log.note(format!("{}{end}", self.view));
    }
}

/// A handler that follows a script: plain replies where it has come to its end.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) replies: RefCell<VecDeque<Reply>>,
    /// The requests that came.
    pub(crate) seen: Log,
    /// What became of the responses.
    pub(crate) sent: Log,
}

impl Handler for Script {
    async fn handle(&self, mut request: Request, exchange: &mut Exchange) -> Response {
        let reply = self.replies.borrow_mut().pop_front().unwrap_or_else(Reply::plain);
        let mut noted = Noted { log: &self.seen, view: request_view(&request.head), handled: false };
        for act in reply.acts {
            match act {
                Act::ReadAll => noted.view.push_str(&body_view(&mut request.body, usize::MAX).await),
                Act::Read(n) => noted.view.push_str(&body_view(&mut request.body, n).await),
                Act::Interim(status, fields) => {
                    let status = StatusCode::from_u16(status).expect("valid");
                    exchange.interim.push(status, header_map(fields));
                }
                Act::Work(time) => tokio::time::sleep(time).await,
                Act::WorkForEver => std::future::pending().await,
            }
        }
        let mut response = Response::new(StatusCode::from_u16(reply.status).expect("valid"));
        for (name, value) in reply.fields {
            response.head.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response.body = match reply.content {
            Content::Target => Body::full(request.head.target.as_str().to_owned()),
            Content::Nothing => Body::Empty,
            Content::Full(bytes) => Body::full(bytes),
            Content::Pieces(length, pieces) => Scripted::body(length, &pieces),
            Content::Echo => request.body,
            Content::Tunnel => Body::Tunnel(tunnel_server()),
        };
        noted.handled = true;
        response
    }

    fn done(&self, exchange: &mut Exchange, sent: &Sent<'_>) {
        let whole = if sent.complete { "whole" } else { "broken off" };
        let reason = exchange.record.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        let status = sent.head.status.as_u16();
        self.sent
            .note(format!("{status} {whole} {} of {}{reason}", sent.bytes, exchange.record.request_bytes));
    }
}

fn tunnel_server() -> Box<dyn Duplex> {
    let (ours, mut server) = tokio::io::duplex(1024);
    tokio::task::spawn_local(async move {
        let mut piece = [0; 256];
        server.write_all(b"hi ").await?;
        while let n @ 1.. = server.read(&mut piece).await? {
            server.write_all(&piece[..n]).await?;
        }
        server.write_all(b"bye").await?;
        server.shutdown().await
    });
    Box::new(ours)
}

/// Traefik's defaults, but for the head's size.
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

/// A connection that just came from 192.0.2.1.
pub(crate) fn connection_info() -> Rc<ConnInfo> {
    Rc::new(ConnInfo::new("web".into(), SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5000))))
}

/// One connection: what the client does, what comes back, and what the handler sees.
pub(crate) struct Case {
    name: &'static str,
    settings: Settings,
    pipe: usize,
    replies: Vec<Reply>,
    steps: Vec<Step>,
    seen: Vec<&'static str>,
    sent: Option<Vec<&'static str>>,
}

impl Case {
    pub(crate) fn new(name: &'static str) -> Self {
        let (replies, steps, seen) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, settings: settings(), pipe: 1 << 20, replies, steps, seen, sent: None }
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// How many bytes the connection holds in each direction.
    pub(crate) fn pipe(self, pipe: usize) -> Self {
        Self { pipe, ..self }
    }

    pub(crate) fn replies<const N: usize>(self, replies: [Reply; N]) -> Self {
        Self { replies: Vec::from(replies), ..self }
    }

    pub(crate) fn steps<const N: usize>(self, steps: [Step; N]) -> Self {
        Self { steps: Vec::from(steps), ..self }
    }

    /// The requests that reach the handler, all of them.
    pub(crate) fn seen<const N: usize>(self, seen: [&'static str; N]) -> Self {
        Self { seen: Vec::from(seen), ..self }
    }

    /// What is told of the responses, all of them: status, whether written whole, body bytes of the response
    /// and of the request, reason.
    pub(crate) fn sent<const N: usize>(self, sent: [&'static str; N]) -> Self {
        Self { sent: Some(Vec::from(sent)), ..self }
    }

    async fn check(self) {
        let (client, server) = tokio::io::duplex(self.pipe);
        let script = Rc::new(Script { replies: RefCell::new(self.replies.into()), ..Script::default() });
        let connections = Connections::default();
        let (handler, settings, registration) = (script.clone(), self.settings, connections.enter());
        let serving = tokio::task::spawn_local(async move {
            let io = Io::Other(Box::new(server));
            serve(io, connection_info(), &settings, &*handler, &registration).await;
        });
        let mut peer = Peer::new(client);
        peer.follow(self.name, &self.steps, |phase| connections.set_phase(phase)).await;
        drop(peer);
        let ended = tokio::time::timeout(seconds(5), serving).await;
        ended
            .unwrap_or_else(|_| panic!("{}: the connection outlives its client", self.name))
            .expect("no panic");
        assert_eq!(script.seen.take(), self.seen, "{}: what the handler saw", self.name);
        if let Some(sent) = self.sent {
            assert_eq!(script.sent.take(), sent, "{}: what is told of the responses", self.name);
        }
        assert_eq!(connections.count(), 0, "{}: connections that are left", self.name);
    }
}

/// Plays all cases, each on a runtime of its own.
pub(crate) fn check<const N: usize>(cases: [Case; N]) {
    for case in cases {
        run(case.check());
    }
}

/// The response of a plain reply.
pub(crate) fn ok(target: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nDate: now\r\n\r\n{target}", target.len())
}

/// The same, when it is the last one of its connection.
pub(crate) fn ok_close(target: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nDate: now\r\nConnection: close\r\n\r\n{target}",
        target.len()
    )
}

/// A refusal in the form of Go's server.
pub(crate) fn refused(status: &str, text: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nDate: now\r\n\
         Connection: close\r\n\r\n{text}",
        text.len()
    )
}
