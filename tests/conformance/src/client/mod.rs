//! The client in front of the router: sends exact bytes and describes what comes back.

mod connect;
mod frames;
mod hello;
mod http2;
mod stream;
mod tls;
mod udp;

use std::collections::BTreeMap;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

pub use self::connect::{Link, Opening};
pub use self::stream::{Exchanged, Held};
pub use self::tls::TlsSeen;
use crate::http1::{Fields, Reader};
use crate::request::{Content, Request};
use crate::text::text;

/// What a request brought.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A response, possibly cut off.
    Response(Box<Response>),
    /// The responses to pipelined requests.
    Several(Vec<Answer>),
    /// No response at all.
    None(Failure),
    /// No response on a connection with TLS.
    NoneOverTls(Failure, TlsSeen),
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nothing listens.
    Refused,
    /// The connection was closed.
    Closed,
    /// The stream was reset.
    Reset,
    /// Nothing came in time.
    Timeout,
    /// The TLS handshake failed, with this alert of the server.
    Tls(Option<String>),
    /// The server does not take up TLS and says this byte instead.
    StartTls(String),
    /// Something else than TLS came, whose beginning this is.
    NotTls(String),
    /// The case asks for something that cannot be sent.
    Wrong(String),
    /// Something else than HTTP came, whose beginning this is.
    NotHttp(String),
}

/// A response as it came.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/1.0` or `h2`.
    pub proto: String,
    /// The header fields.
    pub headers: Fields,
    /// How the end of the body was marked: `none`, `length`, `chunked`, `close` or `h2`.
    pub framing: &'static str,
    /// The body, or what came of it.
    pub body: Vec<u8>,
    /// The trailer fields.
    pub trailers: Fields,
    /// Informational responses before this one.
    pub interim: Vec<(u16, Fields)>,
    /// Why the body did not come to its end.
    pub incomplete: Option<Failure>,
    /// What came back for the payload that was sent after an answer of 101.
    pub echo: Option<String>,
    /// The TLS connection.
    pub tls: Option<TlsSeen>,
}

/// A connection of the client.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for S {}

/// Opens connections to the entry points of one router.
#[derive(Debug, Clone, Default)]
pub struct Client {
    entry_points: BTreeMap<String, u16>,
}

impl Client {
    /// A client for a router whose entry points listen on these ports of 127.0.0.1.
    pub fn new(entry_points: BTreeMap<String, u16>) -> Self {
        Self { entry_points }
    }

    /// Sends a request and waits for the answer, or for as many as it expects.
    pub async fn send(&self, request: &Request) -> Answer {
        let deadline = Instant::now() + request.timeout;
        let link = match self.open(&request.opening(), deadline).await {
            Ok(link) => link,
            Err(failure) => return Answer::None(failure),
        };
        let agreed = link.tls.as_ref().and_then(|tls| tls.alpn.as_deref());
        let mut answer = match &request.content {
            Content::Message(message) if request.http2 || agreed == Some("h2") => {
                let scheme = if link.tls.is_some() { "https" } else { "http" };
                http2::exchange(link.stream, message, scheme, deadline).await
            }
            _ => talk(link.stream, request, deadline).await,
        };
        match (&mut answer, link.tls) {
            (Answer::Response(response), tls) => response.tls = tls,
            (Answer::None(failure), Some(tls)) if !matches!(failure, Failure::Tls(_)) => {
                return Answer::NoneOverTls(failure.clone(), tls);
            }
            _ => {}
        }
        answer
    }
}

/// Writes the request and reads at the same time, since an answer may come before the request was taken.
async fn talk<S: Stream>(stream: S, request: &Request, deadline: Instant) -> Answer {
    let (read, mut write) = tokio::io::split(stream);
    let mut reader = Reader::until(read, deadline);
    let bytes = request.bytes();
    let mut writing = Box::pin(async {
        let _ = write_pieces(&mut write, &bytes, &request.pieces).await;
    });
    let mut written = false;
    let mut reading = Box::pin(async {
        if request.expect.is_empty() {
            return response(&mut reader, &request.method()).await;
        }
        let mut answers = Vec::new();
        for method in &request.expect {
            answers.push(response(&mut reader, method).await);
        }
        Answer::Several(answers)
    });
    let mut answer = loop {
        tokio::select! {
            () = &mut writing, if !written => written = true,
            answer = &mut reading => break answer,
        }
    };
    drop((writing, reading));
    if let (Answer::Response(response), Some(payload)) = (&mut answer, &request.payload)
        && response.status == 101
    {
        response.echo = Some(echo(&mut reader, &mut write, payload).await);
    }
    answer
}

