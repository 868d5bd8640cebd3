//! Responses, from gRPC to gRPC-Web.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ferroway_core::header::write_canonical;
use ferroway_core::{Body, HeaderList, Response, ResponseHead};
use http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, TRAILER};
use http::{HeaderValue, StatusCode};

use super::body::{Encoded, frame};
use super::{GRPC, WEB, WEB_TEXT, cors, replace};

/// Makes the response one of gRPC-Web, in base64 for `text`, for a script of `origin`.
pub(super) fn to_web(response: &mut Response, text: bool, origin: Option<HeaderValue>) {
    let framed = is_framed(response);
    let has_body = !is_bodiless(response.head.status) && !matches!(response.body, Body::Tunnel(_));
    let has_length = has_body && !framed && response.body.length().is_some();
    translate_head(&mut response.head, text, origin);
    expose(&mut response.head, has_length);
    if has_body && (framed || text) {
        response.body = to_web_body(std::mem::take(&mut response.body), text, framed);
    }
}

/// Whether the trailer fields follow in a frame. A response that has a length and is not of gRPC is a page about an
/// error, which a frame behind it would spoil. What ferroway itself answers has no length in Traefik.
fn is_framed(response: &Response) -> bool {
    let content_type = response.head.headers.get(CONTENT_TYPE);
    let is_grpc = content_type.is_some_and(|value| value.as_bytes().starts_with(GRPC.as_bytes()));
    is_grpc || response.reason.is_some() || response.body.length().is_none()
}

fn to_web_body(body: Body, text: bool, framed: bool) -> Body {
    let whole = match body {
        Body::Empty => Bytes::new(),
        Body::Full(bytes) => bytes,
        body => return Body::Stream(Box::new(Encoded::new(body, text, framed))),
    };
    let frame = if framed { frame(&HeaderList::new()) } else { Vec::new() };
    let bytes = [&whole, &frame[..]].concat();
    Body::full(if text { STANDARD.encode(bytes).into_bytes() } else { bytes })
}

fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn translate_head(head: &mut ResponseHead, text: bool, origin: Option<HeaderValue>) {
    let headers = &mut head.headers;
    headers.remove(TRAILER);
    let kind = if text { WEB_TEXT } else { WEB };
    let types = headers.get_all(CONTENT_TYPE).map(|value| replace(value.as_bytes(), GRPC, kind));
    let types: Vec<HeaderValue> = types.collect();
    headers.remove(CONTENT_TYPE);
    for value in types {
        headers.append(CONTENT_TYPE, value);
    }
    for (name, value) in cors::response_fields(origin) {
        if !headers.contains(&name) {
            headers.insert(name, value);
        }
    }
}

/// Lets scripts see all fields.
fn expose(head: &mut ResponseHead, has_length: bool) {
    // Traefik names the content type whether there is one or not.
    let own = [(true, CONTENT_TYPE), (has_length, CONTENT_LENGTH)];
    let own = own.iter().filter_map(|(named, name)| named.then_some(name));
    let mut names: Vec<&HeaderName> = Vec::with_capacity(head.headers.len() + 2);
    for name in head.headers.names().chain(own) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut list = Vec::new();
    for name in names {
        write_canonical(name, &mut list);
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(b"grpc-status, grpc-message");
    let list = HeaderValue::from_bytes(&list).expect("names are ASCII");
    head.headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, list);
}
