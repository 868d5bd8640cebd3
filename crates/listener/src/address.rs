//! Entry point addresses, and binding them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

/// Connections that the kernel holds until they are accepted; it caps this at `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// Pause between TCP keep-alive probes, and before the first one.
const KEEP_ALIVE: Duration = Duration::from_secs(180);

/// An entry point's address: `[host]:port[/tcp|/udp]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

/// Why an address cannot be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid address {text:?}: {problem}; expected [host]:port[/tcp|/udp]")]
pub struct AddressError {
    text: String,
    problem: &'static str,
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("the address {0} is already in use by another process")]
    InUse(String),
    /// The process may not.
    #[error(
        "no permission to listen on {0}: ports below {first} need CAP_NET_BIND_SERVICE or \
         the sysctl net.ipv4.ip_unprivileged_port_start",
        first = 1024
    )]
    Permission(String),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Other(String, io::Error),
}

impl Address {
    /// Understands an address. An empty host means all addresses, IPv4 and IPv6.
    ///
    /// # Errors
    /// It has not the expected form.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        match text.rsplit_once('/') {
            None => Self::parse_plain(text, text),
            Some((plain, protocol)) if protocol.eq_ignore_ascii_case("tcp") => Self::parse_plain(text, plain),
            Some(_) => Err(AddressError { text: text.to_owned(), problem: "the protocol is not tcp" }),
        }
    }

    /// Understands the address of a UDP entry point, `[host]:port/udp`.
    ///
    /// # Errors
    /// It has not the expected form.
    pub fn parse_udp(text: &str) -> Result<Self, AddressError> {
        match text.rsplit_once('/') {
            Some((plain, protocol)) if protocol.eq_ignore_ascii_case("udp") => Self::parse_plain(text, plain),
            _ => Err(AddressError { text: text.to_owned(), problem: "the protocol is not udp" }),
        }
    }

    /// Understands `plain`, which is `text` without its protocol.
    fn parse_plain(text: &str, plain: &str) -> Result<Self, AddressError> {
        let error = |problem| AddressError { text: text.to_owned(), problem };
        let (host, port) = plain.rsplit_once(':').ok_or_else(|| error("no port"))?;
        let port = port.parse().map_err(|_| error("the port is not a number up to 65535"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if bare.is_none() && host.contains(':') {
            return Err(error("an IPv6 address needs brackets"));
        }
        Ok(Self { host: bare.unwrap_or(host).to_owned(), port })
    }

    fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        if self.host.is_empty() {
            // The second is for kernels without IPv6.
            return Ok(vec![
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, self.port)),
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, self.port)),
            ]);
        }
        Ok((self.host.as_str(), self.port).to_socket_addrs()?.collect())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Listens on an address. `reuse_port` lets several sockets share it.
///
/// # Errors
/// The address is taken, not ours, or not allowed.
pub fn bind(address: &Address, reuse_port: bool) -> Result<TcpListener, BindError> {
    bind_first(address, |candidate| open(candidate, reuse_port))
}

/// Opens a socket on the first of the addresses of a host that can be had.
pub(crate) fn bind_first<S>(
    address: &Address,
    open: impl Fn(SocketAddr) -> io::Result<S>,
) -> Result<S, BindError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(address.to_string()),
        io::ErrorKind::PermissionDenied => BindError::Permission(address.to_string()),
        _ => BindError::Other(address.to_string(), error),
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for candidate in address.resolve().map_err(failed)? {
        match open(candidate) {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(failed(error)),
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

fn open(address: SocketAddr, reuse_port: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_reuse_address(true)?;
    if reuse_port {
        socket.set_reuse_port(true)?;
    }
    set_up(&SockRef::from(&socket))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// What each listening socket has. Accepted connections inherit the options of TCP.
pub(crate) fn set_up(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE))?;
    socket.set_nonblocking(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            (":80", Ok(":80")),
            ("127.0.0.1:0/tcp", Ok("127.0.0.1:0")),
            ("[::1]:8080/TCP", Ok("[::1]:8080")),
            ("localhost:443", Ok("localhost:443")),
            ("80", Err("no port")),
            (":http", Err("the port is not a number up to 65535")),
            (":70000", Err("the port is not a number up to 65535")),
            ("::1:80", Err("an IPv6 address needs brackets")),
            (":80/udp", Err("the protocol is not tcp")),
        ] {
            let parsed =
                Address::parse(text).map(|address| address.to_string()).map_err(|error| error.problem);
            assert_eq!(parsed, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_taken_address_says_so() {
        let first = bind(&Address::parse("127.0.0.1:0").expect("valid"), false).expect("a free port");
        let port = first.local_addr().expect("bound").port();
        let error = bind(&Address { host: "127.0.0.1".to_owned(), port }, false).expect_err("taken");
        assert_eq!(
            error.to_string(),
            format!("the address 127.0.0.1:{port} is already in use by another process")
        );
    }

    #[test]
    fn an_empty_host_takes_both_families() {
        let listener = bind(&Address::parse(":0").expect("valid"), false).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        std::net::TcpStream::connect(("127.0.0.1", port)).expect("IPv4 reaches it");
    }
}
