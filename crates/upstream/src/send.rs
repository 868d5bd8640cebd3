//! One request over one connection.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ferroway_core::{
    Body, BodyError, Error, InterimQueue, Reason, RequestHead, Response, ResponseHead, Retry,
};
use ferroway_http::h1::client::{ClientConn, ClientError};
use ferroway_http::h1::head::ParsedResponse;
use http::header::UPGRADE;
use http::{HeaderValue, Method, StatusCode};

use crate::dial::dial;
use crate::pool::Pool;
use crate::{Endpoint, Protocol, multiplexed, secure};

/// Why there is no response, and what is left of the request.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub error: Error,
    /// The body, where nothing of it was sent: the request may be sent again.
    pub body: Option<Body>,
}

/// Sends a request to a server and waits for the response's head.
///
/// A request that fails on a connection from the pool, before a byte of a response, is sent once
/// more over a new one where that is safe: the server had closed the connection meanwhile.
///
/// # Errors
/// No connection, or no usable response.
pub async fn send(
    endpoint: &Arc<Endpoint>,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Result<Response, Failure> {
    let pool = Pool::of(endpoint);
    // Boxed, so that requests over plain HTTP/1.1 have no room for the others.
    match &endpoint.key().protocol {
        Protocol::Http1 => {}
        Protocol::H2c => return Box::pin(multiplexed::send(endpoint, &pool, head, body, interim)).await,
        Protocol::Https(tls) => {
            return Box::pin(secure::send(endpoint, tls, &pool, head, body, interim)).await;
        }
    }
    let body = match over_pooled(endpoint, &pool, head, body, interim).await {
        Pooled::Ended(result) => return result,
        Pooled::NotSent(body) => body,
    };
    match dial(endpoint).await {
        Ok(io) => over(endpoint, ClientConn::new(io, Some(pool)), head, body, interim).await,
        Err(error) => Err(Failure { error, body: Some(body) }),
    }
}

/// What became of a request over an idle connection.
pub(crate) enum Pooled {
    /// It is done with.
    Ended(Result<Response, Failure>),
    /// There was no connection, or it had ended before: a new one may carry the request.
    NotSent(Body),
}

/// Sends a request over an idle connection, if there is one.
pub(crate) async fn over_pooled(
    endpoint: &Endpoint,
    pool: &Pool,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Pooled {
    let Some(conn) = pool.take(!is_idempotent(head)) else { return Pooled::NotSent(body) };
    match attempt(endpoint, conn, head, body, interim).await {
        Ok(response) => Pooled::Ended(Ok(response)),
        Err((error, Some(whole))) if may_repeat(&error, head) => Pooled::NotSent(whole),
        Err((error, body)) => Pooled::Ended(Err(Failure { error: to_error(error, endpoint), body })),
    }
}

/// Sends a request over a new connection.
pub(crate) async fn over(
    endpoint: &Endpoint,
    conn: Box<ClientConn>,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Result<Response, Failure> {
    let result = attempt(endpoint, conn, head, body, interim).await;
    result.map_err(|(error, body)| Failure { error: to_error(error, endpoint), body })
}

/// Why an attempt failed.
#[derive(Debug)]
enum AttemptError {
    Client(ClientError),
    HeaderTimeout,
    UnwantedUpgrade,
}

async fn attempt(
    endpoint: &Endpoint,
    mut conn: Box<ClientConn>,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Result<Response, (AttemptError, Option<Body>)> {
    conn.start(head, body);
    let result = match endpoint.key().transport.response_header_timeout {
        None => poll_fn(|cx| conn.poll_response(interim, cx)).await.map_err(AttemptError::Client),
        Some(limit) => answer_within(limit, &mut conn, interim).await,
    };
    match result {
        Ok(parsed) => response(conn, parsed, head).map_err(|error| (error, None)),
        Err(error) => {
            let (body, whole) = conn.reclaim_request_body();
            Err((error, whole.then_some(body)))
        }
    }
}

/// Waits for the response's head. The time is the server's: it starts when the request was sent.
async fn answer_within(
    limit: Duration,
    conn: &mut ClientConn,
    interim: &InterimQueue,
) -> Result<ParsedResponse, AttemptError> {
    let mut timer = None;
    poll_fn(|cx| {
        if let Poll::Ready(result) = conn.poll_response(interim, cx) {
            return Poll::Ready(result.map_err(AttemptError::Client));
        }
        if !conn.request_is_sent() {
            return Poll::Pending;
        }
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        timer.as_mut().poll(cx).map(|()| Err(AttemptError::HeaderTimeout))
    })
    .await
}

fn response(
    conn: Box<ClientConn>,
    parsed: ParsedResponse,
    request: &RequestHead,
) -> Result<Response, AttemptError> {
    let mut head = ResponseHead { status: parsed.status, headers: parsed.headers };
    let body = if parsed.status == StatusCode::SWITCHING_PROTOCOLS {
        let same = |(wanted, offered): &(&HeaderValue, &HeaderValue)| {
            wanted.as_bytes().eq_ignore_ascii_case(offered.as_bytes())
        };
        let agreed = request.upgrade.as_ref().zip(parsed.upgrade.as_ref()).filter(same);
        let (_, offered) = agreed.ok_or(AttemptError::UnwantedUpgrade)?;
        head.headers.insert(UPGRADE, offered.clone());
        Body::Tunnel(conn.into_tunnel())
    } else {
        conn.into_body()
    };
    Ok(Response { head, body, reason: None })
}

/// Whether a request that failed on a re-used connection may be sent again: nothing of a response
/// came, and it may safely be received twice.
fn may_repeat(error: &AttemptError, head: &RequestHead) -> bool {
    is_idempotent(head) && matches!(error, AttemptError::Client(ClientError::Closed | ClientError::Io(_)))
}

/// RFC 9110 section 9.2.2; a client may claim it for other methods by an `Idempotency-Key`.
pub(crate) fn is_idempotent(head: &RequestHead) -> bool {
    matches!(
        head.method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE | Method::PUT | Method::DELETE
    ) || head.headers.contains("idempotency-key")
}

/// What a request body that broke off means.
pub(crate) fn body_reason(error: &BodyError) -> Reason {
    match error {
        BodyError::ClientMalformed(_) => Reason::BadRequest,
        BodyError::ClientTimeout => Reason::RequestTimeout,
        _ => Reason::ClientClosed,
    }
}

fn to_error(error: AttemptError, endpoint: &Endpoint) -> Error {
    let key = endpoint.key();
    let reason = match &error {
        AttemptError::HeaderTimeout => Reason::UpstreamTimeout,
        AttemptError::UnwantedUpgrade => Reason::UpstreamMalformed,
        AttemptError::Client(error) => match error {
            ClientError::Io(error) if error.kind() == io::ErrorKind::TimedOut => Reason::UpstreamTimeout,
            ClientError::Closed | ClientError::Truncated | ClientError::Io(_) => Reason::UpstreamClosed,
            ClientError::Malformed(_) | ClientError::TooLarge => Reason::UpstreamMalformed,
            ClientError::RequestBody(error) => body_reason(error),
        },
    };
    let words = match error {
        AttemptError::HeaderTimeout => "no response head came within the response header timeout".to_owned(),
        AttemptError::UnwantedUpgrade => "the server switched to a protocol that nobody asked for".to_owned(),
        AttemptError::Client(error) => error.to_string(),
    };
    Error { reason, retry: Retry::Unsafe, detail: format!("{}:{}: {words}", key.host, key.port).into() }
}
