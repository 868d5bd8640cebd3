//! Answers every request over plain HTTP/2 on one thread: for `h2spec`, `h2load` and profilers.
//!
//! `cargo run --release --example h2_server -- 127.0.0.1:8080`

use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use ferroway_core::{Body, ConnInfo, Connections, Exchange, Io, Request, Response};
use ferroway_http::h2::server::{Limits, serve};
use ferroway_http::server::{Handler, Sent, Settings};
use http::StatusCode;

struct Answer;

impl Handler for Answer {
    async fn handle(&self, mut request: Request, _: &mut Exchange) -> Response {
        let mut response = Response::new(StatusCode::OK);
        if request.head.target.path() == "/echo" {
            response.body = request.body;
            return response;
        }
        while let Ok(n @ 1..) = poll_fn(|cx| request.body.poll_fill(cx)).await {
            request.body.consume(n);
        }
        response.body = Body::full(&b"Hello, World!"[..]);
        response
    }

    fn done(&self, _: &mut Exchange, _: &Sent<'_>) {}
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())?;
    runtime.block_on(async {
        tokio::task::spawn_local(ferroway_core::clock::tick());
        let listener = tokio::net::TcpListener::bind(address).await?;
        let connections = Connections::default();
        loop {
            let (stream, peer) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let registration = connections.enter();
            tokio::task::spawn_local(async move {
                let conn = Rc::new(ConnInfo::new("web".into(), peer));
                let settings = Settings {
                    read_timeout: Some(Duration::from_secs(60)),
                    write_timeout: None,
                    idle_timeout: Some(Duration::from_secs(180)),
                    max_header_bytes: 1 << 20,
                    keep_alive_max_time: None,
                    keep_alive_max_requests: None,
                };
                let limits = Limits::default();
                serve(Io::Tcp(stream), conn, &settings, &limits, &Answer, &registration).await;
            });
        }
    })
}
