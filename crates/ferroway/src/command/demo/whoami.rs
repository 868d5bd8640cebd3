//! A service that tells what arrived, on ferroway's own HTTP engine.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use ferroway_core::header::canonical;
use ferroway_core::{Body, ConnInfo, Connections, Exchange, Io, Request, Response};
use ferroway_http::h1::server::serve;
use ferroway_http::server::{Handler, Sent, Settings};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

/// Starts one on a free port of the loopback address; it ends with the process.
pub(super) fn start(name: &'static str) -> anyhow::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(tokio::runtime::LocalOptions::default());
        match runtime {
            Ok(runtime) => runtime.block_on(accept(name, listener)),
            Err(error) => tracing::error!(%error, "the service {name} cannot run"),
        }
    })?;
    Ok(address)
}

async fn accept(name: &'static str, listener: std::net::TcpListener) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the service {name} cannot listen"),
    };
    let connections = Connections::default();
    loop {
        let (stream, peer) = ferroway_listener::accept(&listener, name).await;
        let registration = connections.enter();
        tokio::task::spawn_local(async move {
            let conn = Rc::new(ConnInfo::new(name.into(), peer));
            serve(Io::Tcp(stream), conn, &settings(), &Whoami(name), &registration).await;
        });
    }
}

fn settings() -> Settings {
    Settings {
        read_timeout: Some(Duration::from_secs(60)),
        write_timeout: None,
        idle_timeout: Some(Duration::from_secs(180)),
        max_header_bytes: 1 << 20,
        keep_alive_max_time: None,
        keep_alive_max_requests: None,
    }
}

/// Answers with the request, as text.
struct Whoami(&'static str);

impl Handler for Whoami {
    async fn handle(&self, request: Request, exchange: &mut Exchange) -> Response {
        let head = &request.head;
        let mut text = format!("Name: {}\nRemoteAddr: {}\n", self.0, exchange.conn.peer);
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "{} {} HTTP/1.1\nHost: {}", head.method, head.target.as_str(), head.host_str());
        for (name, value) in &head.headers {
            let _ = writeln!(text, "{}: {}", canonical(name), String::from_utf8_lossy(value.as_bytes()));
        }
        let mut response = Response::new(StatusCode::OK);
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        response.head.headers.insert(CONTENT_TYPE, kind);
        response.body = Body::full(text);
        response
    }

    fn done(&self, _: &mut Exchange, _: &Sent<'_>) {}
}
