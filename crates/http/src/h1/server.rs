//! The side towards clients: reads requests one after the other, has each of them handled, and
//! writes the response. One task drives it, and with it the connection to the server.

mod ending;
mod reading;

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ferroway_core::{
    Body, BodyError, ConnInfo, Connection, Exchange, InterimQueue, Io, Phase, ReadBuffer, Reason, Request,
    Response, clock, respond,
};
use http::{Method, Version};

use self::ending::DRAIN_LIMIT;
use self::reading::NoRequest;
use super::decode::Decoder;
use super::encode::{
    MessageWriter, OutFraming, ResponseForm, WriteError, response_framing, write_interim, write_response_head,
};
use super::head::{Framing, ParsedRequest};
use super::request_body::{RequestBody, Shared, Writing};
use super::timer::Timer;
use crate::date::date;
use crate::server::{Handler, Sent, Settings};

/// How long a client that reads nothing of a response is waited for, where no write timeout is set.
pub(crate) const STALL_LIMIT: Duration = Duration::from_secs(180);

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What a client begins with that is no HTTP/1.1.
#[derive(Debug)]
pub enum Other {
    /// The preface of HTTP/2 (RFC 9113 section 3.3).
    Http2(Io),
    /// A record of TLS.
    Tls(Io),
}

/// Serves a connection until it ends. Gives it back, nothing of it read, when the client begins with something
/// else: so that those who speak HTTP/1.1 need not be looked at twice.
pub async fn serve<H: Handler>(
    io: Io,
    conn: Rc<ConnInfo>,
    settings: &Settings,
    handler: &H,
    registration: &Connection,
) -> Option<Other> {
    let mut served = Served {
        shared: Shared::new(io),
        buffer: ReadBuffer::default(),
        writer: MessageWriter::idle(),
        timer: Timer::default(),
        idle_since: conn.since,
        requests: 0,
        after_body: false,
        interim: InterimQueue::default(),
        conn,
        settings,
        registration,
    };
    loop {
        match served.one_request(handler).await {
            Fate::KeepAlive => {}
            Fate::Closed => return None,
            Fate::Http2 => return Some(Other::Http2(served.give_back())),
            Fate::Tls => return Some(Other::Tls(served.give_back())),
        }
    }
}

/// What happens to the connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    KeepAlive,
    Closed,
    /// The client speaks HTTP/2.
    Http2,
    /// The client speaks TLS.
    Tls,
}

/// How the handling of a request ended.
enum Handled {
    Response(Response),
    /// The client closed its side.
    ClientGone,
    /// The connection must be closed now.
    Cut,
}

struct Served<'a> {
    shared: Rc<Shared>,
    /// The read side; the request's body holds it while it is being read.
    buffer: ReadBuffer,
    writer: MessageWriter,
    timer: Timer,
    idle_since: Instant,
    requests: u64,
    /// Whether the request before had a body.
    after_body: bool,
    interim: InterimQueue,
    conn: Rc<ConnInfo>,
    settings: &'a Settings,
    registration: &'a Connection,
}

/// The read side while a request is under way.
enum ReadSide {
    /// With the connection: there is no body, or it was read or given up.
    Here(Decoder),
    /// With the body.
    Body,
}

