//! Batches by `recvmmsg` and `sendmmsg`.
//!
//! rustix, which is used for system calls elsewhere, has only the latter. That of nix does not tell how many were sent
//! without reading what it has not initialised.

use std::array;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::slice;

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrLike, SockaddrStorage, recvmmsg};
use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::{DATAGRAMS, LARGEST, Received, dropped};

/// What the kernel fills in beside the datagrams.
pub(super) struct Receiver {
    /// The room for a source is as long as the one before was, hence it is for a single socket.
    with_source: MultiHeaders<SockaddrStorage>,
    without: MultiHeaders<()>,
}

impl Receiver {
    pub(super) fn new() -> Self {
        Self {
            with_source: MultiHeaders::preallocate(DATAGRAMS, None),
            without: MultiHeaders::preallocate(DATAGRAMS, None),
        }
    }

    pub(super) fn receive_from(
        &mut self,
        socket: &UdpSocket,
        slots: &mut [u8],
        received: &mut Vec<Received>,
    ) -> io::Result<()> {
        receive(&mut self.with_source, socket, slots, |length, source| {
            received.push(Received { length, source: source.and_then(address) });
        })
    }

    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        slots: &mut [u8],
        received: &mut Vec<Received>,
    ) -> io::Result<()> {
        receive(&mut self.without, socket, slots, |length, _| {
            received.push(Received { length, source: None })
        })
    }
}

fn receive<S: SockaddrLike + Copy>(
    headers: &mut MultiHeaders<S>,
    socket: &UdpSocket,
    slots: &mut [u8],
    mut take: impl FnMut(usize, Option<S>),
) -> io::Result<()> {
    let mut slots = slots.chunks_exact_mut(LARGEST);
    let mut slots: [_; DATAGRAMS] = array::from_fn(|_| [IoSliceMut::new(slots.next().unwrap_or_default())]);
    let mut count = 0;
    let outcome = socket.try_io(Interest::READABLE, || {
        for datagram in recvmmsg(socket.as_raw_fd(), headers, &mut slots, MsgFlags::empty(), None)? {
            take(datagram.bytes, datagram.address);
            count += 1;
        }
        // Fewer than there is room for were all: the next call need not ask the kernel, it waits for news.
        if count < DATAGRAMS { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    });
    if count > 0 { Ok(()) } else { outcome }
}

fn address(source: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = source.as_sockaddr_in().map(|source| SocketAddr::from(*source));
    v4.or_else(|| source.as_sockaddr_in6().map(|source| SocketAddr::from(*source)))
}

/// Sends more than one.
pub(super) fn send<'a>(
    socket: &UdpSocket,
    to: Option<SocketAddr>,
    datagrams: impl ExactSizeIterator<Item = &'a [u8]>,
) {
    let to = to.map(|address| address.as_any());
    let mut controls: Vec<_> = (0..datagrams.len()).map(|_| SendAncillaryBuffer::default()).collect();
    let datagrams: Vec<_> = datagrams.map(IoSlice::new).collect();
    let headers = datagrams.iter().map(slice::from_ref).zip(&mut controls);
    let mut headers: Vec<_> = headers
        .map(|(datagram, control)| match &to {
            Some(address) => MMsgHdr::new_with_addr(address, datagram, control),
            None => MMsgHdr::new(datagram, control),
        })
        .collect();
    let mut rest = &mut *headers;
    while !rest.is_empty() {
        let sent = socket.try_io(Interest::WRITABLE, || Ok(sendmmsg(socket, rest, SendFlags::empty())?));
        let done = match sent {
            Ok(sent) => sent,
            Err(error) => {
                dropped(&error);
                if error.kind() == io::ErrorKind::WouldBlock {
                    return;
                }
                // It is about the first one alone, or about a datagram sent earlier.
                1
            }
        };
        rest = rest.get_mut(done..).unwrap_or_default();
    }
}
