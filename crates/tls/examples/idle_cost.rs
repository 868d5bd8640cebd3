//! How much memory an idle TLS connection takes: `cargo run --release -p ferroway-tls --example idle_cost [connections]`.
//!
//! The clients are a process of their own, so that what grows here is the server's side alone: rustls's state and
//! buffers, the socket's registration, and the box that the stream is put into.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::dynamic::TlsOptions;
use ferroway_core::{Duplex, Io};
use ferroway_tls::{Acceptor, Certificates, ClientOptions, Connector, Files, Received, Sniffed, Sniffer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match &arguments[..] {
        [count, address] => runtime.block_on(clients(count.parse()?, address.parse()?)),
        [count] => runtime.block_on(server(count.parse()?)),
        _ => runtime.block_on(server(2000)),
    }
}

async fn server(count: usize) -> Result<()> {
    let (certificates, _) = Certificates::load([], &Arc::default(), &Files::default(), None);
    let (acceptor, _) =
        Acceptor::new("default", &TlsOptions::default(), &Arc::new(certificates), &Files::default())?;
    let listener = TcpListener::bind((LOCAL, 0)).await?;
    let mut clients = Command::new(std::env::current_exe()?);
    let mut clients = clients.args([(count + 100).to_string(), listener.local_addr()?.to_string()]);
    clients = clients.stdin(Stdio::piped());
    let mut clients = clients.spawn()?;
    // The first hundred warm up what is allocated once.
    let mut idle = Vec::with_capacity(count + 100);
    let mut before = 0;
    for number in 0..count + 100 {
        if number == 100 {
            before = resident()?;
        }
        idle.push(serve(&acceptor, listener.accept().await?.0).await?);
    }
    let each = resident()?.saturating_sub(before) / count;
    drop(clients.stdin.take());
    clients.wait()?;
    #[expect(clippy::print_stdout, reason = "the answer")]
    {
        println!("{each} bytes for each of {count} idle connections");
    }
    Ok(())
}

/// Accepts a client, answers what it asks, and waits until it is idle.
async fn serve(acceptor: &Acceptor, mut io: TcpStream) -> Result<Box<dyn Duplex>> {
    let (mut bytes, mut sniffer) = (Vec::new(), Sniffer::default());
    let hello = loop {
        io.read_buf(&mut bytes).await?;
        if let Sniffed::Hello(hello) = sniffer.read(&bytes)? {
            break hello;
        }
    };
    let received = Received { hello, bytes: &bytes };
    let accepted = acceptor.accept(Io::Tcp(io), received, LOCAL, deadline()).await?;
    let mut stream = accepted.stream;
    let mut request = vec![0; 10_000];
    stream.read_exact(&mut request).await?;
    stream.write_all(&request).await?;
    stream.flush().await?;
    let idle = std::future::poll_fn(|cx| std::task::Poll::Ready(stream.poll_readable(cx).is_pending())).await;
    assert!(idle, "the client waits");
    Ok(stream)
}

async fn clients(count: usize, address: SocketAddr) -> Result<()> {
    let (connector, _) =
        Connector::new(&ClientOptions { insecure_skip_verify: true, ..ClientOptions::default() })?;
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        let io = Io::Tcp(TcpStream::connect(address).await?);
        let mut stream = connector.connect(io, "idle.test", deadline()).await?;
        stream.write_all(&[0; 10_000]).await?;
        stream.read_exact(&mut vec![0; 10_000]).await?;
        open.push(stream);
    }
    // Until the server has measured.
    std::io::Read::read(&mut std::io::stdin(), &mut [0])?;
    Ok(())
}

fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

/// Bytes of memory that the process has.
fn resident() -> Result<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    Ok(pages.split(' ').nth(1).ok_or("no resident pages")?.parse::<usize>()? * 4096)
}
