//! Reading a request's head, and refusing what is no request.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Instant;

use ferroway_core::{Body, Phase, Reason, clock, respond_text};
use http::{StatusCode, Version};

use super::{Fate, ReadSide, Served};
use crate::h1::decode::Decoder;
use crate::h1::encode::{ResponseForm, response_framing};
use crate::h1::head::{Framing, HeadError, ParsedRequest, end_of_head, parse_request};
use crate::h2::PREFACE;

/// What Go's server allows beyond `maxHeaderBytes`.
const HEAD_SLACK: usize = 4096;

/// First bytes of TLS: a record with a handshake, and SSLv2.
const TLS: [u8; 2] = [0x16, 0x80];

/// Why no further request can be read.
#[derive(Debug)]
pub(super) enum NoRequest {
    /// The connection is over, and nothing needs to be said.
    Over,
    /// The client begins with the preface of HTTP/2.
    Http2,
    /// The client begins with TLS.
    Tls,
    /// The request is refused.
    Refused(Refusal),
}

/// What a client is told whose request cannot be handled.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    reason: Reason,
    text: String,
}

/// How far the wait for a head has come.
#[derive(Debug)]
struct HeadWait {
    searched: usize,
    started: Option<Instant>,
}

impl Served<'_> {
    /// Waits for a request head and parses it.
    pub(super) async fn read_request(&mut self) -> Result<(ParsedRequest, Instant), NoRequest> {
        let limit = self.settings.max_header_bytes + HEAD_SLACK;
        let mut wait = HeadWait { searched: 0, started: None };
        let end = poll_fn(|cx| self.poll_head(limit, &mut wait, cx)).await?;
        if self.requests == 0 && PREFACE.starts_with(&self.buffer.unread()[..end]) {
            return Err(NoRequest::Http2);
        }
        let parsed = parse_request(&self.buffer.unread()[..end]).map_err(|error| self.refusal(error))?;
        self.buffer.consume(end);
        Ok((parsed, wait.started.unwrap_or_else(clock::now)))
    }

    /// What the client is told, in the words of Go's server; ours go to the log.
    fn refusal(&self, error: HeadError) -> NoRequest {
        let (status, reason) = match error {
            HeadError::TransferCoding | HeadError::Connect => {
                (StatusCode::NOT_IMPLEMENTED, Reason::NotImplemented)
            }
            HeadError::Version => (StatusCode::HTTP_VERSION_NOT_SUPPORTED, Reason::NotImplemented),
            HeadError::TooManyFields | HeadError::TooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, Reason::HeaderTooLarge)
            }
            _ => (StatusCode::BAD_REQUEST, Reason::BadRequest),
        };
        tracing::debug!(
            entryPointName = &*self.conn.entry_point,
            clientAddr = %self.conn.peer,
            reason = reason.as_str(),
            "refused a request: {error}"
        );
        let phrase = status.canonical_reason().unwrap_or_default();
        let text = match error {
            HeadError::Connect => String::new(),
            HeadError::TransferCoding => "Unsupported transfer encoding".to_owned(),
            HeadError::HostMissing
            | HeadError::HostTwice
            | HeadError::HostMalformed
            | HeadError::FieldName
            | HeadError::FieldValue => format!("{} {phrase}: {error}", status.as_str()),
            _ => format!("{} {phrase}", status.as_str()),
        };
        NoRequest::Refused(Refusal { status, reason, text })
    }

    fn poll_head(
        &mut self,
        limit: usize,
        wait: &mut HeadWait,
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, NoRequest>> {
        loop {
            if self.after_body && self.buffer.unread().starts_with(b"\r\n") {
                // Old clients end a body with a line end that is not counted (RFC 9112 section 2.2).
                self.buffer.consume(2);
                self.after_body = false;
                *wait = HeadWait { searched: 0, started: None };
            }
            let unread = self.buffer.unread();
            if !unread.is_empty() && wait.started.is_none() {
                wait.started = Some(clock::now());
            }
            if self.requests == 0 && unread.first().is_some_and(|byte| TLS.contains(byte)) {
                return Poll::Ready(Err(NoRequest::Tls));
            }
            let end = end_of_head(unread, wait.searched).map_err(|error| self.refusal(error))?;
            if end.unwrap_or(unread.len()) > limit {
                return Poll::Ready(Err(self.refusal(HeadError::TooLarge)));
            }
            if let Some(end) = end {
                return Poll::Ready(Ok(end));
            }
            wait.searched = unread.len();
            let idle = unread.is_empty();
            match self.poll_more(cx) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(_) => return Poll::Ready(Err(NoRequest::Over)),
                Poll::Pending => return self.poll_quiet(idle, wait, cx),
            }
        }
    }

    /// Nothing to read: whether to wait on.
    fn poll_quiet(
        &mut self,
        idle: bool,
        wait: &HeadWait,
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, NoRequest>> {
        let phase = self.registration.phase(cx.waker());
        if phase == Phase::Closed || (idle && phase >= Phase::Draining) {
            return Poll::Ready(Err(NoRequest::Over));
        }
        // The first request has to come within the read timeout, the later ones within the idle one.
        let deadline = match wait.started {
            Some(started) => self.settings.read_timeout.map(|timeout| started + timeout),
            None if self.requests == 0 => self.settings.read_timeout.map(|timeout| self.conn.since + timeout),
            None => self.settings.idle_timeout.map(|timeout| self.idle_since + timeout),
        };
        std::task::ready!(self.timer.poll(deadline, cx));
        if !idle {
            tracing::debug!(
                entryPointName = &*self.conn.entry_point,
                reason = Reason::RequestTimeout.as_str(),
                "the request head did not arrive within the read timeout"
            );
        }
        Poll::Ready(Err(NoRequest::Over))
    }

    /// Answers a request that cannot be handled, in the form of Go's server, and closes.
    pub(super) async fn refuse(&mut self, refusal: Refusal) -> Fate {
        let mut response = respond_text(refusal.status, refusal.reason, "");
        response.head.headers.remove("x-content-type-options");
        response.body = Body::full(refusal.text);
        let form = ResponseForm { version: Version::HTTP_11, to_head: false, keep_alive: false };
        let mut side = ReadSide::Here(Decoder::new(Framing::Length(0)));
        let framing = response_framing(refusal.status, &response.body, form);
        match self.write_response(&mut response, framing, &mut side, None, form).await {
            Ok(()) => self.close_gently().await,
            Err(_) => Fate::Closed,
        }
    }
}
