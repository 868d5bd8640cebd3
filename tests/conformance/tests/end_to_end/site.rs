//! The router with one server behind it, over TLS and without.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ferroway_conformance::client::Client;
use ferroway_conformance::http1::Reader;
use ferroway_conformance::request::Request;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::certificates;
use crate::programs;
use crate::router::{Ports, Router};

const WEB: u16 = 8000;
const WEBSECURE: u16 = 8443;
const SERVER: u16 = 9000;

const FIXED: &str = r#"
entryPoints:
  web: {address: "127.0.0.1:8000"}
  websecure: {address: "127.0.0.1:8443"}
providers: {file: {filename: dynamic.yml}}
"#;

const DYNAMIC: &str = r#"
http:
  routers:
    plain: {rule: "PathPrefix(`/`)", entryPoints: [web], service: echo}
    secure: {rule: "PathPrefix(`/`)", entryPoints: [websecure], service: echo, tls: {}}
  services:
    echo: {loadBalancer: {servers: [{url: "http://127.0.0.1:9000"}]}}
tls:
  certificates: [{certFile: edge.pem, keyFile: edge.key}]
"#;

/// How long a connection to the server may be open.
const LIMIT: Duration = Duration::from_secs(300);

/// Everything that runs. Dropping it ends it.
pub(crate) struct Site {
    /// Where the certificates are.
    pub(crate) folder: PathBuf,
    /// The router's port without TLS.
    pub(crate) plain: u16,
    /// The router's port with TLS.
    pub(crate) secure: u16,
    server: JoinHandle<()>,
    _router: Router,
    _ports: Ports,
}

impl Site {
    /// Starts a server and the router.
    pub(crate) async fn start(router: &Path, suite: &str) -> Result<Self> {
        let folder = programs::folder(suite)?;
        certificates::make(&folder).await?;
        let ports = Ports::take(&[WEB, WEBSECURE, SERVER])?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.of(SERVER))).await?;
        let server = tokio::spawn(serve(listener));
        let router = Router::start(router, &folder, &ports.fill(FIXED), &ports.fill(DYNAMIC))?;
        ports.wait(&[WEB, WEBSECURE]).await?;
        let (plain, secure) = (ports.of(WEB), ports.of(WEBSECURE));
        wait_for_route(plain).await?;
        Ok(Self { folder, plain, secure, server, _router: router, _ports: ports })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Waits until the router has its configuration.
async fn wait_for_route(port: u16) -> Result<()> {
    let client = Client::new(BTreeMap::from([("web".to_owned(), port)]));
    let request = Request::try_from(json!("GET http://localhost/")).map_err(anyhow::Error::msg)?;
    let limit = Instant::now() + Duration::from_secs(20);
    while client.send(&request).await.response().is_none_or(|response| response.status != 200) {
        ensure!(Instant::now() < limit, "the router does not route");
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Sends back what it gets; a request without a body gets a greeting.
async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut reader = Reader::new(stream, LIMIT);
            // It fails when the router closes the connection.
            while answer(&mut reader).await.is_ok() {}
        });
    }
}

async fn answer(reader: &mut Reader<TcpStream>) -> Result<()> {
    let line = reader.line().await?;
    let fields = reader.fields().await?;
    let mut body = Vec::new();
    if fields.get("expect").is_some() {
        reader.stream().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    match fields.get("content-length") {
        Some(length) => reader.take(length.parse().context("a length")?, &mut body).await?,
        None if fields.get("transfer-encoding").is_some() => drop(reader.chunked(&mut body).await?),
        None => body.extend_from_slice(b"greetings from the server\n"),
    }
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let shown = if line.starts_with("HEAD ") { &[][..] } else { &body };
    reader.stream().write_all(&[head.as_bytes(), shown].concat()).await?;
    Ok(())
}
