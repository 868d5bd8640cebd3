//! Who a client is by its address: the `ipStrategy` option, and lists of address ranges.

use std::net::{IpAddr, Ipv6Addr};

use ferroway_config::dynamic;
use ferroway_core::header::X_FORWARDED_FOR;
use ferroway_core::{Exchange, RequestHead};
use ipnet::IpNet;

use crate::Problem;

/// Addresses and ranges of addresses, for look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IpRanges {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

/// Ranges (first and last address) in ascending order, without overlaps.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ranges<T>(Box<[(T, T)]>);

/// An entry that is neither an address nor a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid CIDR address: {0:?} is neither an IP address nor a range like 10.0.0.0/8")]
pub(crate) struct BadRange(String);

impl IpRanges {
    /// Parses addresses (`10.0.0.1`, `::1`) and ranges (`10.0.0.0/8`, host bits may be set).
    ///
    /// # Errors
    /// The first entry that is neither.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, BadRange> {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for entry in entries {
            match parse_range(entry).ok_or_else(|| BadRange(entry.clone()))? {
                IpNet::V4(net) => v4.push((net.network().to_bits(), net.broadcast().to_bits())),
                IpNet::V6(net) => v6.push((net.network().to_bits(), net.broadcast().to_bits())),
            }
        }
        Ok(Self { v4: Ranges::new(v4), v6: Ranges::new(v6) })
    }

    /// Whether the address is in one of the ranges. IPv4 addresses are never in IPv6 ranges; IPv4-mapped IPv6
    /// addresses count as IPv4.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => self.v4.contains(address.to_bits()),
            IpAddr::V6(address) => self.v6.contains(address.to_bits()),
        }
    }
}

impl<T: Ord + Copy> Ranges<T> {
    fn new(mut ranges: Vec<(T, T)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged.into())
    }

    fn contains(&self, address: T) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= address);
        after.checked_sub(1).is_some_and(|at| address <= self.0[at].1)
    }
}

fn parse_range(text: &str) -> Option<IpNet> {
    /// Where IPv4 addresses begin in `::ffff:0:0/96`.
    const MAPPED: u8 = 96;
    let net = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().ok()?,
    };
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= MAPPED => match v6.addr().to_ipv4_mapped() {
            Some(v4) => IpNet::new(IpAddr::V4(v4), v6.prefix_len() - MAPPED).ok(),
            None => Some(net),
        },
        _ => Some(net),
    }
}

/// How the client's address is found (`ipStrategy`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IpStrategy {
    /// The peer of the connection.
    Peer(Option<Subnet>),
    /// The n-th value of `X-Forwarded-For` from the right, counted from 1.
    Depth(usize, Option<Subnet>),
    /// The first value of `X-Forwarded-For` from the right that is not in this list.
    Excluding(IpRanges),
}

/// How many leading bits of an IPv6 address make a client (`ipv6Subnet`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subnet(u8);

impl Subnet {
    fn new(bits: i64) -> Result<Self, Problem> {
        u8::try_from(bits).ok().filter(|bits| (1..=128).contains(bits)).map(Self).ok_or_else(|| {
            Problem::invalid(format!("invalid IPv6 subnet {bits} value, expected 1 to 128 leading bits"))
        })
    }

    fn of(self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - self.0)))),
            IpAddr::V4(_) => address,
        }
    }
}

impl IpStrategy {
    /// From the option; unset is the peer's address. A depth wins over excluded addresses.
    ///
    /// # Errors
    /// A bad subnet, or an excluded address that is none.
    pub(crate) fn new(config: Option<&dynamic::IpStrategy>) -> Result<Self, Problem> {
        let Some(config) = config else { return Ok(Self::Peer(None)) };
        let subnet = config.ipv6_subnet.map(Subnet::new).transpose()?;
        Ok(match usize::try_from(config.depth) {
            Ok(depth) if depth > 0 => Self::Depth(depth, subnet),
            _ if config.excluded_ips.is_empty() => Self::Peer(subnet),
            _ => Self::Excluding(
                IpRanges::parse(&config.excluded_ips)
                    .map_err(|error| Problem::invalid(format!("ipStrategy.excludedIPs: {error}")))?,
            ),
        })
    }

    /// The client's address; `None` where the request does not tell it, which trusts nobody.
    pub(crate) fn address(&self, request: &RequestHead, exchange: &Exchange) -> Option<IpAddr> {
        let masked = |subnet: &Option<Subnet>, address: IpAddr| match subnet {
            Some(subnet) => subnet.of(address),
            None => address,
        };
        match self {
            Self::Peer(subnet) => Some(masked(subnet, exchange.conn.peer.ip().to_canonical())),
            Self::Depth(depth, subnet) => {
                let value = forwarded_for(request).nth(depth.checked_sub(1)?)?;
                Some(masked(subnet, parse_with_port(value)?))
            }
            Self::Excluding(excluded) => forwarded_for(request)
                .filter(|value| !value.is_empty())
                .find(|value| !parse_address(value).is_some_and(|address| excluded.contains(address)))
                .and_then(parse_with_port),
        }
    }
}

/// The values of `X-Forwarded-For` from the right, trimmed. What is no text counts as a value that is no address.
fn forwarded_for(request: &RequestHead) -> impl Iterator<Item = &str> {
    const NO_ADDRESS: &str = "?";
    let lines = request.headers.get_all(X_FORWARDED_FOR).rev();
    lines
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .map(|value| str::from_utf8(value).unwrap_or(NO_ADDRESS).trim())
}

/// An address, its zone left out.
fn parse_address(text: &str) -> Option<IpAddr> {
    let address = match text.split_once('%') {
        Some((address, _zone)) => IpAddr::V6(address.parse().ok()?),
        None => text.parse().ok()?,
    };
    Some(address.to_canonical())
}

/// An address, its port left out: some proxies write `10.0.0.1:1234` or `[::1]:1234`.
fn parse_with_port(text: &str) -> Option<IpAddr> {
    parse_address(text).or_else(|| {
        let (host, _port) = text.rsplit_once(':')?;
        match host.strip_prefix('[') {
            Some(literal) => parse_address(literal.strip_suffix(']')?),
            None => parse_address(host).filter(IpAddr::is_ipv4),
        }
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::testing::parse_request;

    /// Skipping it would make the client choose its own address.
    #[test]
    fn a_value_that_is_no_text_is_not_skipped() {
        let (mut request, exchange) = parse_request("GET /");
        let value = HeaderValue::from_bytes(b"10.0.0.1, \xff").unwrap();
        request.headers.insert(X_FORWARDED_FOR, value);
        let excluding = IpStrategy::Excluding(IpRanges::parse(&["10.0.0.2".to_owned()]).unwrap());
        assert_eq!(excluding.address(&request, &exchange), None);
        assert_eq!(IpStrategy::Depth(1, None).address(&request, &exchange), None);
        assert_eq!(IpStrategy::Depth(2, None).address(&request, &exchange), Some([10, 0, 0, 1].into()));
    }

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("10.0.0.1", Some("10.0.0.1")),
            ("10.0.0.1:80", Some("10.0.0.1")),
            ("::ffff:10.0.0.1", Some("10.0.0.1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%eth0]:80", Some("fe80::1")),
            ("[::1]:80", Some("::1")),
            ("::1", Some("::1")),
            ("[::1]", None),
            ("10.0.0.1%x", None),
            ("10.0.0.01", None),
            ("a.test:80", None),
            ("", None),
        ] {
            let address = parse_with_port(text).map(|address| address.to_string());
            assert_eq!(address.as_deref(), expected, "{text:?}");
        }
    }
}
