//! The floor: a blind relay on one thread, of connections or of datagrams. It reads and writes and does nothing else, so
//! no proxy that copies through user space can cost less.
//!
//! `bench-floor [--udp] LISTEN-ADDRESS BACKEND-ADDRESS`

mod tcp;
mod udp;

use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use anyhow::{Context, Result};
use rustix::event::epoll;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1).peekable();
    let run = if args.next_if_eq("--udp").is_some() { udp::run } else { tcp::run };
    let mut address = |name| -> Result<SocketAddr> { args.next().context(name)?.parse().context(name) };
    run(address("LISTEN-ADDRESS")?, address("BACKEND-ADDRESS")?)
}

/// The number that the events of a socket have.
fn number(socket: &impl AsRawFd) -> usize {
    usize::try_from(socket.as_raw_fd()).expect("file descriptors are not negative")
}

fn watch(poll: &OwnedFd, socket: &(impl AsRawFd + AsFd)) -> Result<()> {
    let data = epoll::EventData::new_u64(number(socket) as u64);
    Ok(epoll::add(poll, socket, data, epoll::EventFlags::IN)?)
}
