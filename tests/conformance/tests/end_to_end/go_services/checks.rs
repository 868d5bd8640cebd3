//! What is checked: the things that go wrong most often between a proxy and a Go service.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ferroway_conformance::client::{Answer, Response};
use ferroway_conformance::request::Request;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::Connection;
use super::setup::Setup;

/// The load balancer that the router trusts (`ferroway.yml`).
const TRUSTED: &str = "127.0.0.2";

/// A client that it does not trust.
const UNTRUSTED: &str = "127.0.0.3";

/// What a load balancer that ends TLS says of a client, and what a forger would.
const CLAIMS: &str = "X-Forwarded-For: 203.0.113.7 | X-Forwarded-Proto: https";

/// Bytes of an upload, and the SHA-256 of so many repeated digits.
const UPLOAD: usize = 10 << 20;
const UPLOAD_SHA256: &str = "0b676bf412f95c0682a196f9801d41b2f7c711f7ac3850af2e1c0739a31109b2";

type Checking<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// One check, which is run for a service.
pub(crate) struct Check {
    /// What it is about.
    pub(crate) name: &'static str,
    /// The services that it is run for; all when empty.
    only: &'static [&'static str],
    /// The check itself, given the name of the service.
    pub(crate) run: for<'a> fn(&'a Setup, &'a str) -> Checking<'a>,
}

impl Check {
    /// Whether the check is run for this service.
    pub(crate) fn applies_to(&self, service: &str) -> bool {
        self.only.is_empty() || self.only.contains(&service)
    }
}

/// The checks of each service.
pub(crate) const CHECKS: &[Check] = &[
    Check { name: "prefix strip", only: &[], run: |s, n| Box::pin(prefix_strip(s, n)) },
    Check {
        name: "redirects keep prefix, host and scheme",
        only: &[],
        run: |s, n| Box::pin(redirects(s, n)),
    },
    Check { name: "no redirect loop", only: &[], run: |s, n| Box::pin(no_redirect_loop(s, n)) },
    Check { name: "client of a trusted peer", only: &[], run: |s, n| Box::pin(trusted_peer(s, n)) },
    Check { name: "claims of an untrusted peer", only: &[], run: |s, n| Box::pin(untrusted_peer(s, n)) },
    Check { name: "panic", only: &[], run: |s, n| Box::pin(panic_in_handler(s, n)) },
    Check {
        name: "panic after a part of the answer",
        only: &["nethttp"],
        run: |s, n| Box::pin(late_panic(s, n)),
    },
    Check { name: "slow answer", only: &[], run: |s, n| Box::pin(slow(s, n)) },
    Check { name: "stream", only: &[], run: |s, n| Box::pin(stream(s, n)) },
    Check { name: "WebSocket echo", only: &[], run: |s, n| Box::pin(websocket(s, n)) },
    Check { name: "WebSocket echo over HTTP/2", only: &[], run: |s, n| Box::pin(websocket_over_http2(s, n)) },
    Check { name: "upload of 10 MiB", only: &[], run: |s, n| Box::pin(upload(s, n)) },
    Check { name: "connections are used again", only: &[], run: |s, n| Box::pin(keep_alive(s, n)) },
    Check { name: "lax paths", only: &["fiber"], run: |s, n| Box::pin(lax_paths(s, n)) },
    Check {
        name: "strict and case-sensitive paths",
        only: &["strict"],
        run: |s, n| Box::pin(strict_paths(s, n)),
    },
];

/// The checks of the router's own redirection to https.
pub(crate) const ROUTER_CHECKS: &[Check] =
    &[Check { name: "redirectScheme without a loop", only: &[], run: |s, _| Box::pin(redirect_scheme(s)) }];

