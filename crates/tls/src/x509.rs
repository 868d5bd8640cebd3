//! What is read from certificates beyond what the handshake needs: names, validity, subjects.

mod details;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::Validity;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

pub use details::{CertificateDetails, Name};

/// A certificate taken apart; trailing bytes make it invalid.
pub(crate) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err("bytes after the certificate".to_owned()),
        Err(error) => Err(format!("not a certificate: {error}")),
    }
}

/// All names that a certificate is for, in lower case: DNS names and addresses, and the common name
/// (specification section 5.3).
pub(crate) fn names(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = alternative_names(certificate)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_lowercase()),
            GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
            _ => None,
        })
        .collect();
    let common = certificate.subject().iter_common_name().filter_map(|name| text(name)).last();
    names.extend(common.filter(|name| !name.is_empty()).map(|name| name.to_lowercase()));
    names
}

/// Whether one of the certificate's URIs is this one, whatever the case of letters.
pub(crate) fn has_uri(certificate: &X509Certificate<'_>, uri: &str) -> bool {
    alternative_names(certificate)
        .any(|name| matches!(name, GeneralName::URI(own) if own.eq_ignore_ascii_case(uri)))
}

/// Why a certificate of this validity is not valid now, if so.
pub(crate) fn invalid_now(validity: &Validity) -> Option<String> {
    let now = ASN1Time::now();
    if now > validity.not_after {
        return Some(format!("it expired on {}", validity.not_after));
    }
    (now < validity.not_before).then(|| format!("it is not valid before {}", validity.not_before))
}

fn alternative_names<'a>(certificate: &'a X509Certificate<'a>) -> impl Iterator<Item = &'a GeneralName<'a>> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    extension.into_iter().flat_map(|extension| &extension.value.general_names)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)));
    let v6 = || <[u8; 16]>::try_from(bytes).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)));
    v4.or_else(|_| v6()).ok()
}

/// The attributes that Go keeps apart, in the order in which it writes them: object identifier (below
/// `2.5.4`), name, and whether there can be several.
const ATTRIBUTES: [(&str, &str, bool); 9] = [
    ("2.5.4.5", "SERIALNUMBER", false),
    ("2.5.4.3", "CN", false),
    ("2.5.4.17", "POSTALCODE", true),
    ("2.5.4.9", "STREET", true),
    ("2.5.4.8", "ST", true),
    ("2.5.4.7", "L", true),
    ("2.5.4.11", "OU", true),
    ("2.5.4.10", "O", true),
    ("2.5.4.6", "C", true),
];

/// The attributes of a name whose values are strings, in their order: object identifier, value.
fn attributes(name: &X509Name<'_>) -> Vec<(String, String)> {
    name.iter_attributes()
        .filter_map(|value| Some((value.attr_type().to_id_string(), text(value)?)))
        .collect()
}

/// The subject of a certificate (DER) as Go's `pkix.Name.String` writes it, which is what Traefik logs:
/// known attributes in a fixed order, the others behind them by number. None for what is no certificate.
pub fn go_name(certificate: &[u8]) -> Option<String> {
    parse(certificate).ok().map(|certificate| format_name(certificate.subject()))
}

pub(crate) fn format_name(name: &X509Name<'_>) -> String {
    let values = attributes(name);
    let mut out = String::new();
    for (oid, short, several) in ATTRIBUTES {
        let own: Vec<&String> =
            values.iter().filter(|(other, _)| other == oid).map(|(_, value)| value).collect();
        // Of those that there is one of, the last counts.
        let own = if several { &own[..] } else { &own[own.len().saturating_sub(1)..] };
        for (position, value) in own.iter().enumerate().filter(|(_, value)| several || !value.is_empty()) {
            separate(&mut out, if position == 0 { ',' } else { '+' });
            out.push_str(short);
            out.push('=');
            escape(value, &mut out);
        }
    }
    for (oid, value) in values.iter().rev().filter(|(oid, _)| ATTRIBUTES.iter().all(|known| known.0 != oid)) {
        separate(&mut out, ',');
        let _ = write!(out, "{oid}=#");
        hex_of_string(value, &mut out);
    }
    out
}

fn separate(out: &mut String, separator: char) {
    if !out.is_empty() {
        out.push(separator);
    }
}

/// As RFC 2253 wants it.
fn escape(value: &str, out: &mut String) {
    for (position, character) in value.char_indices() {
        let at_an_end = position == 0 || position + 1 == value.len();
        let special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';')
            || (character == ' ' && at_an_end)
            || (character == '#' && position == 0);
        if special {
            out.push('\\');
        }
        out.push(character);
    }
}

/// A string in DER, in hexadecimal digits: a PrintableString where that can be, else a UTF8String.
fn hex_of_string(value: &str, out: &mut String) {
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if value.bytes().all(printable) { Tag::PrintableString } else { Tag::Utf8String };
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count().min(length.len() - 1)..];
    let _ = write!(out, "{:02x}", tag.0);
    if value.len() >= 0x80 {
        let _ = write!(out, "{:02x}", 0x80 | length.len());
    }
    for byte in length.iter().copied().chain(value.bytes()) {
        let _ = write!(out, "{byte:02x}");
    }
}

/// An attribute's value, where it is a string of any kind.
fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            std::str::from_utf8(value.data).ok().map(str::to_owned)
        }
        Tag::T61String => Some(value.data.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString => {
            let units = value.data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<String, _>>().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
