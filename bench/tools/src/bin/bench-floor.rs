//! The floor: a blind relay on one thread. Two reads and two writes for a request and its answer and nothing else, so no
//! proxy that copies through user space can cost less.
//!
//! `bench-floor LISTEN-ADDRESS BACKEND-ADDRESS`

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};

use anyhow::{Context, Result};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

/// Sockets by their number, each with the number of the other side as long as that is open.
type Pairs = Vec<Option<(TcpStream, Option<usize>)>>;

/// The largest number that a socket can get.
const MAX_SOCKETS: usize = 1 << 16;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut address = |name| -> Result<SocketAddr> { args.next().context(name)?.parse().context(name) };
    let (listen, backend) = (address("LISTEN-ADDRESS")?, address("BACKEND-ADDRESS")?);
    let listener = TcpListener::bind(listen)?;
    listener.set_nonblocking(true)?;

    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    watch(&poll, &listener)?;
    let mut pairs = Pairs::new();
    pairs.resize_with(MAX_SOCKETS, || None);
    let mut buffer = vec![0; 1 << 16];
    let mut events = Vec::with_capacity(1024);
    loop {
        events.clear();
        epoll::wait(&poll, spare_capacity(&mut events), None)?;
        for event in &events {
            let ready = usize::try_from(event.data.u64())?;
            if ready == number(&listener) {
                while let Ok((client, _)) = listener.accept() {
                    connect(&poll, &mut pairs, client, backend)?;
                }
            } else {
                relay(&mut pairs, ready, &mut buffer);
            }
        }
    }
}

fn number(socket: &impl AsRawFd) -> usize {
    usize::try_from(socket.as_raw_fd()).expect("file descriptors are not negative")
}

fn watch(poll: &OwnedFd, socket: &(impl AsRawFd + std::os::fd::AsFd)) -> Result<()> {
    let data = epoll::EventData::new_u64(number(socket) as u64);
    Ok(epoll::add(poll, socket, data, epoll::EventFlags::IN)?)
}

/// Takes a connection and opens the one behind it; without that it is dropped.
fn connect(poll: &OwnedFd, pairs: &mut Pairs, client: TcpStream, backend: SocketAddr) -> Result<()> {
    let Ok(server) = TcpStream::connect(backend) else { return Ok(()) };
    let (client_number, server_number) = (number(&client), number(&server));
    for (socket, other) in [(client, server_number), (server, client_number)] {
        socket.set_nodelay(true)?;
        // Writes wait, and reads follow an event.
        socket.set_nonblocking(false)?;
        watch(poll, &socket)?;
        let own = number(&socket);
        *pairs.get_mut(own).context("too many sockets")? = Some((socket, Some(other)));
    }
    Ok(())
}

/// One read and one write. At the end of one side it is closed, and the other one when its end is seen in turn.
fn relay(pairs: &mut Pairs, ready: usize, buffer: &mut [u8]) {
    let Some((from, other)) = &pairs[ready] else { return };
    let (mut from, other) = (from, *other);
    let to = other.and_then(|other| pairs[other].as_ref()).map(|(socket, _)| socket);
    let read = from.read(buffer).unwrap_or(0);
    if to.is_some_and(|mut to| read > 0 && to.write_all(&buffer[..read]).is_ok()) {
        return;
    }
    pairs[ready] = None;
    if let Some((to, back)) = other.and_then(|other| pairs[other].as_mut()) {
        // It may have ended by itself already. The number of this side is free for another connection now.
        let _ = to.shutdown(Shutdown::Both);
        *back = None;
    }
}