/// Sends a request in its short or long form and returns the whole answer.
async fn ask(setup: &Setup, request: Value) -> Result<Response> {
    let request = Request::try_from(request).map_err(anyhow::Error::msg)?;
    match setup.client.send(&request).await {
        Answer::Response(response) => match &response.incomplete {
            None => Ok(*response),
            Some(failure) => bail!("the answer is incomplete: {}", failure.name()),
        },
        other => bail!("no answer: {other:?}"),
    }
}

/// What `/inspect` shows for a request of that peer with these headers.
async fn inspect(setup: &Setup, service: &str, peer: &str, headers: &str) -> Result<Value> {
    let text = format!("GET http://app.test/{service}/inspect | {headers}");
    let response = ask(setup, json!({"text": text, "source": peer})).await?;
    ensure!(response.status == 200, "status {}", response.status);
    Ok(serde_json::from_slice(&response.body)?)
}

/// Compares some fields of what `/inspect` shows.
fn expect_fields(seen: &Value, expected: &Value) -> Result<()> {
    for (field, value) in expected.as_object().context("the expectation is an object")? {
        ensure!(seen[field] == *value, "{field}: want {value}, got {}", seen[field]);
    }
    Ok(())
}

async fn prefix_strip(setup: &Setup, service: &str) -> Result<()> {
    let text = format!("GET http://app.test:8080/{service}/inspect/a%20b/?x=1&y=%2F");
    let response = ask(setup, json!(text)).await?;
    let seen: Value = serde_json::from_slice(&response.body)?;
    let path = match service {
        // Fiber leaves escapes alone.
        "fiber" | "strict" => "/inspect/a%20b/",
        _ => "/inspect/a b/",
    };
    let expected = json!({
        "method": "GET", "path": path, "rawPath": "/inspect/a%20b/", "query": "x=1&y=%2F", "host": "app.test:8080",
    });
    expect_fields(&seen, &expected)?;
    let prefix = &seen["headers"]["X-Forwarded-Prefix"];
    ensure!(*prefix == json!([format!("/{service}")]), "X-Forwarded-Prefix: {prefix}");
    Ok(())
}

/// The target of a redirection.
fn location(response: &Response) -> Result<&str> {
    ensure!(matches!(response.status, 301 | 302 | 307 | 308), "status {}", response.status);
    response.headers.get("location").context("no Location")
}

async fn redirects(setup: &Setup, service: &str) -> Result<()> {
    let path = format!("/{service}/inspect");
    let table = [
        ("", UNTRUSTED, path.clone()),
        ("?to=absolute", UNTRUSTED, format!("http://app.test:8080{path}")),
        ("?to=absolute", TRUSTED, format!("https://app.test:8080{path}")),
    ];
    for (query, peer, expected) in table {
        let text = format!("GET http://app.test:8080/{service}/redirect{query} | {CLAIMS}");
        let response = ask(setup, json!({"text": text, "source": peer})).await?;
        let location = location(&response)?;
        ensure!(location == expected, "{query} from {peer}: want {expected}, got {location}");
    }
    let target = ask(setup, json!(format!("GET http://app.test{path}"))).await?;
    ensure!(target.status == 200, "the target answers {}", target.status);
    Ok(())
}

/// Follows redirections as browsers do over a load balancer that ends TLS, which tells the scheme of each request.
async fn no_redirect_loop(setup: &Setup, service: &str) -> Result<()> {
    let mut url = format!("http://app.test/{service}/secure");
    let mut visited = Vec::new();
    for _ in 0..5 {
        let scheme = url.split(':').next().unwrap_or_default();
        let text = format!("GET {url} | X-Forwarded-Proto: {scheme}");
        let response = ask(setup, json!({"text": text, "source": TRUSTED})).await?;
        visited.push(url);
        if response.status == 200 {
            ensure!(visited.len() == 2, "reached over {visited:?}");
            return Ok(());
        }
        url = location(&response)?.to_owned();
    }
    bail!("a loop: {visited:?}")
}

