//! What is asked: the status of one certificate (RFC 6960 section 4.1).

use rustls::pki_types::CertificateDer;
use sha1::{Digest, Sha1};
use x509_parser::prelude::{GeneralName, ParsedExtension, X509Certificate};
use yasna::models::ObjectIdentifier;
use yasna::tags::TAG_INTEGER;

use super::SHA1;
use crate::x509;

/// `id-ad-ocsp`.
const OCSP: &str = "1.3.6.1.5.5.7.48.1";

/// A certificate whose status can be asked for. Two are equal if the same answer serves both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    name: String,
    responders: Vec<String>,
    issuer: CertificateDer<'static>,
    id: CertId,
}

/// What a certificate's issuer knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CertId {
    /// Names are hashed here, and nothing secret; SHA-1 is what responders have to know (RFC 5019 section 2.1.1).
    issuer_name_hash: [u8; 20],
    issuer_key_hash: [u8; 20],
    /// As in the certificate.
    serial: Vec<u8>,
}

impl Subject {
    /// What is to be known of the first certificate of a chain; `None` where it names no responder.
    ///
    /// # Errors
    /// It names one, and cannot be asked for all the same, because the chain lacks its issuer.
    pub fn of(chain: &[CertificateDer<'static>]) -> Result<Option<Self>, String> {
        let Some(leaf) = chain.first().and_then(|leaf| x509::parse(leaf).ok()) else { return Ok(None) };
        let responders = responders(&leaf);
        if responders.is_empty() {
            return Ok(None);
        }
        let name = name(&leaf);
        let is_issuer = |other: &&CertificateDer<'static>| {
            x509::parse(other).is_ok_and(|other| other.subject().as_raw() == leaf.issuer().as_raw())
        };
        // One that signed itself comes last.
        let issuer = chain.iter().skip(1).chain(chain.first()).find(is_issuer).ok_or_else(|| {
            format!("{name} names an OCSP responder, and its chain lacks the certificate of its issuer")
        })?;
        let parsed = x509::parse(issuer)?;
        let id = CertId {
            issuer_name_hash: Sha1::digest(leaf.issuer().as_raw()).into(),
            issuer_key_hash: Sha1::digest(&parsed.public_key().subject_public_key.data).into(),
            serial: leaf.raw_serial().to_vec(),
        };
        Ok(Some(Self { name, responders, issuer: issuer.clone(), id }))
    }

    /// What the certificate is called: its subject, or the first of its names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URLs where its status can be asked for, in the certificate's order.
    pub fn responders(&self) -> &[String] {
        &self.responders
    }

    /// The certificate of its issuer.
    pub(super) fn issuer(&self) -> &CertificateDer<'static> {
        &self.issuer
    }

    /// The request for its status, in DER. It has no nonce, so that responders can answer with what they have ready.
    pub fn request(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            // OCSPRequest, TBSRequest, requestList, Request.
            writer.write_sequence(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_sequence(|writer| {
                        writer.next().write_sequence(|writer| {
                            writer.next().write_sequence(|writer| self.id.write(writer));
                        });
                    });
                });
            });
        })
    }

    /// Whether a response's name for a certificate, with its hashes made by `algorithm`, is this one's. The hash is the
    /// one that was asked with; others cannot be compared.
    pub(super) fn is(&self, algorithm: &[u8], name_hash: &[u8], key_hash: &[u8], serial: &[u8]) -> bool {
        algorithm == SHA1
            && self.id.issuer_name_hash == name_hash
            && self.id.issuer_key_hash == key_hash
            && self.id.serial == serial
    }
}

impl CertId {
    fn write(&self, writer: &mut yasna::DERWriterSeq<'_>) {
        writer.next().write_sequence(|writer| {
            writer.next().write_oid(&ObjectIdentifier::from_slice(&[1, 3, 14, 3, 2, 26]));
            writer.next().write_null();
        });
        writer.next().write_bytes(&self.issuer_name_hash);
        writer.next().write_bytes(&self.issuer_key_hash);
        // As it is, so that even one which is no proper serial number is the certificate's.
        writer.next().write_tagged_implicit(TAG_INTEGER, |writer| writer.write_bytes(&self.serial));
    }
}

fn name(leaf: &X509Certificate<'_>) -> String {
    let subject = x509::format_name(leaf.subject());
    if !subject.is_empty() {
        return subject;
    }
    x509::names(leaf).into_iter().next().unwrap_or_else(|| "a certificate without a name".to_owned())
}

/// The URLs of responders in the extension `authorityInfoAccess` (RFC 5280 section 4.2.2.1).
fn responders(leaf: &X509Certificate<'_>) -> Vec<String> {
    let access = leaf.extensions().iter().filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => Some(access),
        _ => None,
    });
    let locations = access
        .flat_map(|access| &access.accessdescs)
        .filter(|description| description.access_method.to_id_string() == OCSP);
    locations
        .filter_map(|description| match &description.access_location {
            GeneralName::URI(url) => Some((*url).to_owned()),
            _ => None,
        })
        .collect()
}
