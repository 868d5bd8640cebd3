//! Batches of datagrams: what one system call receives or sends, where the system has such calls.
//!
//! One datagram costs little more than its system calls, so a burst is worth taking at once. Datagrams are not kept
//! in either direction: what a socket does not take is dropped, as networks do.

#[cfg(target_os = "linux")]
#[path = "mmsg.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "single.rs"]
mod system;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;

/// The most datagrams of one batch.
pub(super) const DATAGRAMS: usize = 32;
/// The largest datagram, and a byte more.
const LARGEST: usize = 65_536;

/// Room for the datagrams that are received together. Of a datagram's 64 KiB only the pages that one has filled
/// take memory.
pub(super) struct Batch {
    slots: Box<[u8]>,
    /// One for each slot in use.
    received: Vec<Received>,
    receiver: system::Receiver,
}

/// What is known of a datagram in its slot.
struct Received {
    length: usize,
    /// Of those that come from a connected socket it is not asked.
    source: Option<SocketAddr>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![0; DATAGRAMS * LARGEST].into(),
            received: Vec::with_capacity(DATAGRAMS),
            receiver: system::Receiver::new(),
        }
    }

    /// Receives what has come to a socket: runs of datagrams with the same source, in order. It has to be the same
    /// socket each time.
    ///
    /// As in `try_recv_from`, the error is `WouldBlock` when there is nothing.
    pub(super) fn receive_from(
        &mut self,
        socket: &UdpSocket,
    ) -> io::Result<impl Iterator<Item = (SocketAddr, impl ExactSizeIterator<Item = &[u8]>)>> {
        self.received.clear();
        self.receiver.receive_from(socket, &mut self.slots, &mut self.received)?;
        let mut slots = &*self.slots;
        let runs = self.received.chunk_by(|one, next| one.source == next.source);
        Ok(runs.filter_map(move |run| {
            let (of_run, rest) = slots.split_at(run.len() * LARGEST);
            slots = rest;
            Some((run[0].source?, datagrams(of_run, run)))
        }))
    }

    /// Receives what has come to a connected socket, in order.
    pub(super) fn receive(&mut self, socket: &UdpSocket) -> io::Result<impl ExactSizeIterator<Item = &[u8]>> {
        self.received.clear();
        self.receiver.receive(socket, &mut self.slots, &mut self.received)?;
        Ok(datagrams(&self.slots, &self.received))
    }
}

fn datagrams<'a>(slots: &'a [u8], received: &'a [Received]) -> impl ExactSizeIterator<Item = &'a [u8]> {
    slots.chunks_exact(LARGEST).zip(received).map(|(slot, datagram)| &slot[..datagram.length])
}

/// Sends datagrams in order, to where the socket is connected if no address is given.
///
/// What the other side refuses (nobody listens there) or the kernel does not take is lost, as UDP allows.
pub(super) fn send<'a>(
    socket: &UdpSocket,
    to: Option<SocketAddr>,
    mut datagrams: impl ExactSizeIterator<Item = &'a [u8]>,
) {
    if datagrams.len() > 1 {
        system::send(socket, to, datagrams);
    } else if let Some(datagram) = datagrams.next() {
        // The call for one is the cheaper one.
        send_one(socket, to, datagram);
    }
}

fn send_one(socket: &UdpSocket, to: Option<SocketAddr>, datagram: &[u8]) {
    let sent = match to {
        Some(address) => socket.try_send_to(datagram, address),
        None => socket.try_send(datagram),
    };
    if let Err(error) = sent {
        dropped(&error);
    }
}

fn dropped(error: &io::Error) {
    tracing::debug!(%error, "datagram dropped");
}
