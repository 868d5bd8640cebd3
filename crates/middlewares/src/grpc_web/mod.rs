//! `grpcWeb`: lets browsers talk to gRPC servers (specification section 4.21).
//!
//! gRPC ends with trailer fields, which browsers do not show to scripts. gRPC-Web puts them into a last frame of the body, and
//! can write the body in base64, for browsers that cannot read bytes before the end. Frames with messages are the same
//! in both, so bodies pass as they come: nothing here waits for a whole message.

mod base64;
mod body;
mod cors;
mod response;

use ferroway_config::dynamic;
use ferroway_core::{Body, Exchange, LocalBoxFuture, Next, Request, RequestHead, Response, Wrap};
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_TYPE};
use http::{HeaderValue, Method};

use body::Decoded;
use cors::Origins;

const GRPC: &str = "application/grpc";
const WEB: &str = "application/grpc-web";
const WEB_TEXT: &str = "application/grpc-web-text";

/// Translates requests of gRPC-Web and answers their preflights.
pub(crate) struct GrpcWeb {
    origins: Origins,
}

impl GrpcWeb {
    /// From the options.
    pub(crate) fn new(options: &dynamic::GrpcWeb) -> Self {
        Self { origins: Origins::new(&options.allow_origins) }
    }
}

impl Wrap for GrpcWeb {
    fn handle<'a>(
        &'a self,
        mut request: Request,
        exchange: &'a mut Exchange,
        next: Next<'a>,
    ) -> LocalBoxFuture<'a, Response> {
        if !is_for_us(&request.head) {
            return next.run(request, exchange);
        }
        Box::pin(async move {
            if let Some(preflight) = self.origins.preflight(&request.head) {
                return preflight;
            }
            let origin = self.origins.allowed(&request.head).cloned();
            let text = to_grpc(&mut request);
            let mut response = next.run(request, exchange).await;
            response::to_web(&mut response, text, origin);
            response
        })
    }
}

/// A request of gRPC-Web, or one that asks whether such a request may be sent.
fn is_for_us(head: &RequestHead) -> bool {
    match head.method {
        Method::POST => content_type(head).starts_with(WEB.as_bytes()),
        Method::OPTIONS => {
            let asked = head.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).map(HeaderValue::as_bytes);
            let asked = asked.unwrap_or_default().to_ascii_lowercase();
            asked.windows(10).any(|part| part == b"x-grpc-web")
        }
        _ => false,
    }
}

fn content_type(head: &RequestHead) -> &[u8] {
    head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default()
}

/// Makes the request one of gRPC; true when the client speaks base64.
fn to_grpc(request: &mut Request) -> bool {
    let content_type = content_type(&request.head);
    let text = content_type.starts_with(WEB_TEXT.as_bytes());
    let translated = replace(content_type, if text { WEB_TEXT } else { WEB }, GRPC);
    request.head.headers.insert(CONTENT_TYPE, translated);
    if !request.body.is_empty() {
        let body = std::mem::take(&mut request.body);
        request.body = Body::Stream(Box::new(Decoded::new(body, text)));
    }
    text
}

/// The value with the first `old` in it replaced.
fn replace(value: &[u8], old: &str, new: &str) -> HeaderValue {
    let Some(at) = value.windows(old.len()).position(|part| part == old.as_bytes()) else {
        return HeaderValue::from_bytes(value).expect("it was a value");
    };
    let replaced = [&value[..at], new.as_bytes(), &value[at + old.len()..]].concat();
    HeaderValue::from_bytes(&replaced).expect("parts of values")
}

#[cfg(test)]
mod tests;
