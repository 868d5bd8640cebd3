//! Requests over shared connections of HTTP/2.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_core::{Body, Error, InterimQueue, Io, Reason, RequestHead, Response, Retry, clock};
use ferroway_http::h2::client::{self, H2Conn, H2Error, Options};
use http::uri::Scheme;
use tokio::sync::Notify;

use crate::dial::dial;
use crate::pool::Pool;
use crate::send::{Failure, body_reason, is_idempotent};
use crate::{Endpoint, Protocol, secure};

/// How often a request is begun again that servers have certainly not looked at.
const ATTEMPTS: usize = 3;

/// A worker's connections to one server.
#[derive(Default)]
pub(crate) struct SharedConns {
    conns: RefCell<Vec<SharedConn>>,
    /// The connection that is being made, for all who wait for it.
    dialling: RefCell<Option<Rc<Dial>>>,
}

struct SharedConn {
    conn: H2Conn,
    /// When requests were last seen under way, to the second.
    busy: Instant,
}

/// A connection that is being made.
#[derive(Default)]
struct Dial {
    /// None where the server has chosen HTTP/1.1.
    outcome: RefCell<Option<Result<Option<H2Conn>, Error>>>,
    /// The connection that is none of HTTP/2, for the first who asks.
    http1: Cell<Option<Io>>,
    done: Notify,
}

/// What a new connection speaks.
enum Agreed {
    Http2(H2Conn),
    Http1(Option<Io>),
}

/// What became of a request.
pub(crate) enum Shared {
    /// It is done with.
    Ended(Result<Response, Failure>),
    /// The server has chosen HTTP/1.1. One of those who waited gets the connection.
    Http1(Option<Io>, Body),
}

impl SharedConns {
    /// The connection with the fewest requests among those that take another one.
    fn get(&self) -> Option<H2Conn> {
        let mut conns = self.conns.borrow_mut();
        conns.retain(|shared| shared.conn.is_usable());
        let open = conns.iter_mut().filter(|shared| shared.conn.has_room());
        let least = open.min_by_key(|shared| shared.conn.streams())?;
        least.busy = clock::coarse();
        Some(least.conn.clone())
    }

    /// Whether there is a connection that can be used, or one is being made.
    pub(crate) fn has_any(&self) -> bool {
        self.dialling.borrow().is_some() || self.conns.borrow().iter().any(|shared| shared.conn.is_usable())
    }

    /// Drops what has ended or was idle for `limit`.
    pub(crate) fn reap(&self, limit: Option<Duration>, now: Instant) {
        self.conns.borrow_mut().retain_mut(|shared| {
            if shared.conn.streams() > 0 {
                shared.busy = now;
            }
            shared.conn.is_usable()
                && limit.is_none_or(|limit| now.saturating_duration_since(shared.busy) < limit)
        });
    }

    /// Drops all.
    pub(crate) fn clear(&self) {
        self.conns.borrow_mut().clear();
    }

    pub(crate) fn add(&self, conn: H2Conn) {
        self.conns.borrow_mut().push(SharedConn { conn, busy: clock::coarse() });
    }
}

