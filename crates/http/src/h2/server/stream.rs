//! One request of a connection and its response.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use ferroway_core::{
    Body, BodyError, ConnInfo, Duplex, Exchange, HeaderList, InterimQueue, LocalBoxFuture, Reason, Request,
    Response, ResponseHead, TargetError, clock, grpc, respond,
};
use h2::RecvStream;
use h2::server::SendResponse;
use http::header::{CONTENT_LENGTH, DATE};
use http::{HeaderName, Method, StatusCode, Version};

use super::Shared;
use super::driver::Ended;
use super::request_body::{Reading, RequestBody};
use crate::date::date;
use crate::h1::head::HeadError;
use crate::h1::server::STALL_LIMIT;
use crate::h1::timer::Timer;
use crate::h2::fields::{ContentLength, TooMany, to_map};
use crate::h2::receive::{Incoming, Sender};
use crate::h2::request_head::Translated;
use crate::h2::send::{BodyWriter, SendError};
use crate::h2::tunnel::Tunnel;
use crate::server::{Handler, Sent};

/// Bytes that a tunnel holds in each direction.
const TUNNEL_BUFFER: usize = 16 * 1024;

const SEC_WEBSOCKET_ACCEPT: HeaderName = HeaderName::from_static("sec-websocket-accept");

/// A head that is counted as long as its stream is open.
pub(super) struct Admitted<'a> {
    heads: &'a Cell<usize>,
    size: usize,
}

impl<'a> Admitted<'a> {
    /// Counts a head in; `None` if that exceeds the limit.
    pub(super) fn new(heads: &'a Cell<usize>, size: usize, limit: usize) -> Option<Self> {
        let sum = heads.get() + size;
        if sum > limit {
            return None;
        }
        heads.set(sum);
        Some(Self { heads, size })
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.heads.set(self.heads.get() - self.size);
    }
}

/// Answers what is no request: in words where the client may mean well, and else by a reset (RFC 9113 section
/// 8.1.1).
pub(super) fn refuse(conn: &ConnInfo, mut respond: SendResponse<Bytes>, error: HeadError) {
    let (status, reason) = match error {
        HeadError::Connect => (StatusCode::NOT_IMPLEMENTED, Reason::NotImplemented),
        HeadError::TooManyFields => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, Reason::HeaderTooLarge),
        _ => (StatusCode::BAD_REQUEST, Reason::BadRequest),
    };
    let well_meant = status != StatusCode::BAD_REQUEST
        // Traefik: answers it.
        || matches!(error, HeadError::Target(TargetError::Fragment));
    tracing::debug!(
        entryPointName = &*conn.entry_point,
        clientAddr = %conn.peer,
        reason = reason.as_str(),
        "refused a request: {error}"
    );
    if !well_meant {
        return respond.send_reset(h2::Reason::PROTOCOL_ERROR);
    }
    let mut head = Response::local(status, reason).head;
    head.headers.append(DATE, date());
    if let Ok(head) = response_head(&head, ContentLength::Is(0)) {
        // It fails when the client has gone.
        let _ = respond.send_response(head, true);
    }
}

fn response_head(head: &ResponseHead, length: ContentLength) -> Result<http::Response<()>, TooMany> {
    let mut response = http::Response::new(());
    *response.status_mut() = head.status;
    *response.headers_mut() = to_map(&head.headers, length)?;
    Ok(response)
}

/// How a response's body goes to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// No body follows.
    Bodiless,
    /// A body of this length follows, if it is known.
    Body(Option<u64>),
    /// Neither the body nor the status, but what a client of gRPC understands.
    Grpc,
}

/// Why a response was not sent whole.
#[derive(Debug)]
enum Broken {
    Source(BodyError),
    Client,
}

/// A request as it came.
pub(super) struct Received {
    translated: Translated,
    body: RecvStream,
}

