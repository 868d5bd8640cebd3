//! Addresses of entry points.

use std::fmt;
use std::str::FromStr;

/// What an entry point listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host or IP address without brackets; empty means all addresses.
    pub host: String,
    /// Port; 0 means one that is free.
    pub port: u16,
    /// TCP or UDP.
    pub protocol: Protocol,
}

/// Transport protocol of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Why a text is no address of an entry point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// The protocol after the slash is unknown.
    Protocol(String),
    /// There is no port.
    MissingPort,
    /// The port is no number up to 65535.
    Port(String),
    /// The host is no name or IP address (an IPv6 address needs brackets).
    Host(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(protocol) => write!(f, "invalid protocol: {protocol} (expected tcp or udp)"),
            Self::MissingPort => f.write_str("missing port (expected [host]:port[/tcp|/udp])"),
            Self::Port(port) => write!(f, "invalid port {port:?} (expected a number from 0 to 65535)"),
            Self::Host(host) => write!(f, "invalid host {host:?} (an IPv6 address needs brackets)"),
        }
    }
}

impl std::error::Error for AddressError {}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol.to_ascii_lowercase().as_str() {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            other => return Err(AddressError::Protocol(other.to_owned())),
        };
        let (host, port) = place.rsplit_once(':').ok_or(AddressError::MissingPort)?;
        if port.is_empty() {
            return Err(AddressError::MissingPort);
        }
        let port = match port {
            "http" => 80,
            "https" => 443,
            number if number.bytes().all(|b| b.is_ascii_digit()) => {
                number.parse().map_err(|_| AddressError::Port(number.to_owned()))?
            }
            other => return Err(AddressError::Port(other.to_owned())),
        };
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(|| AddressError::Host(host.to_owned()))?,
            None if host.contains([':', ']']) => return Err(AddressError::Host(host.to_owned())),
            None => host,
        };
        Ok(Self { host: bare.to_owned(), port, protocol })
    }
}
