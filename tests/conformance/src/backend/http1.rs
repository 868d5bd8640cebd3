//! The HTTP/1.1 side of a backend.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::plan::{Close, Directive};
use super::{CONNECTION_LIMIT, Record, Server, Stream};
use crate::http1::{Fields, Reader};
use crate::text::latin1;

/// What is appended to a WebSocket key before it is hashed (RFC 6455, section 1.3).
const WEBSOCKET_GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether another request may follow on the connection.
#[derive(PartialEq, Eq)]
enum Next {
    Request,
    Close,
}

/// Serves requests until either side closes.
pub(super) async fn serve<S: Stream>(
    stream: S,
    server: &Server,
    client_certificate: Option<&'static str>,
) -> io::Result<()> {
    let mut reader = Reader::new(stream, CONNECTION_LIMIT);
    if reader.peek().await?.first() == Some(&0x16) {
        // A TLS handshake at a plain port.
        return reader.stream().write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
    }
    while exchange(&mut reader, server, client_certificate).await? == Next::Request {}
    Ok(())
}

async fn exchange<S: Stream>(
    reader: &mut Reader<S>,
    server: &Server,
    client_certificate: Option<&'static str>,
) -> io::Result<Next> {
    let line = reader.line().await?;
    let (method, rest) = line.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let (uri, version) = rest.rsplit_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let mut record = Record {
        backend: server.name,
        method: method.to_owned(),
        uri: uri.to_owned(),
        version: version.to_owned(),
        headers: reader.fields().await?,
        body: Vec::new(),
        trailers: Fields::default(),
        client_certificate,
    };
    let directive = match server.directive(&record.headers, uri) {
        Ok(directive) => directive,
        Err(error) => {
            let answer = format!("HTTP/1.1 500 Bad X-Echo\r\nConnection: close\r\n\r\nbad X-Echo: {error}\n");
            reader.stream().write_all(answer.as_bytes()).await?;
            return Ok(Next::Close);
        }
    };
    let reads_body = !directive.reject_expect && !directive.skip_body;
    if reads_body {
        read_body(reader, &mut record).await?;
    }
    server.record(record.clone());
    match respond(reader, &record, &directive).await? {
        Next::Request if reads_body => Ok(Next::Request),
        _ => Ok(Next::Close),
    }
}

async fn read_body<S: Stream>(reader: &mut Reader<S>, record: &mut Record) -> io::Result<()> {
    if record.headers.get("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        reader.stream().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    if record.headers.get("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        record.trailers = reader.chunked(&mut record.body).await?;
        return Ok(());
    }
    let length = record.headers.get("content-length").unwrap_or("0").parse();
    reader.take(length.map_err(|_| io::ErrorKind::InvalidData)?, &mut record.body).await
}

async fn respond<S: Stream>(
    reader: &mut Reader<S>,
    record: &Record,
    directive: &Directive,
) -> io::Result<Next> {
    sleep(directive.delay()).await;
    match directive.close {
        Some(Close::Before) => return Ok(Next::Close),
        Some(Close::Reset) => {
            reader.stream().reset_on_close();
            return Ok(Next::Close);
        }
        _ => {}
    }
    if let Some(raw) = &directive.raw {
        reader.stream().write_all(&latin1(raw).map_err(io::Error::other)?).await?;
        return Ok(Next::Close);
    }
    if directive.status.is_none() && wants_upgrade(&record.headers) {
        upgrade(reader, &record.headers).await?;
        return Ok(Next::Close);
    }
    for (status, fields) in &directive.early {
        reader.stream().write_all(&head(*status, "Early", fields)).await?;
    }
    answer(reader.stream(), record, directive).await?;
    if directive.skip_body {
        swallow(reader.stream()).await;
    }
    let ends = directive.no_length || directive.conn_close || directive.close.is_some();
    Ok(if ends { Next::Close } else { Next::Request })
}

/// Writes the final answer.
async fn answer<S: Stream>(stream: &mut S, record: &Record, directive: &Directive) -> io::Result<()> {
    let (payload, mut fields) = directive.payload(record);
    let status = directive.status.unwrap_or(200);
    let chunked = directive.chunks.is_some() || !directive.trailers.is_empty();
    if directive.conn_close {
        fields.push("Connection", "close");
    }
    if chunked {
        fields.push("Transfer-Encoding", "chunked");
    } else if directive.no_length {
        fields.push("Connection", "close");
    } else if directive.length.is_some() || !matches!(status, 204 | 304) {
        fields.push("Content-Length", directive.length.unwrap_or(payload.len()).to_string());
    }
    stream.write_all(&head(status, "Echo", &fields.0)).await?;
    let bodiless = record.method == "HEAD" || matches!(status, 204 | 304);
    if directive.close == Some(Close::AfterHeaders) || bodiless {
        return Ok(());
    }
    if chunked {
        return write_chunks(stream, &payload, directive).await;
    }
    stream.write_all(&payload).await
}

async fn write_chunks<S: Stream>(stream: &mut S, payload: &[u8], directive: &Directive) -> io::Result<()> {
    let chunks: Vec<&[u8]> = match &directive.chunks {
        Some(chunks) => chunks.iter().map(String::as_bytes).collect(),
        None => vec![payload],
    };
    for chunk in chunks {
        let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
        stream.write_all(&framed).await?;
        sleep(directive.chunk_delay()).await;
    }
    if directive.close == Some(Close::MidBody) {
        return Ok(());
    }
    let trailers: String =
        directive.trailers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    stream.write_all(format!("0\r\n{trailers}\r\n").as_bytes()).await
}

/// Reads the rest of a request that was answered early, so that closing does not destroy the answer.
async fn swallow<S: Stream>(stream: &mut S) {
    let mut rest = vec![0; 64 * 1024];
    while let Ok(Ok(1..)) = timeout(Duration::from_secs(1), stream.read(&mut rest)).await {}
}

fn head(status: u16, reason: &str, fields: &[(String, String)]) -> Vec<u8> {
    let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} {reason}\r\n{fields}\r\n").into_bytes()
}

fn wants_upgrade(headers: &Fields) -> bool {
    let connection = headers.get("connection").unwrap_or_default().to_ascii_lowercase();
    headers.get("upgrade").is_some() && connection.contains("upgrade")
}

/// Switches to whatever protocol was asked for and sends back every byte.
async fn upgrade<S: Stream>(reader: &mut Reader<S>, headers: &Fields) -> io::Result<()> {
    let key = headers.get("sec-websocket-key").unwrap_or_default();
    let accept = Sha1::digest(format!("{key}{WEBSOCKET_GUID}"));
    let accept = base64::engine::general_purpose::STANDARD.encode(accept);
    let protocol = headers.get("upgrade").unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: {protocol}\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    reader.stream().write_all(answer.as_bytes()).await?;
    loop {
        let count = reader.peek().await?.len();
        let mut bytes = Vec::new();
        reader.take(count, &mut bytes).await?;
        reader.stream().write_all(&bytes).await?;
    }
}