async fn trusted_peer(setup: &Setup, service: &str) -> Result<()> {
    let seen = inspect(setup, service, TRUSTED, CLAIMS).await?;
    expect_fields(&seen, &json!({"clientIP": "203.0.113.7", "scheme": "https", "host": "app.test"}))
}

async fn untrusted_peer(setup: &Setup, service: &str) -> Result<()> {
    let more = "X-Forwarded-Host: evil.test | X-Real-Ip: 203.0.113.7 | X-Forwarded-Prefix: /evil";
    let mut headers = format!("{CLAIMS} | {more}");
    if matches!(service, "fiber" | "strict") {
        // Claims that the middleware `scheme-claims` takes away.
        headers.push_str(" | X-Forwarded-Ssl: on | X-Forwarded-Protocol: https | X-Url-Scheme: https");
    }
    let seen = inspect(setup, service, UNTRUSTED, &headers).await?;
    expect_fields(&seen, &json!({"clientIP": UNTRUSTED, "scheme": "http", "host": "app.test"}))?;
    for (name, expected) in
        [("X-Real-Ip", UNTRUSTED.to_owned()), ("X-Forwarded-Prefix", format!("/{service}"))]
    {
        let got = &seen["headers"][name];
        ensure!(*got == json!([expected]), "{name}: want {expected}, got {got}");
    }
    Ok(())
}

async fn panic_in_handler(setup: &Setup, service: &str) -> Result<()> {
    // net/http drops the connection, the frameworks answer.
    let expected = if service == "nethttp" { 502 } else { 500 };
    let response = ask(setup, json!(format!("GET http://app.test/{service}/panic"))).await?;
    ensure!(response.status == expected, "want {expected}, got {}", response.status);
    let after = ask(setup, json!(format!("GET http://app.test/{service}/healthz"))).await?;
    ensure!(after.status == 200, "status {} afterwards", after.status);
    Ok(())
}

async fn late_panic(setup: &Setup, service: &str) -> Result<()> {
    let request = json!(format!("GET http://app.test/{service}/panic?late=1"));
    let request = Request::try_from(request).map_err(anyhow::Error::msg)?;
    let answer = setup.client.send(&request).await;
    let response = answer.response().context("no answer")?;
    ensure!(
        response.status == 200 && response.incomplete.is_some(),
        "an answer that was cut off looks complete"
    );
    Ok(())
}

async fn slow(setup: &Setup, service: &str) -> Result<()> {
    let started = Instant::now();
    let response = ask(setup, json!(format!("GET http://app.test/{service}/slow?ms=400"))).await?;
    ensure!(response.status == 200 && response.body == b"slow\n", "status {}", response.status);
    ensure!(started.elapsed() >= Duration::from_millis(400), "too early");
    Ok(())
}

/// The first piece arrives long before the last is sent.
async fn stream(setup: &Setup, service: &str) -> Result<()> {
    let mut connection = Connection::open(setup.port).await?;
    let (status, headers) = connection.get(&format!("/{service}/stream?n=3&ms=400"), "").await?;
    ensure!(status == 200, "status {status}");
    connection.first_bytes().await?;
    let first = Instant::now();
    let body = connection.body(&headers).await?;
    ensure!(body == b"piece 0\npiece 1\npiece 2\n", "body {body:?}");
    ensure!(first.elapsed() >= Duration::from_millis(500), "all pieces came at once");
    Ok(())
}

async fn websocket(setup: &Setup, service: &str) -> Result<()> {
    let mut connection = Connection::open(setup.port).await?;
    let headers = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://app.test\r\n";
    let (status, headers) = connection.get(&format!("/{service}/ws"), headers).await?;
    ensure!(status == 101, "status {status}");
    // The answer to this key in RFC 6455, section 1.3.
    let accept = headers.get("sec-websocket-accept");
    ensure!(accept == Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "Sec-WebSocket-Accept: {accept:?}");
    echo(connection).await
}

