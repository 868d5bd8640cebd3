//! Version 1, a line of text: `PROXY TCP4 192.0.2.1 198.51.100.1 4711 443`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Addresses, Header, MAX_V1, Malformed, Parsed};

/// What every header begins with. Traefik tells a header from data by these bytes, without the space.
pub(super) const SIGNATURE: &[u8] = b"PROXY";

/// Parses bytes that begin with the signature.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, Malformed> {
    let bounded = &bytes[..bytes.len().min(MAX_V1)];
    let Some(newline) = bounded.iter().position(|byte| *byte == b'\n') else {
        if bounded.len() == MAX_V1 {
            return Err(Malformed("no line end within 107 bytes"));
        }
        return Ok(Parsed::Incomplete(bytes.len() + 1));
    };
    let line =
        bounded[..newline].strip_suffix(b"\r").ok_or(Malformed("the line ends without carriage return"))?;
    let line = str::from_utf8(line).map_err(|_| Malformed("the line is not text"))?;
    Ok(Parsed::Header(Header { addresses: addresses(line)?, length: newline + 1 }))
}

fn addresses(line: &str) -> Result<Option<Addresses>, Malformed> {
    let mut words = line.split(' ');
    if words.next() != Some("PROXY") {
        return Err(Malformed("no space behind PROXY"));
    }
    let address: fn(&str) -> Option<IpAddr> = match words.next() {
        // Whatever follows is to be ignored.
        Some("UNKNOWN") => return Ok(None),
        Some("TCP4") => |text| text.parse().ok().map(|address: Ipv4Addr| address.into()),
        // Some senders write IPv4 clients of their IPv6 sockets this way; Traefik takes them, too.
        Some("TCP6") => |text| text.parse().ok().map(|address: IpAddr| address.to_canonical()),
        _ => return Err(Malformed("the protocol is not TCP4, TCP6 or UNKNOWN")),
    };
    let words: Vec<&str> = words.take(5).collect();
    let [source, destination, source_port, destination_port] = words[..] else {
        return Err(Malformed("expected two addresses and two ports"));
    };
    let end = |text: &str, number: &str| {
        let address = address(text).ok_or(Malformed("an address is not one of the protocol's kind"))?;
        Ok(SocketAddr::new(address, port(number).ok_or(Malformed("a port is not a number up to 65535"))?))
    };
    Ok(Some(Addresses {
        source: end(source, source_port)?,
        destination: end(destination, destination_port)?,
    }))
}

fn port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
