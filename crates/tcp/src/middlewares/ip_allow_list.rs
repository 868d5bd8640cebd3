//! `ipAllowList`: lets only clients of certain addresses connect.

use std::net::IpAddr;

use ipnet::IpNet;

use super::MiddlewareError;

/// Addresses and ranges whose clients may connect.
#[derive(Debug)]
pub struct IpAllowList {
    /// Without overlaps, in ascending order.
    ranges: Box<[IpNet]>,
}

impl IpAllowList {
    /// From addresses (`10.0.0.1`) and ranges (`10.0.0.0/8`, host bits may be set).
    ///
    /// # Errors
    /// There are none, or one of them is neither.
    pub fn new(source_range: &[String]) -> Result<Self, MiddlewareError> {
        if source_range.is_empty() {
            let message = "sourceRange is empty, expected the addresses that may pass";
            return Err(MiddlewareError::Invalid(message.to_owned()));
        }
        let range = |text: &String| {
            parse(text).ok_or_else(|| {
                MiddlewareError::Invalid(format!(
                    "invalid CIDR address: {text:?} is neither an IP address nor a range like 10.0.0.0/8"
                ))
            })
        };
        let ranges: Vec<IpNet> = source_range.iter().map(range).collect::<Result<_, _>>()?;
        let mut ranges = IpNet::aggregate(&ranges);
        ranges.sort_unstable_by_key(IpNet::network);
        Ok(Self { ranges: ranges.into() })
    }

    /// Whether an address is among them. IPv4-mapped IPv6 addresses count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let after = self.ranges.partition_point(|range| range.network() <= address);
        after.checked_sub(1).is_some_and(|at| self.ranges[at].contains(&address))
    }
}

fn parse(text: &str) -> Option<IpNet> {
    /// Where IPv4 addresses begin in `::ffff:0:0/96`.
    const MAPPED: u8 = 96;
    let range = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().ok()?.trunc(),
    };
    match range.addr().to_canonical() {
        IpAddr::V4(address) if range.addr().is_ipv6() => {
            IpNet::new(address.into(), range.prefix_len().checked_sub(MAPPED)?).ok()
        }
        _ => Some(range),
    }
}
