//! Load of datagrams on one thread: each of some sockets sends one when the one before has come back.
//!
//! `bench-datagrams ADDRESS SOCKETS SECONDS`

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

/// Size of a datagram.
const SIZE: usize = 120;

/// A datagram that has not come back by then is lost, and the next one is sent.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often lost datagrams are looked for.
const LOOK: Duration = Duration::from_millis(100);

/// A client: its socket, and what it waits for.
struct Client {
    socket: UdpSocket,
    sent: Instant,
    count: u64,
}

/// What came of it all.
#[derive(Default)]
struct Outcome {
    lost: u64,
    /// How long each answer took, in microseconds.
    micros: Vec<u32>,
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = |name| args.next().context(name);
    let address: SocketAddr = next("ADDRESS")?.parse()?;
    let sockets: usize = next("SOCKETS")?.parse()?;
    let end = Instant::now() + Duration::from_secs(next("SECONDS")?.parse()?);
    let mut outcome = run(address, sockets, end)?;
    outcome.micros.sort_unstable();
    let p99 = outcome.micros.get(outcome.micros.len() * 99 / 100).copied().unwrap_or_default();
    let text = format!("{} answered, {} lost, p99 {p99} us\n", outcome.micros.len(), outcome.lost);
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?;
    Ok(())
}

fn run(address: SocketAddr, sockets: usize, end: Instant) -> Result<Outcome> {
    ensure!(sockets > 0, "no socket, no load");
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut clients = Vec::with_capacity(sockets);
    for number in 0..sockets {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(&poll, &socket, data, epoll::EventFlags::IN)?;
        let mut client = Client { socket, sent: Instant::now(), count: 0 };
        client.send();
        clients.push(client);
    }
    let mut outcome = Outcome::default();
    let mut events = Vec::with_capacity(sockets);
    let mut look = Instant::now() + LOOK;
    while Instant::now() < end {
        events.clear();
        epoll::wait(&poll, spare_capacity(&mut events), Some(&Timespec::try_from(LOOK)?))?;
        for event in &events {
            clients[usize::try_from(event.data.u64())?].receive(&mut outcome);
        }
        if Instant::now() >= look {
            look += LOOK;
            for client in clients.iter_mut().filter(|client| client.sent.elapsed() > PATIENCE) {
                outcome.lost += 1;
                client.send();
            }
        }
    }
    Ok(outcome)
}

impl Client {
    fn send(&mut self) {
        self.count += 1;
        self.sent = Instant::now();
        let mut datagram = [b'x'; SIZE];
        datagram[..8].copy_from_slice(&self.count.to_be_bytes());
        // What cannot be sent is lost like what does not come back.
        let _ = self.socket.send(&datagram);
    }

    /// Takes an answer. One that comes after it was given up is not counted again.
    fn receive(&mut self, outcome: &mut Outcome) {
        let mut datagram = [0; SIZE + 1];
        let Ok(length) = self.socket.recv(&mut datagram) else { return };
        if length == SIZE && datagram[..8] == self.count.to_be_bytes() {
            let micros = self.sent.elapsed().as_micros();
            outcome.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
            self.send();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_losses_are_counted() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        let address = server.local_addr().expect("bound");
        let dropped = 3;
        std::thread::spawn(move || {
            let mut datagram = [0; SIZE];
            for number in 0.. {
                let (length, client) = server.recv_from(&mut datagram).expect("a datagram");
                if number >= dropped {
                    server.send_to(&datagram[..length], client).expect("sent");
                }
            }
        });
        let outcome = run(address, 4, Instant::now() + PATIENCE * 2).expect("a run");
        assert_eq!(outcome.lost, dropped);
        assert!(outcome.micros.len() > 4, "{}", outcome.micros.len());
    }
}