/// Sends a request to a server that speaks nothing but HTTP/2, and waits for the response's head.
///
/// # Errors
/// No connection, or no usable response.
pub(crate) async fn send(
    endpoint: &Arc<Endpoint>,
    pool: &Rc<Pool>,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Result<Response, Failure> {
    match send_or_learn(endpoint, pool, head, body, interim).await {
        Shared::Ended(result) => result,
        Shared::Http1(_, body) => {
            let key = endpoint.key();
            let words = format!("{}:{} does not speak HTTP/2", key.host, key.port);
            let error = Error::before_sending(Reason::UpstreamMalformed, words);
            Err(Failure { error, body: Some(body) })
        }
    }
}

/// Sends a request over a shared connection and waits for the response's head, or finds that the server wants no
/// HTTP/2.
pub(crate) async fn send_or_learn(
    endpoint: &Arc<Endpoint>,
    pool: &Rc<Pool>,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Shared {
    let mut body = body;
    let limit = endpoint.key().transport.response_header_timeout;
    for attempt in 1.. {
        let (conn, fresh) = match pool.shared.get() {
            Some(conn) => (conn, false),
            None => match connect(endpoint, pool).await {
                Ok(Agreed::Http2(conn)) => (conn, true),
                Ok(Agreed::Http1(io)) => return Shared::Http1(io, body),
                Err(error) => return Shared::Ended(Err(Failure { error, body: Some(body) })),
            },
        };
        let failure = match conn.request(head, body, interim, limit).await {
            Ok(response) => return Shared::Ended(Ok(response)),
            Err(failure) => failure,
        };
        let lost = matches!(failure.error, H2Error::Closed | H2Error::Io(_));
        let safe = failure.unprocessed || (lost && !fresh && is_idempotent(head));
        match failure.body {
            Some(whole) if safe && attempt < ATTEMPTS => body = whole,
            whole => {
                let error = to_error(&failure.error, endpoint);
                return Shared::Ended(Err(Failure { error, body: whole }));
            }
        }
    }
    unreachable!("the last attempt returns")
}

/// A new connection. All who ask while one is being made get the same: a burst of requests to a server opens one
/// connection, not one each.
async fn connect(endpoint: &Arc<Endpoint>, pool: &Rc<Pool>) -> Result<Agreed, Error> {
    let known = pool.shared.dialling.borrow().clone();
    let dial = known.unwrap_or_else(|| {
        let dial = Rc::new(Dial::default());
        *pool.shared.dialling.borrow_mut() = Some(dial.clone());
        // On its own, so that it goes on when the request that began it is given up.
        tokio::task::spawn_local(open(endpoint.clone(), pool.clone(), dial.clone()));
        dial
    });
    loop {
        let done = dial.done.notified();
        if let Some(outcome) = &*dial.outcome.borrow() {
            return Ok(match outcome.clone()? {
                Some(conn) => Agreed::Http2(conn),
                None => Agreed::Http1(dial.http1.take()),
            });
        }
        done.await;
    }
}

async fn open(endpoint: Arc<Endpoint>, pool: Rc<Pool>, dial: Rc<Dial>) {
    let outcome = match handshake(&endpoint).await {
        Ok(Agreed::Http2(conn)) => {
            pool.shared.add(conn.clone());
            Ok(Some(conn))
        }
        Ok(Agreed::Http1(io)) => {
            dial.http1.set(io);
            Ok(None)
        }
        Err(error) => Err(error),
    };
    *pool.shared.dialling.borrow_mut() = None;
    *dial.outcome.borrow_mut() = Some(outcome);
    dial.done.notify_waiters();
}

async fn handshake(endpoint: &Endpoint) -> Result<Agreed, Error> {
    let (io, scheme) = match &endpoint.key().protocol {
        Protocol::Https(tls) => match secure::connect(endpoint, tls.any()).await? {
            (io, true) => (io, Scheme::HTTPS),
            (io, false) => return Ok(Agreed::Http1(Some(io))),
        },
        Protocol::Http1 | Protocol::H2c => (dial(endpoint).await?, Scheme::HTTP),
    };
    start(endpoint, io, scheme).await.map(Agreed::Http2)
}

/// Begins HTTP/2 on a connection.
pub(crate) async fn start(endpoint: &Endpoint, io: Io, scheme: Scheme) -> Result<H2Conn, Error> {
    let transport = &endpoint.key().transport;
    let options = Options {
        scheme,
        read_idle_timeout: transport.read_idle_timeout,
        ping_timeout: transport.ping_timeout,
    };
    let started = client::handshake(io, options).await;
    let (conn, driver) = started.map_err(|error| to_error(&error, endpoint))?;
    tokio::task::spawn_local(driver);
    Ok(conn)
}

fn to_error(error: &H2Error, endpoint: &Endpoint) -> Error {
    let key = endpoint.key();
    let reason = match error {
        H2Error::HeaderTimeout => Reason::UpstreamTimeout,
        H2Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Reason::UpstreamTimeout,
        H2Error::Closed | H2Error::Io(_) => Reason::UpstreamClosed,
        H2Error::Refused(_)
        | H2Error::Reset(_)
        | H2Error::Malformed(_)
        | H2Error::TooLarge
        | H2Error::Request(_) => Reason::UpstreamMalformed,
        H2Error::RequestBody(error) => body_reason(error),
    };
    Error { reason, retry: Retry::Unsafe, detail: format!("{}:{}: {error}", key.host, key.port).into() }
}
