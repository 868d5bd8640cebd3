//! Binding UDP entry points.

use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

use crate::address::bind_first;
use crate::{Address, BindError};

/// Bytes that the kernel is asked to hold for us in either direction; it caps this at `net.core.rmem_max` and
/// `wmem_max`. Bursts of many clients come through one socket.
const BUFFER: usize = 2 << 20;

/// Binds a UDP socket to an address; it is non-blocking. `reuse_port` lets several sockets share it.
///
/// # Errors
/// The address is taken, not ours, or not allowed.
pub fn bind_udp(address: &Address, reuse_port: bool) -> Result<UdpSocket, BindError> {
    bind_first(address, |candidate| open(candidate, reuse_port))
}

fn open(address: SocketAddr, reuse_port: bool) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    if reuse_port {
        socket.set_reuse_port(true)?;
    }
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_send_buffer_size(BUFFER)?;
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_address_says_so_unless_it_is_shared() {
        for reuse_port in [false, true] {
            let first = bind_udp(&Address::parse_udp("127.0.0.1:0/udp").expect("valid"), reuse_port);
            let address = first.as_ref().expect("a free port").local_addr().expect("bound").to_string();
            let second = bind_udp(&Address::parse_udp(&format!("{address}/udp")).expect("valid"), reuse_port);
            let expected = format!("the address {address} is already in use by another process");
            assert_eq!(second.err().map(|error| error.to_string()), (!reuse_port).then_some(expected));
        }
    }
}
