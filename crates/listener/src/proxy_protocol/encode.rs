//! Headers for servers.

use std::net::IpAddr;

use super::{Addresses, v2};

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// A line of text.
    V1,
    /// Binary.
    V2,
}

impl Version {
    /// From its number.
    pub fn new(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }
}

/// The header that tells a server of a client's connection. Where one of the addresses is IPv6, both are
/// written so.
pub fn encode(version: Version, addresses: &Addresses) -> Vec<u8> {
    let source = addresses.source.ip().to_canonical();
    let destination = addresses.destination.ip().to_canonical();
    let ports = [addresses.source.port(), addresses.destination.port()];
    match version {
        Version::V1 => {
            let (protocol, source, destination) = match (source, destination) {
                (IpAddr::V4(_), IpAddr::V4(_)) => ("TCP4", source, destination),
                _ => ("TCP6", v2::v6(source).into(), v2::v6(destination).into()),
            };
            format!("PROXY {protocol} {source} {destination} {} {}\r\n", ports[0], ports[1]).into_bytes()
        }
        Version::V2 => {
            let (family, bytes) = v2::family_and_bytes(source, destination);
            let length = u16::try_from(bytes.len() + 4).expect("two addresses and two ports are short");
            let mut header = v2::SIGNATURE.to_vec();
            header.extend([v2::PROXY, family]);
            header.extend(length.to_be_bytes());
            header.extend(bytes);
            ports.iter().for_each(|port| header.extend(port.to_be_bytes()));
            header
        }
    }
}
