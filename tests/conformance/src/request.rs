//! A request as a case describes it, and the bytes that go on the wire.
//!
//! The short form is `[@entryPoint ]METHOD url[ | Name: value]...`; the long form is an object, see `LongForm` below.

use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::client::Opening;
use crate::text::{from_hex, latin1};

/// The entry point that a request goes to when it names none.
pub const DEFAULT_ENTRY_POINT: &str = "web";

/// How long a request may take when it does not say.
const TIMEOUT_SECONDS: f64 = 8.0;

/// One request, ready to be sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub struct Request {
    /// The name of the entry point to connect to.
    pub entry_point: String,
    /// The client's address, when it is not to be 127.0.0.1.
    pub source: Option<IpAddr>,
    /// Bytes sent before everything else, for PROXY protocol headers.
    pub preface: Vec<u8>,
    /// Ask for TLS first.
    pub start_tls: Option<StartTls>,
    /// Speak TLS.
    pub tls: Option<TlsChoice>,
    /// Speak HTTP/2 without agreeing on it.
    pub http2: bool,
    /// The time for the whole exchange.
    pub timeout: Duration,
    /// Write the bytes in pieces of these sizes, then the rest.
    pub pieces: Vec<usize>,
    /// The methods of the pipelined requests in `raw`, when several answers are expected.
    pub expect: Vec<String>,
    /// Sent after an answer of 101; as many bytes are read back.
    pub payload: Option<String>,
    /// What is sent.
    pub content: Content,
}

/// The content of a [`Request`].
#[derive(Debug, Clone)]
pub enum Content {
    /// Exactly these bytes.
    Raw(Vec<u8>),
    /// A well-formed message.
    Message(Message),
}

/// A well-formed request message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The method, verbatim.
    pub method: String,
    /// The value of `Host`.
    pub host: String,
    /// The request target, verbatim.
    pub target: String,
    /// Header fields in order, without `Host` and the framing ones.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Send the body as one chunk.
    pub chunked: bool,
    /// Trailer fields, over HTTP/2 only.
    pub trailers: Vec<(String, String)>,
}

/// How a client speaks TLS. It verifies no certificate.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsChoice {
    /// The server name to send, if any.
    pub sni: Option<String>,
    /// The lowest version offered: `1.2` or `1.3`.
    pub min: Option<String>,
    /// The highest version offered.
    pub max: Option<String>,
    /// The only cipher suite offered, by its name in rustls.
    pub cipher: Option<String>,
    /// The only group for the key exchange offered, by its name in rustls.
    pub group: Option<String>,
    /// Application protocols offered. With `h2` chosen, the request is sent over HTTP/2.
    pub alpn: Vec<String>,
    /// The client certificate to present, by its name in [`pki`](crate::pki).
    pub cert: Option<String>,
    /// Connect twice and observe whether the second connection resumes the session of the first.
    pub resume: bool,
    /// Observe the cipher suite and the group.
    pub show_cipher: bool,
    /// Observe the name in a certificate that the router made itself.
    pub show_name: bool,
}

/// How a client asks for TLS in another protocol.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "StartTlsForm")]
pub struct StartTls {
    /// What is sent.
    pub send: Vec<u8>,
    /// The byte that agrees.
    pub expect: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StartTlsForm {
    send_hex: String,
    expect: char,
}

impl TryFrom<StartTlsForm> for StartTls {
    type Error = String;

    fn try_from(form: StartTlsForm) -> Result<Self, String> {
        let expect = u8::try_from(form.expect).map_err(|e| format!("bad byte: {e}"))?;
        Ok(Self { send: from_hex(&form.send_hex)?, expect })
    }
}

/// The long form of a request, as it stands in case files.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct LongForm {
    /// The short form, for everything that it can say.
    text: Option<String>,
    /// The exact bytes instead, one character a byte.
    raw: Option<String>,
    method: Option<String>,
    url: Option<String>,
    /// Another `Host` than that of the URL.
    host: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
    /// A body of this many digits instead.
    body_size: usize,
    chunked: bool,
    entry_point: Option<String>,
    source: Option<IpAddr>,
    proxy_header: Option<String>,
    proxy_header_hex: Option<String>,
    start_tls: Option<StartTls>,
    tls: Option<TlsChoice>,
    http2: bool,
    /// Trailer fields of HTTP/2.
    trailers: Vec<(String, String)>,
    timeout: Option<f64>,
    pieces: Vec<usize>,
    expect: Vec<String>,
    payload: Option<String>,
}

impl TryFrom<Value> for Request {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let long = match value {
            Value::String(text) => LongForm { text: Some(text), ..LongForm::default() },
            other => serde_json::from_value(other).map_err(|e| format!("bad request: {e}"))?,
        };
        Request::from_long(long)
    }
}

impl Request {
    fn from_long(mut long: LongForm) -> Result<Self, String> {
        if let Some(text) = long.text.take() {
            parse_short(&text, &mut long)?;
        }
        let preface = match (&long.proxy_header, &long.proxy_header_hex) {
            (Some(text), _) => latin1(text)?,
            (None, Some(hex)) => from_hex(hex)?,
            (None, None) => Vec::new(),
        };
        let content = match &long.raw {
            Some(raw) => Content::Raw(latin1(raw)?),
            None => Content::Message(message(&mut long)),
        };
        let timeout = Duration::try_from_secs_f64(long.timeout.unwrap_or(TIMEOUT_SECONDS))
            .map_err(|e| format!("bad timeout: {e}"))?;
        Ok(Self {
            entry_point: long.entry_point.unwrap_or_else(|| DEFAULT_ENTRY_POINT.to_owned()),
            source: long.source,
            preface,
            start_tls: long.start_tls,
            tls: long.tls,
            http2: long.http2,
            timeout,
            pieces: long.pieces,
            expect: long.expect,
            payload: long.payload,
            content,
        })
    }

