//! Version 2, binary: signature, command, family, length, addresses, extensions.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::{Addresses, Header, MAX_V2, Malformed, Parsed};

/// What every header begins with.
pub(super) const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2 and the command PROXY.
pub(super) const PROXY: u8 = 0x21;
/// Version 2 and the command LOCAL: the sender speaks for itself, as for its health checks.
pub(super) const LOCAL: u8 = 0x20;
/// TCP over IPv4.
pub(super) const TCP4: u8 = 0x11;
/// TCP over IPv6.
pub(super) const TCP6: u8 = 0x21;

/// Bytes before the addresses.
const FIXED: usize = 16;

/// Parses bytes that begin with the signature.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, Malformed> {
    let Some(fixed) = bytes.first_chunk::<FIXED>() else { return Ok(Parsed::Incomplete(FIXED)) };
    let [.., command, family, high, low] = *fixed;
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > MAX_V2 {
        return Err(Malformed("longer than 4096 bytes"));
    }
    if !matches!(command, PROXY | LOCAL) {
        return Err(Malformed("neither version 2 with the command PROXY nor LOCAL"));
    }
    let Some(rest) = bytes.get(FIXED..length) else { return Ok(Parsed::Incomplete(length)) };
    let addresses = addresses(family, rest)?.filter(|_| command == PROXY);
    Ok(Parsed::Header(Header { addresses, length }))
}

/// The addresses in front of the extensions, which are skipped; `None` for families that have none we know.
// Traefik: it closes connections of an unspecified family, which the protocol allows, and breaks on those of
// Unix sockets. Both keep the address that the connection has.
fn addresses(family: u8, rest: &[u8]) -> Result<Option<Addresses>, Malformed> {
    const SHORT: Malformed = Malformed("too short for its addresses");
    match family {
        0x00 | 0x31 | 0x32 => Ok(None),
        TCP4 | 0x12 => {
            let [a, b, c, d, e, f, g, h, ports @ ..] = *rest.first_chunk::<12>().ok_or(SHORT)?;
            Ok(Some(between([a, b, c, d].into(), [e, f, g, h].into(), ports)))
        }
        TCP6 | 0x22 => {
            let bytes = rest.first_chunk::<36>().ok_or(SHORT)?;
            let address = |at: usize| -> IpAddr {
                let octets = bytes[at..].first_chunk::<16>().expect("two addresses and two ports");
                Ipv6Addr::from(*octets).to_canonical()
            };
            let ports = *bytes.last_chunk::<4>().expect("36 bytes end in 4");
            Ok(Some(between(address(0), address(16), ports)))
        }
        _ => Err(Malformed("unknown address family or transport")),
    }
}

fn between(source: IpAddr, destination: IpAddr, [a, b, c, d]: [u8; 4]) -> Addresses {
    Addresses {
        source: SocketAddr::new(source, u16::from_be_bytes([a, b])),
        destination: SocketAddr::new(destination, u16::from_be_bytes([c, d])),
    }
}

/// The bytes of addresses of one family, and that family.
pub(super) fn family_and_bytes(source: IpAddr, destination: IpAddr) -> (u8, Vec<u8>) {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            (TCP4, [source.octets(), destination.octets()].concat())
        }
        _ => (TCP6, [source, destination].map(|address| v6(address).octets()).concat()),
    }
}

/// An address as one of IPv6.
pub(super) fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}
