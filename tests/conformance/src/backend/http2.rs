//! The HTTP/2 side of a backend.

use std::sync::Arc;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::{Request, Response};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::plan::Directive;
use super::{Record, Server, Stream};
use crate::http1::Fields;
use crate::http2::{fields, header_map, read};

/// Serves the streams of a connection until it ends.
pub(super) async fn serve<S: Stream>(stream: S, server: Arc<Server>) -> anyhow::Result<()> {
    let mut connection = h2::server::handshake(stream).await?;
    let mut streams = JoinSet::new();
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        let server = Arc::clone(&server);
        streams.spawn(async move { exchange(request, respond, &server).await });
    }
    Ok(())
}

async fn exchange(
    request: Request<RecvStream>,
    respond: SendResponse<Bytes>,
    server: &Server,
) -> anyhow::Result<()> {
    let (head, body) = request.into_parts();
    let mut headers = Fields::default();
    headers.push("host", head.uri.authority().map_or("", http::uri::Authority::as_str));
    headers.0.extend(fields(&head.headers).0);
    let (body, trailers) = read(body).await?;
    let record = Record {
        backend: server.name,
        method: head.method.to_string(),
        uri: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        version: "h2".to_owned(),
        headers,
        body,
        trailers,
        client_certificate: None,
    };
    server.record(record.clone());
    let directive = server.directive(&record.headers, &record.uri)?;
    answer(respond, &record, &directive).await
}

async fn answer(
    mut respond: SendResponse<Bytes>,
    record: &Record,
    directive: &Directive,
) -> anyhow::Result<()> {
    sleep(directive.delay()).await;
    let (payload, fields) = directive.payload(record);
    let mut response = Response::builder().status(directive.status.unwrap_or(200)).body(())?;
    *response.headers_mut() = header_map(&fields.0)?;
    let mut stream: SendStream<Bytes> = respond.send_response(response, false)?;
    stream.send_data(payload.into(), directive.trailers.is_empty())?;
    if !directive.trailers.is_empty() {
        stream.send_trailers(header_map(&directive.trailers)?)?;
    }
    Ok(())
}
