//! The floor of datagrams: a socket to the server for each client, and a read and a write for each datagram.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use anyhow::Result;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::{number, watch};

/// Relays until the process is ended. Sessions last as long.
pub(crate) fn run(listen: SocketAddr, backend: SocketAddr) -> Result<()> {
    let front = UdpSocket::bind(listen)?;
    front.set_nonblocking(true)?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    watch(&poll, &front)?;
    let mut sessions = HashMap::<SocketAddr, usize>::new();
    let mut backs = HashMap::<usize, (UdpSocket, SocketAddr)>::new();
    let mut buffer = vec![0; 1 << 16];
    let mut events = Vec::with_capacity(1024);
    loop {
        events.clear();
        epoll::wait(&poll, spare_capacity(&mut events), None)?;
        for event in &events {
            // Datagrams that one side does not take are lost, as datagrams are.
            if let Some((back, client)) = backs.get(&usize::try_from(event.data.u64())?) {
                if let Ok(length) = back.recv(&mut buffer) {
                    let _ = front.send_to(&buffer[..length], client);
                }
                continue;
            }
            while let Ok((length, client)) = front.recv_from(&mut buffer) {
                let session = match sessions.get(&client) {
                    Some(session) => *session,
                    None => {
                        let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                        back.connect(backend)?;
                        back.set_nonblocking(true)?;
                        watch(&poll, &back)?;
                        let session = number(&back);
                        backs.insert(session, (back, client));
                        sessions.insert(client, session);
                        session
                    }
                };
                let _ = backs[&session].0.send(&buffer[..length]);
            }
        }
    }
}
