//! What relaying costs by each method: CPU time of the relaying thread for answers of several sizes over
//! loopback.
//!
//! `cargo run --profile fast -p ferroway-tcp --example relay_cost`
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, not a product")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use ferroway_core::{Connections, Io};
use ferroway_tcp::{Method, relay_by};
use rustix::time::{ClockId, clock_gettime};

fn main() {
    println!("{:>10} {:>10} {:>12} {:>8}", "answer", "method", "CPU us each", "GB/s CPU");
    for (size, rounds) in
        [(120, 20_000), (16 << 10, 20_000), (64 << 10, 8_000), (1 << 20, 1_500), (16 << 20, 100)]
    {
        for method in [
            Method::Buffer,
            Method::Splice,
            Method::Adaptive,
            Method::Buffer,
            Method::Splice,
            Method::Adaptive,
        ] {
            let micros = measure(method, size, rounds);
            let speed = f64::from(u32::try_from(size).unwrap()) / micros / 1000.0;
            println!("{size:>10} {:>10} {micros:>12.1} {speed:>8.2}", format!("{method:?}"));
        }
    }
}

/// Microseconds of CPU for a small request and an answer of `size` bytes.
fn measure(method: Method, size: usize, rounds: u32) -> f64 {
    let (front, back) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (front_address, back_address) = (front.local_addr().unwrap(), back.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = back.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let answer = vec![b'a'; size];
        while stream.read_exact(&mut [0; 100]).is_ok() {
            stream.write_all(&answer).unwrap();
        }
    });
    let client = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(front_address).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut answer = vec![0; size];
        for _ in 0..rounds {
            stream.write_all(&[b'q'; 100]).unwrap();
            stream.read_exact(&mut answer).unwrap();
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let before = cpu();
    runtime.block_on(async {
        front.set_nonblocking(true).unwrap();
        let (client, _) = tokio::net::TcpListener::from_std(front).unwrap().accept().await.unwrap();
        let server = tokio::net::TcpStream::connect(back_address).await.unwrap();
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let connections = Connections::default();
        let registration = connections.enter();
        relay_by(method, Io::Tcp(client), Io::Tcp(server), Some(Duration::ZERO), &registration).await;
    });
    let used = cpu() - before;
    client.join().unwrap();
    server.join().unwrap();
    used.as_secs_f64() * 1e6 / f64::from(rounds)
}

fn cpu() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}