impl Served<'_> {
    async fn one_request<H: Handler>(&mut self, handler: &H) -> Fate {
        let (parsed, started) = match self.read_request().await {
            Ok(read) => read,
            Err(NoRequest::Over) => return self.close().await,
            Err(NoRequest::Http2) => return Fate::Http2,
            Err(NoRequest::Tls) => return Fate::Tls,
            // Boxed, as most connections have no use for its room.
            Err(NoRequest::Refused(refusal)) => return Box::pin(self.refuse(refusal)).await,
        };
        self.requests += 1;
        let form = ResponseForm {
            version: parsed.head.version,
            to_head: parsed.head.method == Method::HEAD,
            keep_alive: parsed.keep_alive && self.may_live_on(),
        };
        let mut exchange = Exchange::new(self.conn.clone(), self.interim.clone(), started);
        exchange.record.version = parsed.head.version;
        let (request, side) = self.request(parsed);
        // Boxed, so that a connection holds the memory for a request only while it has one.
        Box::pin(self.respond(handler, request, side, exchange, form)).await
    }

    /// Whether the connection's age and count allow another request.
    fn may_live_on(&self) -> bool {
        let age = || clock::now().saturating_duration_since(self.conn.since);
        let young = self.settings.keep_alive_max_time.is_none_or(|limit| age() < limit);
        let count = self.settings.keep_alive_max_requests.is_none_or(|limit| self.requests < limit);
        young && count && self.registration.current_phase() < Phase::Draining
    }

    /// The request for the data plane; its body takes the read side along.
    fn request(&mut self, parsed: ParsedRequest) -> (Request, ReadSide) {
        self.shared.reset(parsed.expects_continue);
        let decoder = Decoder::new(parsed.framing);
        self.after_body = parsed.framing != Framing::Length(0);
        if !self.after_body {
            return (Request { head: parsed.head, body: Body::Empty }, ReadSide::Here(decoder));
        }
        let body = RequestBody::new(self.shared.clone(), std::mem::take(&mut self.buffer), decoder);
        (Request { head: parsed.head, body: Body::Stream(body) }, ReadSide::Body)
    }

    async fn respond<H: Handler>(
        &mut self,
        handler: &H,
        request: Request,
        mut side: ReadSide,
        mut exchange: Exchange,
        mut form: ResponseForm,
    ) -> Fate {
        let exchange = &mut exchange;
        let read_deadline = self.settings.read_timeout.map(|timeout| exchange.record.started + timeout);
        let handled = {
            let mut handling = pin!(handler.handle(request, exchange));
            poll_fn(|cx| {
                self.check_body_deadline(read_deadline, &side, cx);
                if let Poll::Ready(response) = handling.as_mut().poll(cx) {
                    return Poll::Ready(Handled::Response(response));
                }
                self.poll_meanwhile(form.version, &mut side, cx)
            })
            .await
        };
        let mut response = match handled {
            Handled::Response(response) => response,
            Handled::ClientGone => {
                form.keep_alive = false;
                exchange.record.reason = Some(Reason::ClientClosed);
                // As Go's server, which tells a client that only ended its own direction.
                respond(Reason::ClientClosed.status(), Reason::ClientClosed, "Client Closed Request")
            }
            Handled::Cut => return Fate::Closed,
        };
        self.interject(form.version);
        self.reclaim(&mut side);
        form.keep_alive &= self.registration.current_phase() < Phase::Draining && self.can_go_on(&side);
        let framing = response_framing(response.head.status, &response.body, form);
        form.keep_alive &= framing != OutFraming::UntilClose;
        let complete = self.write_response(&mut response, framing, &mut side, read_deadline, form).await;
        exchange.record.request_bytes = self.shared.bytes.get();
        let sent = Sent {
            head: &response.head,
            bytes: self.writer.body_bytes,
            length: if let OutFraming::Length(length) = framing { Some(length) } else { None },
            complete: complete.is_ok(),
        };
        handler.done(exchange, &sent);
        if let Err(broken) = complete {
            self.break_off(&broken, framing);
            return Fate::Closed;
        }
        self.after_response(response.body, side, form.keep_alive).await
    }

    /// Whether the next request can be found behind what is left of this one's body.
    fn can_go_on(&self, side: &ReadSide) -> bool {
        match side {
            ReadSide::Here(decoder) if decoder.is_done() => true,
            // A client that was not told to continue may or may not send its body now.
            _ if self.shared.owes_continue() || self.shared.timed_out.get() => false,
            ReadSide::Here(decoder) => decoder.length().is_some_and(|left| left <= DRAIN_LIMIT),
            ReadSide::Body => true,
        }
    }

    /// Lets a body that is still being read fail once the read timeout has passed.
    fn check_body_deadline(&mut self, deadline: Option<Instant>, side: &ReadSide, cx: &mut Context<'_>) {
        if matches!(side, ReadSide::Body) && !self.shared.timed_out.get() {
            self.shared.timed_out.set(self.timer.poll(deadline, cx).is_ready());
        }
    }

    /// While the response is being made: interim responses go out, and the client is watched.
    fn poll_meanwhile(
        &mut self,
        version: Version,
        side: &mut ReadSide,
        cx: &mut Context<'_>,
    ) -> Poll<Handled> {
        self.interject(version);
        let flushed = self.writer.poll_flush(&mut Writing(&self.shared), cx);
        if matches!(flushed, Poll::Ready(Err(_))) {
            return Poll::Ready(Handled::ClientGone);
        }
        self.reclaim(side);
        if self.registration.phase(cx.waker()) == Phase::Closed {
            return Poll::Ready(Handled::Cut);
        }
        if self.client_is_gone(side, cx) { Poll::Ready(Handled::ClientGone) } else { Poll::Pending }
    }

    /// Puts interim responses in front of what is written next.
    fn interject(&mut self, version: Version) {
        if self.shared.take_continue() {
            self.writer.interject(|out| out.extend_from_slice(CONTINUE));
        }
        while let Some((status, headers)) = self.interim.pop() {
            // HTTP/1.0 has no interim responses (RFC 9110 section 15.2).
            if version == Version::HTTP_11 {
                self.writer.interject(|out| write_interim(out, status, &headers));
            }
        }
    }

    /// Takes the read side back from a body that was dropped.
    fn reclaim(&mut self, side: &mut ReadSide) {
        if let Some((buffer, decoder)) = self.shared.take_back() {
            self.buffer = buffer;
            *side = ReadSide::Here(decoder);
        }
    }

    /// Whether the client closed its side. What it sends meanwhile stays in the buffer; once there
    /// is something the end cannot be seen any more without reading on, and reading on has no bound.
    fn client_is_gone(&mut self, side: &ReadSide, cx: &mut Context<'_>) -> bool {
        if !matches!(side, ReadSide::Here(_)) || !self.buffer.is_empty() {
            return false;
        }
        matches!(self.poll_more(cx), Poll::Ready(Ok(0) | Err(_)))
    }

    /// Reads once into the buffer.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<usize>> {
        self.buffer.poll_read(&mut self.shared.io.borrow_mut(), cx)
    }

    async fn write_response(
        &mut self,
        response: &mut Response,
        framing: OutFraming,
        side: &mut ReadSide,
        read_deadline: Option<Instant>,
        form: ResponseForm,
    ) -> Result<(), Broken> {
        let head = &response.head;
        self.writer.start(framing, |out| {
            write_response_head(out, head.status, &head.headers, framing, form, date);
        });
        let mut stall = Stall { progress: 0, since: None };
        let write_deadline = self.settings.write_timeout.map(|timeout| clock::now() + timeout);
        poll_fn(|cx| {
            self.check_body_deadline(read_deadline, side, cx);
            let polled = self.writer.poll(&mut Writing(&self.shared), &mut response.body, cx);
            match polled {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
                Poll::Ready(Err(WriteError::Source(error))) => {
                    // A stream's client gets what came before the break, as far as the socket takes it. A
                    // response of known length of which nothing was written yet is better not begun.
                    if !matches!(framing, OutFraming::Length(_)) {
                        let _ = self.writer.poll_flush(&mut Writing(&self.shared), cx);
                    }
                    return Poll::Ready(Err(Broken::Source(error)));
                }
                Poll::Ready(Err(WriteError::Sink(_))) => return Poll::Ready(Err(Broken::Client)),
                Poll::Pending => {}
            }
            self.reclaim(side);
            if self.registration.phase(cx.waker()) == Phase::Closed {
                return Poll::Ready(Err(Broken::Client));
            }
            let deadline = stall.deadline(&self.writer, write_deadline);
            if self.timer.poll(deadline, cx).is_ready() || self.client_is_gone(side, cx) {
                return Poll::Ready(Err(Broken::Client));
            }
            Poll::Pending
        })
        .await
    }
}

/// Why a response was not written whole.
#[derive(Debug)]
enum Broken {
    Source(BodyError),
    Client,
}

/// Watches that the client takes what is written.
struct Stall {
    progress: u64,
    /// When something was taken last, to the second.
    since: Option<Instant>,
}

impl Stall {
    /// When to give up: at the write timeout, or when nothing was taken for long.
    fn deadline(&mut self, writer: &MessageWriter, write_deadline: Option<Instant>) -> Option<Instant> {
        if writer.progress != self.progress || self.since.is_none() {
            (self.progress, self.since) = (writer.progress, Some(clock::coarse()));
        }
        let stalled = self.since.filter(|_| writer.is_blocked()).map(|since| since + STALL_LIMIT);
        [write_deadline, stalled].into_iter().flatten().min()
    }
}