    /// How the connection is opened.
    pub fn opening(&self) -> Opening<'_> {
        Opening {
            entry_point: &self.entry_point,
            source: self.source,
            preface: &self.preface,
            start_tls: self.start_tls.as_ref(),
            tls: self.tls.as_ref(),
        }
    }

    /// The bytes of the request on an HTTP/1.1 connection.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.content {
            Content::Raw(bytes) => bytes.clone(),
            Content::Message(message) => message.bytes(),
        }
    }

    /// The method, which decides how an answer is framed.
    pub fn method(&self) -> String {
        match &self.content {
            Content::Raw(bytes) => crate::text::text(bytes.split(|b| *b == b' ').next().unwrap_or_default()),
            Content::Message(message) => message.method.clone(),
        }
    }
}

impl Message {
    /// The bytes of the message on an HTTP/1.1 connection.
    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.target, self.host);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let framed = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let has_body = !self.body.is_empty() || matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        let mut body = self.body.clone();
        if self.chunked {
            head.push_str("Transfer-Encoding: chunked\r\n");
            if !body.is_empty() {
                body = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n"].concat();
            }
            body.extend_from_slice(b"0\r\n\r\n");
        } else if has_body && !framed {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        [head.as_bytes(), &body].concat()
    }
}

/// `[@entryPoint ]METHOD url[ | Name: value]...` into the fields of the long form.
fn parse_short(text: &str, long: &mut LongForm) -> Result<(), String> {
    let mut parts = text.split(" | ");
    let mut head = parts.next().unwrap_or_default();
    if let Some(rest) = head.strip_prefix('@') {
        let (entry_point, rest) = rest.split_once(' ').ok_or_else(|| format!("nothing after {head:?}"))?;
        long.entry_point = Some(entry_point.to_owned());
        head = rest;
    }
    let (method, url) = head.split_once(' ').ok_or_else(|| format!("{head:?} is not `METHOD url`"))?;
    if !url.contains("://") {
        return Err(format!("{url:?} is not a URL with a scheme"));
    }
    long.method = Some(method.to_owned());
    long.url = Some(url.to_owned());
    let mut headers = Vec::new();
    for part in parts {
        let (name, value) = part.split_once(": ").ok_or_else(|| format!("{part:?} is not `Name: value`"))?;
        headers.push((name.to_owned(), value.to_owned()));
    }
    headers.append(&mut long.headers);
    long.headers = headers;
    Ok(())
}

fn message(long: &mut LongForm) -> Message {
    let url = long.url.take().unwrap_or_else(|| "http://example.com/".to_owned());
    let (host, target) = split_url(&url);
    let body = match long.body_size {
        0 => std::mem::take(&mut long.body).into_bytes(),
        size => b"0123456789".iter().copied().cycle().take(size).collect(),
    };
    Message {
        method: long.method.take().unwrap_or_else(|| "GET".to_owned()),
        host: long.host.take().unwrap_or(host),
        target,
        headers: std::mem::take(&mut long.headers),
        body,
        chunked: long.chunked,
        trailers: std::mem::take(&mut long.trailers),
    }
}

/// Host and request target of a URL, both verbatim.
fn split_url(url: &str) -> (String, String) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.find(['/', '?', '#']) {
        Some(at) if rest[at..].starts_with('/') => (rest[..at].to_owned(), rest[at..].to_owned()),
        Some(at) => (rest[..at].to_owned(), format!("/{}", &rest[at..])),
        None => (rest.to_owned(), "/".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bytes(value: Value) -> String {
        String::from_utf8(Request::try_from(value).unwrap().bytes()).unwrap()
    }

    #[test]
    fn short_and_long_forms_become_bytes() {
        for (form, expected) in [
            (json!("GET http://a/b?c | X: 1"), "GET /b?c HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"),
            (json!("GET http://a:8?c"), "GET /?c HTTP/1.1\r\nHost: a:8\r\n\r\n"),
            (json!("POST http://a/"), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
            (
                json!({"text": "PUT http://a/ | A: 1", "headers": [["B", "2"]], "body": "hi", "chunked": true}),
                "PUT / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            ),
            (json!({"url": "http://a/", "host": ""}), "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
            (json!({"raw": "X\r\n"}), "X\r\n"),
        ] {
            assert_eq!(bytes(form), expected);
        }
    }

    #[test]
    fn the_entry_point_comes_first() {
        let request = Request::try_from(json!("@trust GET http://a/")).unwrap();
        assert_eq!((request.entry_point.as_str(), request.method().as_str()), ("trust", "GET"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for form in
            [json!("GET"), json!("@x"), json!("GET /x"), json!("GET http://a/ | x"), json!({"metod": "GET"})]
        {
            assert!(Request::try_from(form.clone()).is_err(), "{form}");
        }
    }
}