async fn websocket_over_http2(setup: &Setup, service: &str) -> Result<()> {
    echo(Connection::websocket_over_http2(setup.port, &format!("/{service}/ws")).await?).await
}

/// Messages to a service that sends them back, and the end.
async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut connection: Connection<S>) -> Result<()> {
    const TEXT: u8 = 1;
    const BINARY: u8 = 2;
    const CLOSE: u8 = 8;
    // Below the read limit of 32 KiB that github.com/coder/websocket has.
    let long: Vec<u8> = (0..=255).cycle().take(30_000).collect();
    for (opcode, message) in [(TEXT, "grüezi".as_bytes()), (BINARY, &long), (TEXT, b"")] {
        connection.send_message(opcode, message).await?;
        let echoed = connection.message().await?;
        ensure!(
            echoed == (opcode, message.to_vec()),
            "{} bytes came back as {}",
            message.len(),
            echoed.1.len()
        );
    }
    connection.send_message(CLOSE, &1000_u16.to_be_bytes()).await?;
    let (opcode, _) = connection.message().await?;
    ensure!(opcode == CLOSE, "opcode {opcode} for a close");
    Ok(())
}

async fn upload(setup: &Setup, service: &str) -> Result<()> {
    for chunked in [false, true] {
        let url = format!("http://app.test/{service}/upload");
        let request =
            json!({"method": "POST", "url": url, "bodySize": UPLOAD, "chunked": chunked, "timeout": 20});
        let response = ask(setup, request).await?;
        let seen: Value =
            serde_json::from_slice(&response.body).with_context(|| format!("chunked: {chunked}"))?;
        expect_fields(&seen, &json!({"bytes": UPLOAD, "sha256": UPLOAD_SHA256}))?;
    }
    Ok(())
}

/// One connection of a client carries several requests, and so does the connection to the service.
async fn keep_alive(setup: &Setup, service: &str) -> Result<()> {
    let mut connection = Connection::open(setup.port).await?;
    let mut peers = Vec::new();
    for _ in 0..4 {
        let (status, headers) = connection.get(&format!("/{service}/inspect"), "").await?;
        ensure!(status == 200, "status {status}");
        let seen: Value = serde_json::from_slice(&connection.body(&headers).await?)?;
        peers.push(seen["peer"].as_str().context("no peer")?.to_owned());
    }
    peers.dedup();
    ensure!(peers.len() == 1, "the service was reached from {peers:?}");
    Ok(())
}

/// The status of a path of a service.
async fn status(setup: &Setup, path: &str) -> Result<u16> {
    Ok(ask(setup, json!(format!("GET http://app.test{path}"))).await?.status)
}

async fn lax_paths(setup: &Setup, service: &str) -> Result<()> {
    for path in ["/healthz", "/healthz/", "/HEALTHZ", "/Healthz/"] {
        let status = status(setup, &format!("/{service}{path}")).await?;
        ensure!(status == 200, "{path}: {status}");
    }
    Ok(())
}

async fn strict_paths(setup: &Setup, service: &str) -> Result<()> {
    for (path, expected) in [("/healthz", 200), ("/healthz/", 404), ("/HEALTHZ", 404), ("/Healthz/", 404)] {
        let status = status(setup, &format!("/{service}{path}")).await?;
        ensure!(status == expected, "{path}: want {expected}, got {status}");
    }
    Ok(())
}

async fn redirect_scheme(setup: &Setup) -> Result<()> {
    let text = format!("GET http://secure.localhost/inspect?a=b | {CLAIMS}");
    let forged = ask(setup, json!({"text": text, "source": UNTRUSTED})).await?;
    let target = location(&forged)?;
    ensure!(target == "https://secure.localhost/inspect?a=b", "Location: {target}");
    let behind_tls = ask(setup, json!({"text": text, "source": TRUSTED})).await?;
    ensure!(behind_tls.status == 200, "status {} with https", behind_tls.status);
    Ok(())
}
