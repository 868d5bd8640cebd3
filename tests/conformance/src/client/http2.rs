//! The HTTP/2 side of the client: one request on a connection of its own.

use bytes::Bytes;
use http::{Method, Request};
use tokio::time::{Instant, timeout_at};

use super::{Answer, Failure, Response, Stream};
use crate::http2::{fields, header_map, read};
use crate::request::Message;

/// Sends the message on a fresh connection and reads the answer.
pub(super) async fn exchange<S: Stream + 'static>(
    stream: S,
    message: &Message,
    scheme: &str,
    deadline: Instant,
) -> Answer {
    match timeout_at(deadline, attempt(stream, message, scheme)).await {
        Ok(Ok(response)) => Answer::Response(Box::new(response)),
        Ok(Err(error)) => Answer::None(failure(&error)),
        Err(_) => Answer::None(Failure::Timeout),
    }
}

async fn attempt<S: Stream + 'static>(
    stream: S,
    message: &Message,
    scheme: &str,
) -> anyhow::Result<Response> {
    let (sender, connection) = h2::client::handshake(stream).await?;
    let mut connection = Box::pin(connection);
    let mut exchange = Box::pin(async {
        let mut sender = sender.ready().await?;
        let mut request = Request::builder()
            .method(Method::from_bytes(message.method.as_bytes())?)
            .uri(format!("{scheme}://{}{}", message.host, message.target))
            .body(())?;
        *request.headers_mut() = header_map(&message.headers)?;
        let has_trailers = !message.trailers.is_empty();
        let (response, mut body) = sender.send_request(request, message.body.is_empty() && !has_trailers)?;
        if !message.body.is_empty() {
            body.send_data(Bytes::from(message.body.clone()), !has_trailers)?;
        }
        if has_trailers {
            body.send_trailers(header_map(&message.trailers)?)?;
        }
        let (head, body) = response.await?.into_parts();
        let (body, trailers) = read(body).await?;
        anyhow::Ok(Response {
            status: head.status.as_u16(),
            proto: "h2".to_owned(),
            headers: fields(&head.headers),
            framing: "h2",
            body,
            trailers,
            interim: Vec::new(),
            incomplete: None,
            echo: None,
            tls: None,
        })
    });
    // The connection makes progress only while it is polled.
    tokio::select! {
        response = &mut exchange => response,
        end = &mut connection => {
            end?;
            exchange.await
        }
    }
}

/// Why a connection or a stream ended early.
fn failure(error: &anyhow::Error) -> Failure {
    match error.downcast_ref::<h2::Error>() {
        Some(error) if error.is_io() => error.get_io().map_or(Failure::Closed, super::failure),
        Some(error) if error.is_reset() => Failure::Reset,
        _ => Failure::Closed,
    }
}
