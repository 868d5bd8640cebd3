//! A check by a request.

use ::http::header::{LOCATION, USER_AGENT};
use ::http::{HeaderValue, Method, StatusCode, Version};
use ferroway_core::{Body, InterimQueue, RequestHead, Response, Target};

use super::check::{Check, Mode};
use super::target::CheckTarget;
use crate::server::{Scheme, Server};

/// Redirections that are followed, as in Go.
const REDIRECTIONS: usize = 10;

/// Whether the server's answer means that it is well.
pub(super) async fn ask(check: &Check, target: &CheckTarget) -> Result<(), String> {
    let mut target = target.clone();
    for _ in 0..=REDIRECTIONS {
        let response = send(check, &target, check.method.clone(), Body::Empty).await?;
        let status = response.head.status;
        let location = response.head.headers.get(&LOCATION).and_then(|value| value.to_str().ok());
        match location.filter(|_| check.follow_redirects && is_redirection(status)) {
            Some(location) => {
                target = target
                    .redirected(location)
                    .ok_or_else(|| format!("redirected to {location:?}, which is no URL"))?;
            }
            None => return judge(check, status),
        }
    }
    Err(format!("more than {REDIRECTIONS} redirections"))
}

fn is_redirection(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn judge(check: &Check, status: StatusCode) -> Result<(), String> {
    match check.status {
        Some(expected) if status == expected => Ok(()),
        Some(expected) => Err(format!("received status {}, expected {}", status.as_u16(), expected.as_u16())),
        None if status.is_success() || status.is_redirection() => Ok(()),
        None => Err(format!("received status {}, expected 2xx or 3xx", status.as_u16())),
    }
}

/// Sends a request to a target and waits for the head of the answer.
pub(super) async fn send(
    check: &Check,
    target: &CheckTarget,
    method: Method,
    body: Body,
) -> Result<Response, String> {
    let server = Server::new(&target.origin(), false, &check.options, check.tls.as_ref());
    let server = server.map_err(|error| error.to_string())?;
    if server.scheme == Scheme::Unsupported {
        return Err(format!("the scheme {} is not supported", target.scheme));
    }
    let parsed = Target::parse(target.path.as_bytes());
    let parsed = parsed.map_err(|_| format!("the path {:?} is malformed", target.path))?;
    let mut headers = check.headers.clone();
    if !headers.contains(&USER_AGENT) {
        headers.append(USER_AGENT, HeaderValue::from_static("ferroway-health-check"));
    }
    let head = RequestHead {
        method,
        target: parsed.target,
        version: Version::HTTP_11,
        host: check.hostname.clone().unwrap_or_else(|| server.authority.clone()),
        headers,
        connection: Vec::new(),
        upgrade: None,
        // gRPC's status comes in trailer fields.
        accepts_trailers: check.mode == Mode::Grpc,
    };
    let sent = ferroway_upstream::send(&server.endpoint, &head, body, &InterimQueue::default()).await;
    sent.map_err(|failure| failure.error.detail.into_owned())
}
