//! What the access log is told about a request.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::{Instant, SystemTime};

use ferroway_core::{Exchange, Recording, RequestHead, TlsInfo};
use ferroway_http::server::Sent;
use ferroway_telemetry::{AccessEvent, AccessLog, LoggedHeaders, TlsDetails};
use http::Version;

/// Records requests for the access log.
#[derive(Clone)]
pub(crate) struct AccessRecorder {
    log: AccessLog,
    /// Whether requests to ferroway's own services are logged.
    internals: bool,
    recording: Recording,
}

thread_local! {
    /// The client's address as text.
    static ADDRESS: RefCell<String> = const { RefCell::new(String::new()) };
}

impl AccessRecorder {
    pub(crate) fn new(log: AccessLog, internals: bool) -> Self {
        let headers = log.needs_request_headers() || log.needs_response_headers();
        let recording = if headers { Recording::Headers } else { Recording::Line };
        Self { log, internals, recording }
    }

    /// Takes down what middlewares may change.
    pub(crate) fn begin(&self, head: &RequestHead, exchange: &mut Exchange) {
        exchange.recording = self.recording;
        let record = &mut exchange.record;
        record.started_at = Some(SystemTime::now());
        record.number = self.log.count_request();
        record.method = head.method.clone();
        record.host = head.host.clone();
        record.path.push_str(head.target.as_str());
        if self.recording == Recording::Headers {
            record.request_headers = Some(head.headers.clone());
        }
    }

    /// Logs the request, unless it is not to be.
    pub(crate) fn end(&self, exchange: &Exchange, sent: &Sent<'_>, now: Instant) {
        let record = &exchange.record;
        let internal = record.service.as_ref().is_some_and(|service| service.ends_with("@internal"));
        if !record.log || (internal && !self.internals) {
            return;
        }
        ADDRESS.with_borrow_mut(|address| {
            address.clear();
            // Writing to a string does not fail.
            let _ = write!(address, "{}", exchange.conn.peer);
            self.log.log(&event(exchange, sent, now, address));
        });
    }
}

fn tls_details(tls: &TlsInfo) -> TlsDetails<'_> {
    TlsDetails {
        version: tls.version,
        cipher: tls.cipher_suite,
        client_subject: tls.client_subject.as_deref(),
    }
}

fn event<'a>(exchange: &'a Exchange, sent: &'a Sent<'_>, now: Instant, address: &'a str) -> AccessEvent<'a> {
    let record = &exchange.record;
    let from_server = record.reason.is_none() && record.origin_started.is_some();
    AccessEvent {
        start: record.started_at.unwrap_or_else(SystemTime::now),
        duration: now.saturating_duration_since(record.started),
        entry_point_name: &exchange.conn.entry_point,
        router_name: record.router.as_deref(),
        service_name: record.service.as_deref(),
        service_url: record.server_url.as_deref(),
        service_addr: record.server_addr.as_deref(),
        client_addr: address,
        forwarded_for: record.forwarded_for.as_ref().and_then(|value| value.to_str().ok()),
        client_username: record.username.as_deref(),
        request_addr: record.host.to_str().unwrap_or_default(),
        request_method: record.method.as_str(),
        request_path: &record.path,
        request_protocol: match record.version {
            Version::HTTP_10 => "HTTP/1.0",
            Version::HTTP_2 => "HTTP/2.0",
            _ => "HTTP/1.1",
        },
        request_scheme: if exchange.conn.is_tls() { "https" } else { "http" },
        request_content_size: record.request_bytes,
        request_count: record.number,
        origin_status: record.origin_status.map_or(0, |status| status.as_u16()),
        origin_duration: record
            .origin_started
            .map(|start| now.saturating_duration_since(start))
            .unwrap_or_default(),
        origin_content_size: if from_server || record.origin_status.is_some() { sent.bytes } else { 0 },
        downstream_status: sent.head.status.as_u16(),
        downstream_content_size: sent.bytes,
        retry_attempts: record.retries,
        tls: exchange.conn.tls.as_ref().map(tls_details),
        reason: record.reason.map(ferroway_core::Reason::as_str),
        request_headers: record.request_headers.as_ref().map(LoggedHeaders::from),
        origin_headers: record
            .origin_headers
            .as_ref()
            .map(|fields| LoggedHeaders { fields, content_length: record.origin_length }),
        downstream_headers: (exchange.recording == Recording::Headers).then(|| LoggedHeaders {
            fields: &sent.head.headers,
            // Ferroway's own answers have none before the codec writes them.
            content_length: sent.length.filter(|_| from_server),
        }),
    }
}
