//! Handing a request to one server, and its response back (specification sections 6.2, 6.3, 6.5, 6.6).

use ferroway_core::header::{X_FORWARDED_FOR, is_forwarded};
use ferroway_core::{
    Error, Exchange, HeaderList, Reason, Recording, Request, RequestHead, Response, answer, clock,
};
use http::header::{ACCEPT_ENCODING, RANGE, USER_AGENT};
use http::{HeaderValue, Method};

use crate::gunzip;
use crate::server::{Scheme, Server};

/// Sends a request to a server. What goes wrong becomes a response with its reason.
pub(crate) async fn forward(
    server: &Server,
    pass_host: bool,
    mut request: Request,
    exchange: &mut Exchange,
) -> Response {
    if exchange.recording >= Recording::Line {
        exchange.record.server_url = Some(server.url.clone());
        exchange.record.server_addr = Some(server.address.clone());
    }
    if server.scheme == Scheme::Unsupported {
        let error =
            Error::before_sending(Reason::UpstreamScheme, "the scheme of the server URL is not supported");
        return failed(&error, exchange);
    }
    let asked_for_gzip = prepare(server, pass_host, &mut request.head, exchange);
    if exchange.recording >= Recording::Line && exchange.record.origin_started.is_none() {
        exchange.record.origin_started = Some(clock::now());
    }
    let sent =
        ferroway_upstream::send(&server.endpoint, &request.head, request.body, &exchange.interim).await;
    match sent {
        Ok(response) => {
            exchange.record.origin_status = Some(response.head.status);
            if exchange.recording == Recording::Headers {
                exchange.record.origin_headers = Some(response.head.headers.clone());
                exchange.record.origin_length = response.body.length();
            }
            if asked_for_gzip { gunzip::unpack(response).await } else { response }
        }
        Err(failure) => failed(&failure.error, exchange),
    }
}

fn failed(error: &Error, exchange: &mut Exchange) -> Response {
    tracing::debug!(
        entryPointName = &*exchange.conn.entry_point,
        reason = error.reason.as_str(),
        error = &*error.detail,
        "{}",
        error.reason.status()
    );
    let response = answer(error);
    exchange.record.origin_status = Some(response.head.status);
    exchange.record.detail = Some(error.detail.clone().into_owned());
    response
}

/// Makes the request one for this server; true when a compressed answer was asked for on our own account.
fn prepare(server: &Server, pass_host: bool, head: &mut RequestHead, exchange: &Exchange) -> bool {
    if !pass_host || head.host.is_empty() {
        head.host = server.authority.clone();
    }
    if let Some(base) = &server.base_path {
        let joined = format!("{base}/{}", head.target.path().trim_start_matches('/'));
        // Both parts are escaped paths already, so their concatenation is one.
        let _ = head.target.set_path(&joined);
    }
    for name in head.connection.iter().filter(|name| !is_forwarded(name.as_str())) {
        head.headers.remove(name);
    }
    if head.headers.get(&USER_AGENT).is_some_and(HeaderValue::is_empty) {
        head.headers.remove(&USER_AGENT);
    }
    if !exchange.suppress_forwarded_for {
        append_forwarded_for(&mut head.headers, exchange);
    }
    let plain = head.method != Method::HEAD
        && head.headers.get(&ACCEPT_ENCODING).is_none_or(HeaderValue::is_empty)
        && !head.headers.contains(&RANGE);
    if plain {
        head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    plain
}

/// Adds the peer's address to `X-Forwarded-For`; several lines become one.
fn append_forwarded_for(headers: &mut HeaderList, exchange: &Exchange) {
    let peer = &exchange.conn.peer_ip;
    if !headers.contains(&X_FORWARDED_FOR) {
        headers.append(X_FORWARDED_FOR, peer.clone());
        return;
    }
    let mut list = Vec::with_capacity(64);
    for value in headers.get_all(&X_FORWARDED_FOR) {
        list.extend_from_slice(value.as_bytes());
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(peer.as_bytes());
    if let Ok(value) = HeaderValue::try_from(list) {
        headers.insert(X_FORWARDED_FOR, value);
    }
}
