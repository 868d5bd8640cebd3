//! One request of a connection and its response.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ferroway_core::{
    Body, BodyError, BodyStream, HeaderList, InterimQueue, RequestHead, Response, ResponseHead,
};
use h2::client::ResponseFuture;
use h2::{Reason, RecvStream};
use http::header::{CONTENT_LENGTH, EXPECT, TE};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version};
use tokio::time::Sleep;

use super::{Failure, H2Error, Inner};
use crate::h2::fields::{ContentLength, for_each, is_the_codecs, take_length, to_map};
use crate::h2::receive::{Incoming, Sender};
use crate::h2::send::{BodyWriter, SendError};

/// Most interim responses before the final one.
const MAX_INTERIM: u32 = 64;

/// How long the body of a request with `Expect: 100-continue` waits for the server's word.
const CONTINUE_TIMEOUT: Duration = Duration::from_secs(1);

/// A request that counts among those under way.
struct Counted(Rc<Inner>);

impl Counted {
    fn new(conn: &Rc<Inner>) -> Self {
        conn.streams.set(conn.streams.get() + 1);
        Self(conn.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.streams.set(self.0.streams.get() - 1);
    }
}

/// A request under way.
pub(super) struct Exchange {
    response: ResponseFuture,
    sending: Sending,
    to_head: bool,
    interim_seen: u32,
}

/// What is left to be sent of a request.
struct Sending {
    writer: BodyWriter,
    body: Body,
    /// A body in memory, as it was.
    copy: Option<Body>,
    /// Whether the request has `Expect: 100-continue`.
    expects_continue: bool,
    /// Set while the body waits for `100 Continue`.
    awaiting_continue: Option<Pin<Box<Sleep>>>,
    /// The server takes no more; the response may still come.
    refused: bool,
    _counted: Counted,
}

impl Exchange {
    /// Opens a stream.
    pub(super) fn start(conn: &Rc<Inner>, head: &RequestHead, body: Body) -> Result<Self, Failure> {
        let cannot = |error, body| Failure { error, body: Some(body), unprocessed: true };
        let (uri, headers) = match (uri(conn, head), fields(head, &body)) {
            (Ok(uri), Ok(headers)) => (uri, headers),
            (Err(error), _) | (_, Err(error)) => return Err(cannot(error, body)),
        };
        let mut request = http::Request::new(());
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = uri;
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = headers;
        let ends = matches!(body, Body::Empty | Body::Tunnel(_))
            || matches!(&body, Body::Full(bytes) if bytes.is_empty());
        let (response, stream) = match conn.send.clone().send_request(request, ends) {
            Ok(opened) => opened,
            Err(opening) => return Err(cannot(error(opening), body)),
        };
        let writer = if ends { BodyWriter::ended(stream) } else { BodyWriter::new(stream, body.length()) };
        let expects_continue = !ends && head.headers.contains(&EXPECT);
        let copy = match &body {
            Body::Full(bytes) => Some(Body::Full(bytes.clone())),
            Body::Empty => Some(Body::Empty),
            Body::Stream(_) | Body::Tunnel(_) => None,
        };
        let sending = Sending {
            writer,
            body,
            copy,
            expects_continue,
            awaiting_continue: expects_continue.then(|| Box::pin(tokio::time::sleep(CONTINUE_TIMEOUT))),
            refused: false,
            _counted: Counted::new(conn),
        };
        Ok(Self { response, sending, to_head: head.method == Method::HEAD, interim_seen: 0 })
    }

    /// Sends the request and waits for the final response's head.
    pub(super) fn poll_response(
        &mut self,
        interim: &InterimQueue,
        cx: &mut Context<'_>,
    ) -> Poll<Result<http::Response<RecvStream>, H2Error>> {
        self.sending.pump(cx).map_err(H2Error::RequestBody)?;
        while let Poll::Ready(Some(response)) = self.response.poll_informational(cx) {
            self.take_interim(response.map_err(error)?, interim, cx)?;
        }
        let response = ready!(Pin::new(&mut self.response).poll(cx)).map_err(error)?;
        if response.status().is_informational() {
            // There is no switching of protocols in HTTP/2 (RFC 9113 section 8.6).
            return Poll::Ready(Err(H2Error::Malformed(Reason::PROTOCOL_ERROR)));
        }
        // The server has decided without the body.
        self.sending.awaiting_continue = None;
        Poll::Ready(Ok(response))
    }

    /// Whether there is nothing more to send of the request.
    pub(super) fn is_sent(&self) -> bool {
        self.sending.writer.is_done() || self.sending.refused
    }

    fn take_interim(
        &mut self,
        response: http::Response<()>,
        interim: &InterimQueue,
        cx: &mut Context<'_>,
    ) -> Result<(), H2Error> {
        self.interim_seen += 1;
        if self.interim_seen > MAX_INTERIM {
            return Err(H2Error::TooLarge);
        }
        let (parts, ()) = response.into_parts();
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(H2Error::Malformed(Reason::PROTOCOL_ERROR));
        }
        if parts.status == StatusCode::CONTINUE && self.sending.expects_continue {
            // The client gets its own when its body is read.
            self.sending.awaiting_continue = None;
            return self.sending.pump(cx).map_err(H2Error::RequestBody);
        }
        interim.push(parts.status, list(parts.headers).0);
        Ok(())
    }

