//! Asking a responder over HTTP (RFC 6960 appendix A).

use std::cell::OnceCell;
use std::future::poll_fn;
use std::time::Duration;

use ferroway_core::{Body, HeaderList, InterimQueue, RequestHead, Response, Target};
use ferroway_services::Server;
use ferroway_tls::{ClientOptions, Connector};
use ferroway_upstream::{Tls, TransportOptions};
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Uri, Version};

/// How long an answer may take, all in all.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes. Usual ones have one or two kilobytes, of which the most is the responder's certificate.
const MAX_SIZE: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the URL of the responder is of no use, expected http://host or https://host")]
    Url,
    #[error("cannot speak TLS: {0}")]
    Tls(String),
    #[error("{0}")]
    Http(String),
    #[error("the responder answers with status {0}, expected 2xx")]
    Status(u16),
    #[error("{0}")]
    Body(String),
    #[error("the answer is longer than {MAX_SIZE} bytes")]
    Size,
    #[error("no answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
}

/// A client of responders. It keeps no connections: there are hours between two requests.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// For responders that are asked over TLS, which are rare; made for the first.
    tls: OnceCell<Tls>,
}

impl Client {
    /// Sends a request (DER) to the responder at a URL and gives its answer.
    pub(super) async fn fetch(&self, url: &str, request: Vec<u8>) -> Result<Vec<u8>, FetchError> {
        let answer = async { read(self.send(url, request).await?.body).await };
        tokio::time::timeout(TIMEOUT, answer).await.unwrap_or(Err(FetchError::Timeout))
    }

    async fn send(&self, url: &str, request: Vec<u8>) -> Result<Response, FetchError> {
        let uri: Uri = url.parse().map_err(|_| FetchError::Url)?;
        let tls = match uri.scheme_str().map(str::to_ascii_lowercase).as_deref() {
            Some("http") => None,
            Some("https") => Some(self.tls()?),
            _ => return Err(FetchError::Url),
        };
        let transport = TransportOptions { max_idle: 0, ..TransportOptions::default() };
        let server = Server::new(url, false, &transport, tls).map_err(|_| FetchError::Url)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let target = Target::parse(path.as_bytes()).map_err(|_| FetchError::Url)?.target;
        let mut headers = HeaderList::default();
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/ocsp-request"));
        headers.append(ACCEPT, HeaderValue::from_static("application/ocsp-response"));
        headers.append(USER_AGENT, HeaderValue::from_static("ferroway-ocsp"));
        let head = RequestHead {
            method: Method::POST,
            target,
            version: Version::HTTP_11,
            host: server.authority.clone(),
            headers,
            connection: Vec::new(),
            upgrade: None,
            accepts_trailers: false,
        };
        let interim = InterimQueue::default();
        let sent = ferroway_upstream::send(&server.endpoint, &head, Body::full(request), &interim).await;
        let response = sent.map_err(|failure| FetchError::Http(failure.error.detail.into_owned()))?;
        let status = response.head.status;
        if status.is_success() { Ok(response) } else { Err(FetchError::Status(status.as_u16())) }
    }

    fn tls(&self) -> Result<&Tls, FetchError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let options = ClientOptions { alpn: &[b"http/1.1"], ..ClientOptions::default() };
        let (connector, _) = Connector::new(&options).map_err(FetchError::Tls)?;
        Ok(self.tls.get_or_init(|| Tls::new(connector.clone(), connector)))
    }
}

/// The whole of a small body.
async fn read(mut body: Body) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    loop {
        match poll_fn(|cx| body.poll_fill(cx)).await {
            Ok(0) => return Ok(bytes),
            Ok(count) if bytes.len() + count <= MAX_SIZE => {
                bytes.extend_from_slice(body.data());
                body.consume(count);
            }
            Ok(_) => return Err(FetchError::Size),
            Err(error) => return Err(FetchError::Body(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests;
