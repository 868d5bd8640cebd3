//! Handing a request to one server, and its response back (specification sections 6.2, 6.3, 6.5, 6.6).

use std::fmt::Write as _;
use std::time::Instant;

use ferroway_core::header::{X_FORWARDED_FOR, list_elements, remove_connection_options, remove_hop_by_hop};
use ferroway_core::{Body, Error, Exchange, Reason, Request, RequestHead, Response, answer};
use http::header::{ACCEPT_ENCODING, RANGE, TE, TRAILER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::gunzip;
use crate::server::{Scheme, Server};

/// Sends a request to a server. What goes wrong becomes a response with its reason.
pub(crate) async fn forward(
    server: &Server,
    pass_host: bool,
    mut request: Request,
    exchange: &mut Exchange,
) -> Response {
    exchange.record.server_url = Some(server.url.clone());
    exchange.record.server_addr = Some(server.address.clone());
    if server.scheme == Scheme::Unsupported {
        let error =
            Error::before_sending(Reason::UpstreamScheme, "the scheme of the server URL is not supported");
        return failed(&error, exchange);
    }
    let asked_for_gzip = prepare(server, pass_host, &mut request.head, exchange);
    let started = Instant::now();
    let sent =
        ferroway_upstream::send(&server.endpoint, &request.head, request.body, &exchange.interim).await;
    exchange.record.origin_duration = Some(started.elapsed());
    match sent {
        Ok(mut response) => {
            exchange.record.origin_status = Some(response.head.status);
            if exchange.capture_headers {
                exchange.record.origin_headers = Some(response.head.headers.clone());
            }
            clean_response(&mut response);
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
    let trailers = list_elements(&head.headers, &TE).any(|coding| coding.eq_ignore_ascii_case("trailers"));
    remove_hop_by_hop(&mut head.headers);
    if trailers {
        head.headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if !exchange.suppress_forwarded_for {
        append_forwarded_for(&mut head.headers, exchange);
    }
    let plain = head.method != Method::HEAD
        && head.headers.get(ACCEPT_ENCODING).is_none_or(HeaderValue::is_empty)
        && !head.headers.contains_key(RANGE);
    if plain {
        head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    plain
}

/// Adds the peer's address to `X-Forwarded-For`; several lines become one.
fn append_forwarded_for(headers: &mut HeaderMap, exchange: &Exchange) {
    let mut list = String::with_capacity(48);
    for value in headers.get_all(X_FORWARDED_FOR) {
        if let Ok(value) = value.to_str() {
            list.push_str(value);
            list.push_str(", ");
        }
    }
    // Writing to a string does not fail.
    let _ = write!(list, "{}", exchange.conn.peer.ip().to_canonical());
    if let Ok(value) = HeaderValue::try_from(list) {
        headers.insert(X_FORWARDED_FOR, value);
    }
}

/// Takes out of a response what concerns the server's connection only. Announced trailers stay announced.
fn clean_response(response: &mut Response) {
    let headers = &mut response.head.headers;
    if response.head.status == StatusCode::SWITCHING_PROTOCOLS {
        // The codec needs `Upgrade`, and writes `Connection` itself.
        return;
    }
    let announced = headers.remove(TRAILER).filter(|_| matches!(response.body, Body::Stream(_)));
    remove_connection_options(headers, |_| false);
    remove_hop_by_hop(headers);
    if let Some(announced) = announced {
        headers.insert(TRAILER, announced);
    }
}