    /// The response for the data plane; its body takes along what is left of the request.
    pub(super) fn into_response(self, response: http::Response<RecvStream>) -> Response {
        let (parts, stream) = response.into_parts();
        let (mut headers, length) = list(parts.headers);
        let status = parts.status;
        let told_only = self.to_head || status == StatusCode::NOT_MODIFIED;
        if let Some(length) = length.filter(|_| told_only) {
            headers.append(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let bodiless = told_only || status == StatusCode::NO_CONTENT;
        let body = if stream.is_end_stream() || (bodiless && self.sending.writer.is_done()) {
            Body::Empty
        } else {
            let length = if bodiless { Some(0) } else { length };
            let incoming = Incoming::new(stream, Sender::Server, length);
            Body::Stream(Box::new(ResponseBody { incoming, sending: self.sending }))
        };
        Response { head: ResponseHead { status, headers }, body, reason: None }
    }

    /// What the caller may do about a failure.
    pub(super) fn fail(mut self, error: H2Error) -> Failure {
        let unprocessed = matches!(error, H2Error::Refused(_));
        if matches!(
            error,
            H2Error::RequestBody(_) | H2Error::TooLarge | H2Error::Malformed(_) | H2Error::HeaderTimeout
        ) {
            self.sending.writer.reset(Reason::CANCEL);
        }
        let untouched = self.sending.writer.bytes == 0;
        let body = std::mem::take(&mut self.sending.body);
        let body = self.sending.copy.take().or_else(|| untouched.then_some(body));
        Failure { error, body, unprocessed }
    }
}

impl Sending {
    /// Sends what can be sent of the request. A server that takes no more may still answer.
    fn pump(&mut self, cx: &mut Context<'_>) -> Result<(), BodyError> {
        if self.writer.is_done() || self.refused {
            return Ok(());
        }
        if let Some(timer) = &mut self.awaiting_continue {
            if timer.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            self.awaiting_continue = None;
        }
        match self.writer.poll(&mut self.body, cx) {
            Poll::Ready(Ok(())) => std::mem::take(&mut self.body).finish(),
            Poll::Ready(Err(SendError::Source(error))) => return Err(error),
            Poll::Ready(Err(SendError::Sink)) => self.refused = true,
            Poll::Pending => {}
        }
        Ok(())
    }
}

/// A response's body, and what is left of the request.
struct ResponseBody {
    incoming: Incoming,
    sending: Sending,
}

impl BodyStream for ResponseBody {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        if let Err(error) = self.sending.pump(cx) {
            self.sending.writer.reset(Reason::CANCEL);
            return Poll::Ready(Err(error));
        }
        self.incoming.poll_fill(cx)
    }

    fn data(&self) -> &[u8] {
        self.incoming.data()
    }

    fn consume(&mut self, n: usize) {
        self.incoming.consume(n);
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.incoming.trailers()
    }

    fn length(&self) -> Option<u64> {
        self.incoming.length()
    }
}

/// Scheme, authority and path.
fn uri(conn: &Inner, head: &RequestHead) -> Result<Uri, H2Error> {
    let authority = Authority::try_from(head.host.as_bytes());
    let path = PathAndQuery::try_from(head.target.as_str());
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(conn.scheme.clone());
    parts.authority = Some(authority.map_err(|_| H2Error::Request("the host is no authority"))?);
    parts.path_and_query = Some(path.map_err(|_| H2Error::Request("the path is no path"))?);
    Uri::from_parts(parts).map_err(|_| H2Error::Request("the target is no target"))
}

fn fields(head: &RequestHead, body: &Body) -> Result<HeaderMap, H2Error> {
    let length = match body.length() {
        Some(0) if !matches!(head.method, Method::POST | Method::PUT | Method::PATCH) => ContentLength::None,
        Some(length) => ContentLength::Is(length),
        None => ContentLength::None,
    };
    let too_many = |_| H2Error::Request("it has too many fields");
    let mut headers = to_map(&head.headers, length).map_err(too_many)?;
    if head.accepts_trailers {
        let added = headers.try_insert(TE, HeaderValue::from_static("trailers"));
        added.map_err(|_| H2Error::Request("it has too many fields"))?;
    }
    Ok(headers)
}

/// The fields for the data plane, and `Content-Length`, which `h2` has checked.
fn list(map: HeaderMap) -> (HeaderList, Option<u64>) {
    let mut headers = HeaderList::with_capacity(map.len());
    let mut length = None;
    for_each(map, |name, value| {
        if name == CONTENT_LENGTH {
            let _ = take_length(&mut length, &value);
        } else if !is_the_codecs(&name) {
            headers.append(name, value);
        }
    });
    (headers, length)
}

/// What an error of `h2` means to a request without a response.
pub(super) fn error(error: h2::Error) -> H2Error {
    let reason = error.reason().unwrap_or(Reason::INTERNAL_ERROR);
    if error.is_io() {
        return match error.into_io() {
            Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => H2Error::Closed,
            Some(error) => H2Error::Io(error),
            None => H2Error::Closed,
        };
    }
    match (error.is_remote(), error.is_library()) {
        // Streams that a GOAWAY ends with an error are those that the server has not looked at.
        (true, _) if error.is_go_away() || reason == Reason::REFUSED_STREAM => H2Error::Refused(reason),
        (true, _) => H2Error::Reset(reason),
        (_, true) => H2Error::Malformed(reason),
        _ => H2Error::Closed,
    }
}
