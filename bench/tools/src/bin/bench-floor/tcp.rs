//! The floor of connections: two reads and two writes for a request and its answer.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;

use anyhow::{Context, Result};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::{number, watch};

/// Sockets by their number, each with the number of the other side as long as that is open.
type Pairs = Vec<Option<(TcpStream, Option<usize>)>>;

/// The largest number that a socket can get.
const MAX_SOCKETS: usize = 1 << 16;

/// Relays until the process is ended.
pub(crate) fn run(listen: SocketAddr, backend: SocketAddr) -> Result<()> {
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
