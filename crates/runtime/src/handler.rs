//! From a request on an entry point to its response: admission, routing, and the record of it.

use std::rc::Rc;
use std::sync::Arc;

use ferroway_core::header::X_FORWARDED_FOR;
use ferroway_core::{Exchange, Reason, Recording, Request, Response, clock, respond, respond_text};
use ferroway_http::server::{Handler, Sent};
use http::{Method, StatusCode};

use crate::access::AccessRecorder;
use crate::entry_point::EntryPoint;
use crate::route::Route;
use crate::snapshot::{WorkerSnapshot, view_of};

/// Handles the requests of one entry point on one worker.
pub(crate) struct EntryHandler {
    pub(crate) number: usize,
    pub(crate) entry_point: Arc<EntryPoint>,
    pub(crate) snapshot: Rc<WorkerSnapshot>,
    pub(crate) access: Option<AccessRecorder>,
}

/// The answer where no router matches.
pub(crate) fn not_found() -> Response {
    respond_text(StatusCode::NOT_FOUND, Reason::NoRoute, "404 page not found")
}

/// In which way a connection has other TLS options than a request's router: a client that showed no certificate
/// for one host must not reach another one that asks for it (specification section 5.5).
fn misdirection(route: &Route, exchange: &Exchange) -> Option<String> {
    let tls = exchange.conn.tls.as_ref().filter(|tls| tls.options != route.tls_options)?;
    let shown = |options: &Option<Arc<str>>| options.as_deref().unwrap_or("none").to_owned();
    Some(format!(
        "the connection (SNI {:?}) has the TLS options {}, the router {} has {}",
        tls.server_name.as_deref().unwrap_or_default(),
        shown(&tls.options),
        route.name,
        shown(&route.tls_options)
    ))
}

impl EntryHandler {
    /// Whether the first bytes of a connection decide who gets it.
    pub(crate) fn has_more_than_http(&self) -> bool {
        self.snapshot.get().entry_points.get(self.number).is_some_and(|entry| entry.has_more_than_http())
    }

    async fn route(&self, request: Request, exchange: &mut Exchange) -> Response {
        if request.head.method == Method::OPTIONS && request.head.target.path() == "*" {
            // About the server as a whole (RFC 9110 section 9.3.7): answered without asking any router.
            return respond(StatusCode::OK, Reason::Internal, "");
        }
        let snapshot = self.snapshot.get();
        let Some(entry) = snapshot.entry_points.get(self.number) else { return not_found() };
        let peer = exchange.conn.peer.ip();
        let table = if exchange.conn.is_tls() { &entry.tls } else { &entry.plain };
        let Some(found) = view_of(&request.head, peer, |view| table.lookup(view)) else {
            return not_found();
        };
        let route = &found.value;
        if let Some(detail) = misdirection(route, exchange) {
            exchange.record.detail = Some(detail);
            return respond_text(StatusCode::MISDIRECTED_REQUEST, Reason::Misdirected, "Misdirected Request");
        }
        exchange.record.router = Some(route.name.clone());
        if let Some(log) = route.access_log {
            exchange.record.log = log;
        }
        if self.entry_point.denied.denies(request.head.target.path()) {
            return respond(StatusCode::BAD_REQUEST, Reason::EncodedCharacter, "");
        }
        route.answer(request, exchange).await
    }
}

impl Handler for EntryHandler {
    async fn handle(&self, mut request: Request, exchange: &mut Exchange) -> Response {
        exchange.suppress_forwarded_for = !self.entry_point.forwarded.append_for;
        exchange.record.log = self.entry_point.access_log;
        let refused = self.entry_point.admit(&mut request.head, &exchange.conn).err();
        if let Some(access) = &self.access {
            access.begin(&request.head, exchange);
            if self.entry_point.forwarded.trusts(&exchange.conn) {
                exchange.record.forwarded_for = request.head.headers.get(&X_FORWARDED_FOR).cloned();
            }
        }
        let response = match refused {
            Some(response) => *response,
            None => self.route(request, exchange).await,
        };
        exchange.record.reason = response.reason;
        response
    }

    fn done(&self, exchange: &mut Exchange, sent: &Sent<'_>) {
        if let Some(access) = &self.access
            && exchange.recording > Recording::Outline
        {
            access.end(exchange, sent, clock::now());
        }
    }
}
