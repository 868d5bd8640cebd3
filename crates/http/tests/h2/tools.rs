//! Other people's clients against the side towards clients, over TCP. One that is not installed is passed over,
//! by name.

use std::net::Ipv4Addr;
use std::process::{Command, Output};
use std::rc::Rc;
use std::time::Duration;

use ferroway_core::{ConnInfo, Connections, Io};
use ferroway_http::h2::server::{Limits, serve};
use tokio::net::TcpListener;

use crate::support::{Paths, settings};

/// Runs a client against a server of its own; `PORT` in the arguments is the server's.
#[expect(clippy::print_stderr, reason = "tells what was not tested")]
fn run_client(program: &'static str, arguments: &[&str]) -> Option<Output> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port().to_string();
        tokio::task::spawn_local(accept(listener));
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.replace("PORT", &port)).collect();
        let running = tokio::task::spawn_blocking(move || Command::new(program).args(arguments).output());
        let output = tokio::time::timeout(Duration::from_secs(30), running).await;
        match output.expect("the client hangs").expect("no panic") {
            Ok(output) => Some(output),
            Err(error) => {
                eprintln!("passed over: {program} ({error})");
                None
            }
        }
    })
}

async fn accept(listener: TcpListener) {
    let connections = Connections::default();
    let handler = Rc::new(Paths::default());
    while let Ok((stream, peer)) = listener.accept().await {
        let (registration, handler) = (connections.enter(), handler.clone());
        tokio::task::spawn_local(async move {
            let conn = Rc::new(ConnInfo::new("web".into(), peer));
            let (settings, limits) = (settings(), Limits::default());
            serve(Io::Tcp(stream), conn, &settings, &limits, &*handler, &registration).await;
        });
    }
}

#[test]
fn clients() {
    const CURL: &[&str] = &["-sS", "--max-time", "20", "--http2-prior-knowledge"];
    for (program, arguments, expected) in [
        ("curl", [CURL, &["http://127.0.0.1:PORT/hello"]].concat(), "/hello"),
        ("curl", [CURL, &["-d", "12345", "http://127.0.0.1:PORT/read"]].concat(), "12345"),
        (
            "curl",
            [CURL, &["-w", "%{size_download}", "-o", "/dev/null", "http://127.0.0.1:PORT/big"]].concat(),
            "300000",
        ),
        ("curl", [CURL, &["-i", "http://127.0.0.1:PORT/interim"]].concat(), "HTTP/2 103"),
        ("nghttp", vec!["-nv", "http://127.0.0.1:PORT/trailers"], "grpc-status: 0"),
        ("h2load", vec!["-n", "2000", "-c", "4", "-m", "10", "http://127.0.0.1:PORT/x"], "2000 succeeded"),
    ] {
        if let Some(output) = run_client(program, &arguments) {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(text.contains(expected), "{program} {arguments:?}: {text}");
        }
    }
}
