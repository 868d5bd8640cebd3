//! What servers can be told of a client's certificate.

use std::net::IpAddr;

use x509_parser::prelude::GeneralName;

use super::{address, alternative_names, attributes, parse};

/// The contents of a certificate, as Go's `x509.Certificate` has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDetails {
    /// Whom it is for.
    pub subject: Name,
    /// Who signed it.
    pub issuer: Name,
    /// In decimal digits.
    pub serial_number: String,
    /// When it becomes valid, in seconds since 1970.
    pub not_before: i64,
    /// When it ends to be valid, in seconds since 1970.
    pub not_after: i64,
    /// The alternative names that are host names.
    pub dns_names: Vec<String>,
    /// The alternative names that are addresses of e-mail.
    pub email_addresses: Vec<String>,
    /// The alternative names that are addresses of hosts.
    pub ip_addresses: Vec<IpAddr>,
    /// The alternative names that are URIs, as they are written.
    pub uris: Vec<String>,
}

impl CertificateDetails {
    /// Takes a certificate (DER) apart.
    ///
    /// # Errors
    /// What is no certificate.
    pub fn of(der: &[u8]) -> Result<Self, String> {
        let certificate = parse(der)?;
        let mut details = Self {
            subject: Name(attributes(certificate.subject())),
            issuer: Name(attributes(certificate.issuer())),
            serial_number: certificate.serial.to_string(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            dns_names: Vec::new(),
            email_addresses: Vec::new(),
            ip_addresses: Vec::new(),
            uris: Vec::new(),
        };
        for name in alternative_names(&certificate) {
            match name {
                GeneralName::DNSName(name) => details.dns_names.push((*name).to_owned()),
                GeneralName::RFC822Name(name) => details.email_addresses.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) => details.ip_addresses.extend(address(bytes)),
                GeneralName::URI(uri) => details.uris.push((*uri).to_owned()),
                _ => {}
            }
        }
        Ok(details)
    }
}

/// A distinguished name: attributes in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub(super) Vec<(String, String)>);

impl Name {
    /// The values of the attribute with this object identifier.
    pub fn values<'a>(&'a self, oid: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == oid).map(|(_, value)| &**value)
    }

    /// The value of an attribute that there is one of; the last where there are more.
    pub fn value(&self, oid: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == oid).map(|(_, value)| &**value)
    }
}