async fn write_pieces(
    write: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    sizes: &[usize],
) -> io::Result<()> {
    let mut rest = bytes;
    for size in sizes {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        write.write_all(piece).await?;
        write.flush().await?;
        rest = after;
    }
    write.write_all(rest).await?;
    write.flush().await
}

async fn echo<S: AsyncRead + Unpin>(
    reader: &mut Reader<S>,
    write: &mut (impl AsyncWrite + Unpin),
    payload: &str,
) -> String {
    let mut got = Vec::new();
    let outcome = async {
        write.write_all(payload.as_bytes()).await?;
        write.flush().await?;
        reader.take(payload.len(), &mut got).await
    };
    match outcome.await {
        Ok(()) => text(&got),
        Err(error) => format!("<{}>", failure(&error).name()),
    }
}

/// Reads one response, the informational ones before it included.
async fn response<S: AsyncRead + Unpin>(reader: &mut Reader<S>, method: &str) -> Answer {
    let mut interim = Vec::new();
    let (status, proto, headers) = loop {
        let line = match reader.line().await {
            Ok(line) => line,
            Err(error) => return Answer::None(failure(&error)),
        };
        let Some((proto, status)) = status_line(&line) else {
            return Answer::None(Failure::NotHttp(line.chars().take(60).collect()));
        };
        let headers = match reader.fields().await {
            Ok(headers) => headers,
            Err(error) => return Answer::None(failure(&error)),
        };
        if status >= 200 || status == 101 {
            break (status, proto, headers);
        }
        interim.push((status, headers));
    };
    let mut response = Response {
        status,
        proto,
        headers,
        framing: "none",
        body: Vec::new(),
        trailers: Fields::default(),
        interim,
        incomplete: None,
        echo: None,
        tls: None,
    };
    if method != "HEAD" && !matches!(status, 101 | 204 | 304) {
        let read = read_body(reader, &mut response).await;
        response.incomplete = read.err().map(|error| failure(&error));
    }
    Answer::Response(Box::new(response))
}

fn status_line(line: &str) -> Option<(String, u16)> {
    let mut words = line.split(' ');
    let proto = words.next().filter(|proto| proto.starts_with("HTTP/"))?;
    Some((proto.to_owned(), words.next()?.parse().ok()?))
}

async fn read_body<S: AsyncRead + Unpin>(reader: &mut Reader<S>, response: &mut Response) -> io::Result<()> {
    let coding = response.headers.get("transfer-encoding").unwrap_or_default();
    if coding.eq_ignore_ascii_case("chunked") {
        response.framing = "chunked";
        response.trailers = reader.chunked(&mut response.body).await?;
    } else if let Some(length) = response.headers.get("content-length") {
        response.framing = "length";
        let length = length.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        reader.take(length, &mut response.body).await?;
    } else {
        response.framing = "close";
        reader.to_end(&mut response.body).await?;
    }
    Ok(())
}

fn failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::InvalidData if tls::is_tls(error) => Failure::Tls(tls::alert(error)),
        io::ErrorKind::ConnectionRefused => Failure::Refused,
        io::ErrorKind::TimedOut => Failure::Timeout,
        _ => Failure::Closed,
    }
}

impl Failure {
    /// The word for it in an observation.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Timeout => "timeout",
            Self::Tls(_) => "tls",
            Self::StartTls(_) => "starttls",
            Self::NotHttp(_) => "not HTTP",
            Self::NotTls(_) => "not TLS",
            Self::Wrong(_) => "wrong case",
        }
    }
}

impl Answer {
    /// The response, when there is one.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Self::Response(response) => Some(response),
            _ => None,
        }
    }
}
