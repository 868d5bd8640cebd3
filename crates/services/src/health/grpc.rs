//! A check by gRPC's health protocol (`grpc.health.v1`).

use std::future::poll_fn;

use ::http::header::CONTENT_TYPE;
use ::http::{HeaderName, HeaderValue, Method, StatusCode};
use ferroway_core::{Body, HeaderList};

use super::check::Check;
use super::http::send;
use super::target::CheckTarget;

/// A `HealthCheckRequest` for the server as a whole: no bytes, in a frame (flag and length).
const REQUEST: &[u8] = &[0, 0, 0, 0, 0];
/// Bytes of an answer that are looked at; a `HealthCheckResponse` in its frame has 7.
const MAX_ANSWER: usize = 1024;
/// The field `status` of a `HealthCheckResponse`, a number.
const STATUS_FIELD: u64 = 1 << 3;
/// What `status` says of a server that is well.
const SERVING: u64 = 1;

/// Whether the server says that it is serving.
pub(super) async fn ask(check: &Check, target: &CheckTarget) -> Result<(), String> {
    let mut headers = check.headers.clone();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let check = Check { headers, ..check.clone() };
    let response = send(&check, target, Method::POST, Body::full(REQUEST)).await?;
    if response.head.status != StatusCode::OK {
        return Err(format!("received status {}, expected gRPC", response.head.status.as_u16()));
    }
    if let Some(message) = failure(&response.head.headers) {
        return Err(message);
    }
    let (answer, trailers) = read(response.body).await?;
    if let Some(message) = trailers.as_ref().and_then(failure) {
        return Err(message);
    }
    let [0, a, b, c, d, message @ ..] = &answer[..] else {
        return Err("received no message, or a compressed one".to_owned());
    };
    let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
    let message = message.get(..length).ok_or("the message is cut off")?;
    match status(message) {
        Some(SERVING) => Ok(()),
        Some(other) => Err(format!("received gRPC health status {other}, expected {SERVING} (SERVING)")),
        None => Err("received a malformed message".to_owned()),
    }
}

/// What `grpc-status` says, unless that is OK.
fn failure(fields: &HeaderList) -> Option<String> {
    let status = fields.get(HeaderName::from_static("grpc-status"))?.to_str().unwrap_or("?");
    match status {
        "0" => None,
        "12" => Some("the server does not implement the gRPC health protocol".to_owned()),
        code => {
            let message = fields.get(HeaderName::from_static("grpc-message"));
            let message = message.and_then(|message| message.to_str().ok()).unwrap_or_default();
            Some(format!("received grpc-status {code} {message:?}"))
        }
    }
}

/// The whole of a small body, and the trailer fields.
async fn read(mut body: Body) -> Result<(Vec<u8>, Option<HeaderList>), String> {
    let mut bytes = Vec::new();
    loop {
        match poll_fn(|cx| body.poll_fill(cx)).await {
            Ok(0) => return Ok((bytes, body.trailers())),
            Ok(count) if bytes.len() + count <= MAX_ANSWER => {
                bytes.extend_from_slice(body.data());
                body.consume(count);
            }
            Ok(_) => return Err(format!("the message is longer than {MAX_ANSWER} bytes")),
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// The field `status` of a `HealthCheckResponse` (protobuf); 0, which is the default, where it is not there.
fn status(mut message: &[u8]) -> Option<u64> {
    let mut status = 0;
    while !message.is_empty() {
        let key = varint(&mut message)?;
        match key & 7 {
            0 => {
                let value = varint(&mut message)?;
                if key == STATUS_FIELD {
                    status = value;
                }
            }
            1 => message = message.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                message = message.get(length..)?;
            }
            5 => message = message.get(4..)?,
            _ => return None,
        }
    }
    Some(status)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        for (message, expected) in [
            (&[8, 1][..], Some(1)),
            (&[8, 2], Some(2)),
            (&[], Some(0)),
            (&[8, 0x81, 0x00], Some(1)),
            (&[0x12, 2, 8, 2, 8, 1], Some(1)),
            (&[0x15, 0, 0, 0, 0, 8, 1], Some(1)),
            (&[0x11, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1], Some(1)),
            (&[8], None),
            (&[0x12, 9, 1], None),
            (&[0x13], None),
            (&[0xff; 12], None),
        ] {
            assert_eq!(status(message), expected, "{message:?}");
        }
    }
}
