//! The contents of certificates as `X-Forwarded-Tls-Client-Cert-Info` has them.

use ferroway_config::dynamic::{TlsClientCertInfo, TlsClientCertIssuer, TlsClientCertSubject};
use ferroway_tls::{CertificateDetails, Name};

use crate::{path, url};

/// Parts of a certificate, chosen by the options.
pub(super) struct Info {
    subject: Vec<Part>,
    issuer: Vec<Part>,
    serial_number: bool,
    not_before: bool,
    not_after: bool,
    sans: bool,
}

/// An attribute of a name.
struct Part {
    label: &'static str,
    oid: &'static str,
    /// Whether there can be several.
    several: bool,
}

impl Info {
    /// From the options.
    pub(super) fn new(options: &TlsClientCertInfo) -> Self {
        Self {
            subject: options.subject.as_ref().map_or_else(Vec::new, subject_parts),
            issuer: options.issuer.as_ref().map_or_else(Vec::new, issuer_parts),
            serial_number: options.serial_number,
            not_before: options.not_before,
            not_after: options.not_after,
            sans: options.sans,
        }
    }

    /// The field's value. None where something that the client presented is no certificate: to leave it out would
    /// make what follows look like something else.
    pub(super) fn describe(&self, certificates: &[Box<[u8]>]) -> Option<String> {
        let details = certificates.iter().map(|der| CertificateDetails::of(der));
        let described: Result<Vec<String>, _> = details.map(|one| one.map(|one| self.one(&one))).collect();
        described.ok().map(|described| query_escape(&described.join(",")))
    }

    fn one(&self, details: &CertificateDetails) -> String {
        let name = |parts, name| Some(names(parts, name)).filter(|names| !names.is_empty());
        // The seconds are unsigned in Traefik: times before 1970 become very late ones.
        let seconds = |wanted: bool, seconds: i64| wanted.then(|| seconds.cast_unsigned().to_string());
        let sans = alternative_names(details);
        let fields = [
            ("Subject", name(&self.subject, &details.subject)),
            ("Issuer", name(&self.issuer, &details.issuer)),
            ("SerialNumber", self.serial_number.then(|| details.serial_number.clone())),
            ("NB", seconds(self.not_before, details.not_before)),
            ("NA", seconds(self.not_after, details.not_after)),
            ("SAN", Some(sans).filter(|sans| self.sans && !sans.is_empty()).map(|sans| sans.join(","))),
        ];
        let present = fields.into_iter().filter_map(|(key, value)| Some(format!("{key}=\"{}\"", value?)));
        present.collect::<Vec<_>>().join(";")
    }
}

/// The parts in the order in which they are written, those that are wanted.
fn subject_parts(options: &TlsClientCertSubject) -> Vec<Part> {
    wanted([
        (options.domain_component, DOMAIN_COMPONENT),
        (options.country, COUNTRY),
        (options.province, PROVINCE),
        (options.locality, LOCALITY),
        (options.organization, ORGANIZATION),
        (options.organizational_unit, ORGANIZATIONAL_UNIT),
        (options.serial_number, SERIAL_NUMBER),
        (options.common_name, COMMON_NAME),
    ])
}

fn issuer_parts(options: &TlsClientCertIssuer) -> Vec<Part> {
    wanted([
        (options.domain_component, DOMAIN_COMPONENT),
        (options.country, COUNTRY),
        (options.province, PROVINCE),
        (options.locality, LOCALITY),
        (options.organization, ORGANIZATION),
        (options.serial_number, SERIAL_NUMBER),
        (options.common_name, COMMON_NAME),
    ])
}

fn wanted<const N: usize>(parts: [(bool, Part); N]) -> Vec<Part> {
    parts.into_iter().filter_map(|(wanted, part)| wanted.then_some(part)).collect()
}

const DOMAIN_COMPONENT: Part = Part { label: "DC", oid: "0.9.2342.19200300.100.1.25", several: true };
const COUNTRY: Part = Part { label: "C", oid: "2.5.4.6", several: true };
const PROVINCE: Part = Part { label: "ST", oid: "2.5.4.8", several: true };
const LOCALITY: Part = Part { label: "L", oid: "2.5.4.7", several: true };
const ORGANIZATION: Part = Part { label: "O", oid: "2.5.4.10", several: true };
const ORGANIZATIONAL_UNIT: Part = Part { label: "OU", oid: "2.5.4.11", several: true };
const SERIAL_NUMBER: Part = Part { label: "SN", oid: "2.5.4.5", several: false };
const COMMON_NAME: Part = Part { label: "CN", oid: "2.5.4.3", several: false };

fn names(parts: &[Part], name: &Name) -> String {
    let mut out = Vec::new();
    for part in parts {
        let values = name.values(part.oid);
        let values: Vec<&str> =
            if part.several { values.collect() } else { name.value(part.oid).into_iter().collect() };
        // An empty domain component is written, anything else that is empty is not.
        let values = values.into_iter().filter(|value| !value.is_empty() || part.label == "DC");
        out.extend(values.map(|value| format!("{}={value}", part.label)));
    }
    out.join(",")
}

/// Host names, e-mail addresses, addresses and URIs, in this order.
fn alternative_names(details: &CertificateDetails) -> Vec<String> {
    let addresses = details.ip_addresses.iter().map(|address| address.to_canonical().to_string());
    let uris = details.uris.iter().map(|uri| url::normalise(uri).unwrap_or_else(|| uri.clone()));
    let names = details.dns_names.iter().chain(&details.email_addresses).cloned();
    names.chain(addresses).chain(uris).collect()
}

/// As Go's `url.QueryEscape`.
fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => path::push_escaped(&mut out, byte),
        }
    }
    out
}
