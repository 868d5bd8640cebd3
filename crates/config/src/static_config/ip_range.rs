//! Addresses and ranges, only checked here.

use std::net::IpAddr;

/// Whether a text is an IP address or a range in CIDR form.
pub fn is_ip_or_range(text: &str) -> bool {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| {
        length.bytes().all(|b| b.is_ascii_digit())
            && length.parse::<u8>().is_ok_and(|length| length <= longest)
    })
}
