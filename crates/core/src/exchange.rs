//! What is known about one request and its response while they pass through: the connection they
//! came on, and the record for logs, metrics and explanations.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::{HeaderValue, Method, StatusCode, Version};

use crate::{HeaderList, Reason};

/// What a TLS handshake with a client has agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsInfo {
    /// The name that the client asked for (SNI), in lower case.
    pub server_name: Option<Box<str>>,
    /// Name of the TLS options that were used: `default`, or `name@provider`.
    pub options: Option<Arc<str>>,
    /// The version as logs show it: `1.2`, `1.3`.
    pub version: &'static str,
    /// The cipher suite by its IANA name.
    pub cipher_suite: &'static str,
    /// The client's certificate and what it sent to prove it (DER), the client's own first.
    pub client_certificates: Box<[Box<[u8]>]>,
    /// The subject of the client's own certificate as logs show it.
    pub client_subject: Option<Box<str>>,
}

/// The connection that a request came on.
#[derive(Debug, Clone)]
pub struct ConnInfo {
    /// The entry point's name.
    pub entry_point: Arc<str>,
    /// The client, or the last proxy before us (after the PROXY protocol).
    pub peer: SocketAddr,
    /// The client's address without its port, as servers are told it.
    pub peer_ip: HeaderValue,
    /// What was agreed on, where the connection is encrypted.
    pub tls: Option<TlsInfo>,
    /// When it was accepted.
    pub since: Instant,
}

impl ConnInfo {
    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// A plain connection that was just accepted.
    pub fn new(entry_point: Arc<str>, peer: SocketAddr) -> Self {
        let peer_ip = HeaderValue::try_from(peer.ip().to_canonical().to_string());
        let peer_ip = peer_ip.expect("an address is ASCII");
        Self { entry_point, peer, peer_ip, tls: None, since: crate::clock::now() }
    }
}

/// How many interim responses of one request are passed on; more are dropped (bounds memory).
const MAX_INTERIM: usize = 16;

/// Interim (1xx) responses on their way to the client; shared with the codec of the client's connection.
#[derive(Debug, Clone, Default)]
pub struct InterimQueue(Rc<RefCell<VecDeque<(StatusCode, HeaderList)>>>);

impl InterimQueue {
    /// Queues one; false when there are too many.
    pub fn push(&self, status: StatusCode, headers: HeaderList) -> bool {
        let mut queue = self.0.borrow_mut();
        let room = queue.len() < MAX_INTERIM;
        if room {
            queue.push_back((status, headers));
        }
        room
    }

    /// The oldest one that was not yet written.
    pub fn pop(&self) -> Option<(StatusCode, HeaderList)> {
        self.0.borrow_mut().pop_front()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

/// How much of a request is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recording {
    /// What comes for free.
    Outline,
    /// What a line of the access log needs: times, path.
    Line,
    /// Copies of the fields too.
    Headers,
}

/// One request and its response in passing.
#[derive(Debug)]
pub struct Exchange {
    /// The client's connection.
    pub conn: Rc<ConnInfo>,
    /// Interim responses for the client.
    pub interim: InterimQueue,
    /// What logs and metrics will tell.
    pub record: Record,
    /// Whether `X-Forwarded-For` stays away from the server altogether: not even the client's own
    /// address is to be appended (specification section 4.6).
    pub suppress_forwarded_for: bool,
    /// How much is recorded.
    pub recording: Recording,
}

/// What logs and metrics tell about a request.
#[derive(Debug)]
pub struct Record {
    /// When its first byte was read.
    pub started: Instant,
    /// The same by the wall clock, where it is logged.
    pub started_at: Option<SystemTime>,
    /// Its number in the access log.
    pub number: u64,
    /// As received.
    pub method: Method,
    /// As received.
    pub host: HeaderValue,
    /// Path and query in normal form.
    pub path: String,
    /// As received.
    pub version: Version,
    /// The fields as received, kept only when the access log asks for them.
    pub request_headers: Option<HeaderList>,
    /// Body bytes read from the client.
    pub request_bytes: u64,
    /// The router that matched, `name@provider`.
    pub router: Option<Arc<str>>,
    /// The service that it led to.
    pub service: Option<Arc<str>>,
    /// The server's URL.
    pub server_url: Option<Arc<str>>,
    /// The server's `host:port`.
    pub server_addr: Option<Arc<str>>,
    /// The server's status.
    pub origin_status: Option<StatusCode>,
    /// When the request went to the server first.
    pub origin_started: Option<Instant>,
    /// The server's fields, kept only when the access log asks for them.
    pub origin_headers: Option<HeaderList>,
    /// The length that the server announced.
    pub origin_length: Option<u64>,
    /// How often the request was sent again.
    pub retries: u32,
    /// `X-Forwarded-For` as it came, where the peer is trusted.
    pub forwarded_for: Option<HeaderValue>,
    /// The user that an authentication middleware saw.
    pub username: Option<String>,
    /// Why ferroway answered itself.
    pub reason: Option<Reason>,
    /// More words about it, for the log.
    pub detail: Option<String>,
    /// False when the router asked not to be logged.
    pub log: bool,
}

impl Record {
    /// An empty record of a request that started then.
    pub fn new(started: Instant) -> Self {
        Self {
            started,
            started_at: None,
            number: 0,
            method: Method::GET,
            host: HeaderValue::from_static(""),
            path: String::new(),
            version: Version::HTTP_11,
            request_headers: None,
            request_bytes: 0,
            router: None,
            service: None,
            server_url: None,
            server_addr: None,
            origin_status: None,
            origin_started: None,
            origin_headers: None,
            origin_length: None,
            retries: 0,
            forwarded_for: None,
            username: None,
            reason: None,
            detail: None,
            log: true,
        }
    }
}

impl Exchange {
    /// The exchange for the next request of a connection.
    pub fn new(conn: Rc<ConnInfo>, interim: InterimQueue, started: Instant) -> Self {
        Self {
            conn,
            interim,
            record: Record::new(started),
            suppress_forwarded_for: false,
            recording: Recording::Outline,
        }
    }
}
