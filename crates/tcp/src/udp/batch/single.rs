//! Batches where the system receives and sends datagrams one by one.

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;

use super::{LARGEST, Received, send_one};

pub(super) struct Receiver;

impl Receiver {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn receive_from(
        &mut self,
        socket: &UdpSocket,
        slots: &mut [u8],
        received: &mut Vec<Received>,
    ) -> io::Result<()> {
        fill(slots, received, |slot| {
            let (length, source) = socket.try_recv_from(slot)?;
            Ok(Received { length, source: Some(source) })
        })
    }

    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        slots: &mut [u8],
        received: &mut Vec<Received>,
    ) -> io::Result<()> {
        fill(slots, received, |slot| Ok(Received { length: socket.try_recv(slot)?, source: None }))
    }
}

fn fill(
    slots: &mut [u8],
    received: &mut Vec<Received>,
    mut receive: impl FnMut(&mut [u8]) -> io::Result<Received>,
) -> io::Result<()> {
    for slot in slots.chunks_exact_mut(LARGEST) {
        match receive(slot) {
            Ok(datagram) => received.push(datagram),
            Err(error) if received.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(())
}

/// Sends more than one.
pub(super) fn send<'a>(
    socket: &UdpSocket,
    to: Option<SocketAddr>,
    datagrams: impl ExactSizeIterator<Item = &'a [u8]>,
) {
    datagrams.for_each(|datagram| send_one(socket, to, datagram));
}