/// A request that is being handled.
pub(super) struct Exchanging<'a, H> {
    shared: &'a Shared<'a, H>,
    _head: Admitted<'a>,
    respond: SendResponse<Bytes>,
    /// Only for requests with a body.
    reading: Option<Rc<Reading>>,
    interim: InterimQueue,
    timer: Timer,
    read_deadline: Option<Instant>,
    started: Instant,
    to_head: bool,
    is_connect: bool,
    is_grpc: bool,
}

impl<'a, H: Handler> Exchanging<'a, H> {
    pub(super) fn new(
        shared: &'a Shared<'a, H>,
        head: Admitted<'a>,
        respond: SendResponse<Bytes>,
        translated: Translated,
        body: RecvStream,
    ) -> (Self, Received) {
        let started = clock::now();
        let exchanging = Self {
            shared,
            _head: head,
            respond,
            reading: None,
            interim: InterimQueue::default(),
            timer: Timer::default(),
            read_deadline: shared.settings.read_timeout.map(|timeout| started + timeout),
            started,
            to_head: translated.head.method == Method::HEAD,
            is_connect: translated.is_connect,
            is_grpc: grpc::is_request(&translated.head),
        };
        (exchanging, Received { translated, body })
    }

    /// Handles the request and sends the response.
    pub(super) fn run(mut self, received: Received) -> LocalBoxFuture<'a, Ended> {
        Box::pin(async move { self.exchange(received).await })
    }

    async fn exchange(&mut self, received: Received) -> Ended {
        let mut exchange = Exchange::new(self.shared.conn.clone(), self.interim.clone(), self.started);
        exchange.record.version = Version::HTTP_2;
        let Received { translated: Translated { head, length, expects_continue, .. }, body } = received;
        let (body, tunnel) = if self.is_connect {
            (Body::Empty, Some(body))
        } else {
            (self.body(body, length, expects_continue), None)
        };
        let handled = self.handle(Request { head, body }, &mut exchange).await;
        let Some(mut response) = handled else {
            exchange.record.reason = Some(Reason::ClientClosed);
            let response =
                respond(Reason::ClientClosed.status(), Reason::ClientClosed, "Client Closed Request");
            self.done(&mut exchange, &response.head, None, Err(0));
            return Ended::GivenUp;
        };
        if let Some(receive) = tunnel {
            if let Body::Tunnel(_) = response.body {
                // Boxed, so that other streams have no room for it.
                return Box::pin(self.tunnel(response, receive, &mut exchange)).await;
            }
            if response.head.status.is_success() {
                // To this client it would mean that the tunnel is open. The server does not speak the protocol
                // (RFC 9220 section 3).
                let reason = Reason::NotImplemented;
                exchange.record.reason = Some(reason);
                response = respond(reason.status(), reason, "Not Implemented");
            }
        }
        let form = self.form(&response);
        let sent = self.send(&mut response, form).await;
        let length = if let Form::Body(length) = form { length } else { None };
        self.done(&mut exchange, &response.head, length, sent);
        match sent {
            Ok(_) => {
                response.body.finish();
                Ended::Answered
            }
            Err(_) => Ended::GivenUp,
        }
    }

    /// The request's body.
    fn body(&mut self, receive: RecvStream, length: Option<u64>, expects_continue: bool) -> Body {
        if receive.is_end_stream() {
            return Body::Empty;
        }
        let reading = Rc::new(Reading::default());
        reading.owes_continue.set(expects_continue);
        reading.open.set(true);
        self.reading = Some(reading.clone());
        let stream = receive.stream_id().as_u32();
        let incoming = Incoming::new(receive, Sender::Client, length);
        Body::Stream(Box::new(RequestBody { incoming, reading, stream, meter: self.shared.meter.clone() }))
    }

    /// Waits for the response; `None` if the client does not any more.
    async fn handle(&mut self, request: Request, exchange: &mut Exchange) -> Option<Response> {
        let mut handling = pin!(self.shared.handler.handle(request, exchange));
        poll_fn(|cx| {
            if self.respond.poll_reset(cx).is_ready() {
                return Poll::Ready(None);
            }
            self.check_body_deadline(cx);
            let handled = handling.as_mut().poll(cx);
            if self.is_malformed() {
                self.respond.send_reset(h2::Reason::PROTOCOL_ERROR);
                return Poll::Ready(None);
            }
            if let Poll::Ready(response) = handled {
                self.interject();
                return Poll::Ready(Some(response));
            }
            self.interject();
            Poll::Pending
        })
        .await
    }

    /// Whether the request's body has turned out to be the end of no message.
    fn is_malformed(&self) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.malformed.get())
    }

    /// Lets a body that is still being read fail once the read timeout has passed.
    fn check_body_deadline(&mut self, cx: &mut Context<'_>) {
        let Some(reading) = &self.reading else { return };
        if reading.open.get() && !reading.timed_out.get() {
            reading.timed_out.set(self.timer.poll(self.read_deadline, cx).is_ready());
        }
    }

    /// Sends interim responses that wait.
    fn interject(&mut self) {
        if let Some(reading) = &self.reading
            && reading.wanted.get()
            && reading.owes_continue.replace(false)
        {
            self.inform(StatusCode::CONTINUE, HeaderList::new());
        }
        while let Some((status, headers)) = self.interim.pop() {
            self.inform(status, headers);
        }
    }

    fn inform(&mut self, status: StatusCode, headers: HeaderList) {
        if let Ok(head) = response_head(&ResponseHead { status, headers }, ContentLength::None) {
            // It fails for a stream that has ended, and for what is no interim response.
            let _ = self.respond.send_informational(head);
        }
    }

    fn form(&self, response: &Response) -> Form {
        if self.is_grpc && grpc::is_failure(response) {
            return Form::Grpc;
        }
        let bodiless = matches!(response.head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if bodiless || self.to_head { Form::Bodiless } else { Form::Body(response.body.length()) }
    }

    /// The length that the response's head tells.
    fn told_length(&self, response: &Response, form: Form) -> ContentLength {
        match (form, response.body.length()) {
            (Form::Body(Some(length)), _) => ContentLength::Is(length),
            (Form::Body(None) | Form::Grpc, _) => ContentLength::None,
            (Form::Bodiless, Some(length @ 1..)) if self.to_head => ContentLength::Is(length),
            (Form::Bodiless, _) if response.head.status == StatusCode::NO_CONTENT => ContentLength::None,
            (Form::Bodiless, _) => ContentLength::AsInTheFields,
        }
    }

    /// Sends the response; how many bytes of its body were sent, whether it was all of it or not.
    async fn send(&mut self, response: &mut Response, form: Form) -> Result<u64, u64> {
        let length = self.told_length(response, form);
        let mut ends = matches!(form, Form::Bodiless | Form::Body(Some(0)) | Form::Grpc);
        if let Form::Body(Some(0)) = form
            && let Body::Stream(_) = response.body
        {
            // There may be trailers.
            ends = false;
        }
        let said = (form == Form::Grpc).then(|| grpc::trailers_only(response));
        let said = said.as_ref().unwrap_or(&response.head);
        let mut head = response_head(said, length).map_err(|_| 0_u64)?;
        if !head.headers().contains_key(DATE) {
            // There is room: a list that fills the table to its last place has been refused.
            let _ = head.headers_mut().try_insert(DATE, date());
        }
        let stream = self.respond.send_response(head, ends).map_err(|_| 0_u64)?;
        let mut writer = match form {
            Form::Body(length) if !ends => BodyWriter::new(stream, length),
            _ => BodyWriter::ended(stream),
        };
        match self.pump(&mut writer, &mut response.body).await {
            Ok(()) => Ok(writer.bytes),
            Err(broken) => {
                if let Broken::Source(error) = &broken {
                    tracing::debug!(%error, "the response body broke off");
                }
                let ours =
                    if self.is_malformed() { h2::Reason::PROTOCOL_ERROR } else { h2::Reason::INTERNAL_ERROR };
                writer.reset(ours);
                Err(writer.bytes)
            }
        }
    }

    async fn pump(&mut self, writer: &mut BodyWriter, body: &mut Body) -> Result<(), Broken> {
        if writer.is_done() {
            return Ok(());
        }
        let write_deadline = self.shared.settings.write_timeout.map(|timeout| clock::now() + timeout);
        let mut stall = Stall::default();
        poll_fn(|cx| {
            self.check_body_deadline(cx);
            match writer.poll(body, cx) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
                Poll::Ready(Err(SendError::Source(error))) => return Poll::Ready(Err(Broken::Source(error))),
                Poll::Ready(Err(SendError::Sink)) => return Poll::Ready(Err(Broken::Client)),
                Poll::Pending => {}
            }
            if writer.poll_reset(cx).is_ready() {
                return Poll::Ready(Err(Broken::Client));
            }
            ready!(self.timer.poll(stall.deadline(writer, write_deadline), cx));
            Poll::Ready(Err(Broken::Client))
        })
        .await
    }

    fn done(
        &self,
        exchange: &mut Exchange,
        head: &ResponseHead,
        length: Option<u64>,
        sent: Result<u64, u64>,
    ) {
        exchange.record.request_bytes = self.reading.as_ref().map_or(0, |reading| reading.bytes.get());
        let (Ok(bytes) | Err(bytes)) = sent;
        self.shared.handler.done(exchange, &Sent { head, bytes, length, complete: sent.is_ok() });
    }

    /// Answers an extended `CONNECT`, and exchanges raw bytes until both sides have ended.
    async fn tunnel(&mut self, response: Response, receive: RecvStream, exchange: &mut Exchange) -> Ended {
        let Body::Tunnel(mut server) = response.body else { return Ended::GivenUp };
        let mut head = response.head;
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            // RFC 8441 section 5: success is 200, and there is no key to prove.
            head.status = StatusCode::OK;
            head.headers.remove(&SEC_WEBSOCKET_ACCEPT);
            head.headers.remove(&CONTENT_LENGTH);
        }
        let opened = response_head(&head, ContentLength::None).ok();
        let opened = opened.and_then(|head| self.respond.send_response(head, false).ok());
        self.done(exchange, &head, None, if opened.is_some() { Ok(0) } else { Err(0) });
        let Some(send) = opened else { return Ended::GivenUp };
        let mut client = Tunnel { send, receive, chunk: Bytes::new() };
        relay(&mut client, &mut server).await;
        Ended::Answered
    }
}

async fn relay(client: &mut Tunnel, server: &mut Box<dyn Duplex>) {
    let copied = tokio::io::copy_bidirectional_with_sizes(client, server, TUNNEL_BUFFER, TUNNEL_BUFFER).await;
    if let Err(error) = copied {
        tracing::debug!(%error, "a tunnelled stream broke off");
        client.send.send_reset(h2::Reason::CONNECT_ERROR);
    }
}

/// Watches that the client takes what is sent.
#[derive(Debug, Default)]
struct Stall {
    progress: u64,
    /// When something was taken last, to the second.
    since: Option<Instant>,
}

impl Stall {
    /// When to give up: at the write timeout, or when nothing was taken for long.
    fn deadline(&mut self, writer: &BodyWriter, write_deadline: Option<Instant>) -> Option<Instant> {
        if writer.bytes != self.progress || self.since.is_none() {
            (self.progress, self.since) = (writer.bytes, Some(clock::coarse()));
        }
        let stalled = self.since.filter(|_| writer.is_blocked()).map(|since| since + STALL_LIMIT);
        [write_deadline, stalled].into_iter().flatten().min()
    }
}
