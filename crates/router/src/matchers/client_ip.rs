//! ``ClientIP(`10.0.0.0/8`)``: the address of the peer, one or a range.

use std::net::IpAddr;

use ferroway_rules::RuleError;
use ipnet::IpNet;

use super::combined::any_argument;
use super::{Arguments, Built, Matcher};
use crate::RequestView;

#[derive(Debug)]
struct ClientIp {
    range: IpNet,
}

pub(super) fn build(arguments: &mut Arguments<'_>) -> Built {
    build_v2(arguments)
}

/// v2 has lists.
pub(super) fn build_v2(arguments: &mut Arguments<'_>) -> Built {
    any_argument(arguments, |arguments, number| Ok(Box::new(ClientIp { range: range(arguments, number)? })))
}

/// The addresses that an argument stands for.
pub(crate) fn range(arguments: &Arguments<'_>, number: usize) -> Result<IpNet, RuleError> {
    let text = arguments.value(number);
    parse(text).ok_or_else(|| {
        let error = arguments.error(number, format!("{text:?} is neither an IP address nor a range of them"));
        error.with_help("write `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`")
    })
}

/// An address, or one with the length of a prefix, as Go's `net.ParseIP` and `net.ParseCIDR` read them. IPv4
/// addresses in IPv6 form are IPv4 addresses.
fn parse(text: &str) -> Option<IpNet> {
    let Some((address, length)) = text.split_once('/') else {
        return text.parse::<IpAddr>().ok().map(|address| address.to_canonical().into());
    };
    let address: IpAddr = address.parse().ok()?;
    let is_number = !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit());
    let length: u8 = if is_number { length.parse().ok()? } else { return None };
    let range = IpNet::new(address, length).ok()?.trunc();
    match range.addr().to_canonical() {
        IpAddr::V4(address) if range.addr().is_ipv6() => {
            IpNet::new(address.into(), length.checked_sub(96)?).ok()
        }
        _ => Some(range),
    }
}

impl Matcher for ClientIp {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        self.range.contains(&request.client.to_canonical())
    }
}
