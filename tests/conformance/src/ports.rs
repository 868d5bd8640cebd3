//! Loopback ports that nobody else gets while they are in use.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Socket, Type};

/// A port of 127.0.0.1 that is held for a server which binds it later.
///
/// The socket is bound but does not listen. With `SO_REUSEADDR` on both sides, which every server sets, another
/// process may still bind and listen; until then connecting is refused. The kernel gives the port to nobody who asks
/// for any port, so several runs on one machine do not meet.
#[derive(Debug)]
pub struct ReservedPort {
    number: u16,
    _holder: Socket,
}

impl ReservedPort {
    /// Takes a free port.
    ///
    /// # Errors
    /// When the system has none.
    pub fn take() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address =
            socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("no port was assigned"))?;
        Ok(Self { number: address.port(), _holder: socket })
    }

    /// Takes a port that is free for datagrams, too. Those are not held, as servers do not set `SO_REUSEADDR` there.
    ///
    /// # Errors
    /// When the system has none.
    pub fn take_for_udp() -> io::Result<Self> {
        for _ in 0..100 {
            let port = Self::take()?;
            if UdpSocket::bind((Ipv4Addr::LOCALHOST, port.number)).is_ok() {
                return Ok(port);
            }
        }
        Err(io::Error::other("no port is free for datagrams"))
    }

    /// The port number.
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_reserved_port_refuses_until_a_server_listens() {
        let port = ReservedPort::take().unwrap();
        let address = (Ipv4Addr::LOCALHOST, port.number());
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let listener = TcpListener::bind(address).unwrap();
        TcpStream::connect(address).unwrap();
        drop(listener);
    }
}
