//! What is answered, and whether to believe it (RFC 6960 sections 3.2 and 4.2).

use std::time::{Duration, SystemTime};

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, RawPublicKeyEntity, anchor_from_trusted_cert};
use x509_parser::asn1_rs::Tag;

use super::Subject;
use super::der::{Malformed, Reader};
use crate::{PROVIDER, x509};

/// `id-pkix-ocsp-basic`, as it is encoded.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];

/// `id-kp-OCSPSigning`, as it is encoded.
const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];

/// Certificates of a response that are looked at for the responder's.
const MAX_CERTIFICATES: usize = 4;

/// How far the responder's clock may be ahead of ours.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// What somebody who may tell has said of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// What became of the certificate.
    pub status: Status,
    /// Since when that is known.
    pub this_update: SystemTime,
    /// By when more will be known; the statement counts until then. `None` where more may be known any time.
    pub next_update: Option<SystemTime>,
}

/// What became of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It has not been revoked.
    Good,
    /// It has been revoked.
    Revoked,
    /// The responder does not know it.
    Unknown,
}

/// Why a response is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// It cannot be understood.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The responder has refused to answer, and why.
    #[error("the responder refuses: {0}")]
    Refused(&'static str),
    /// It is none of the kind that all have to know.
    #[error("the response is of an unknown kind")]
    Kind,
    /// It is about other certificates.
    #[error("the response says nothing of the certificate")]
    OtherCertificate,
    /// Whoever signed it may not tell.
    #[error(
        "the response is signed neither by the certificate's issuer, nor by a responder that the issuer has authorised"
    )]
    Signature,
    /// It is too old.
    #[error("the response has expired")]
    Expired,
    /// It is from the future, or ends before it begins.
    #[error("the response is not valid yet, or never")]
    Time,
}

impl Subject {
    /// Checks a response (DER) at a time.
    ///
    /// # Errors
    /// It is of no use.
    pub fn check(&self, response: &[u8], now: SystemTime) -> Result<Statement, ResponseError> {
        let basic = Basic::read(response)?;
        let statement = basic.statement(self)?;
        basic.check_signature(self.issuer(), now)?;
        let Statement { this_update, next_update, .. } = statement;
        if this_update > now + SKEW || next_update.is_some_and(|next| next < this_update) {
            return Err(ResponseError::Time);
        }
        if next_update.is_some_and(|next| next <= now) {
            return Err(ResponseError::Expired);
        }
        Ok(statement)
    }
}

/// A `BasicOCSPResponse`, taken apart and not checked.
struct Basic<'a> {
    /// What is signed.
    signed: &'a [u8],
    /// Its part with the statuses.
    statuses: Reader<'a>,
    /// The content of the identifier of the signature's algorithm.
    algorithm: &'a [u8],
    signature: &'a [u8],
    /// Those that the responder has sent along.
    certificates: Vec<CertificateDer<'a>>,
}

impl<'a> Basic<'a> {
    fn read(response: &'a [u8]) -> Result<Self, ResponseError> {
        let mut basic = basic_response(response)?;
        let signed = basic.raw("response data")?;
        let algorithm = basic.value(Tag::Sequence, "an algorithm")?;
        let signature = match basic.value(Tag::BitString, "a signature")? {
            [0, signature @ ..] => signature,
            _ => return Err(Malformed("a signature").into()),
        };
        let mut certificates = Vec::new();
        if let Some(mut tagged) = basic.tagged(0) {
            let mut list = tagged.sequence("certificates")?;
            while !list.is_at_end() && certificates.len() < MAX_CERTIFICATES {
                certificates.push(CertificateDer::from(list.raw("a certificate")?));
            }
        }
        basic.end("the end of a basic response")?;
        let mut data = Reader(signed).sequence("response data")?;
        // The version; and who the responder is, which its signature says better.
        let _ = data.tagged(0);
        data.tagged(1).or_else(|| data.tagged(2)).ok_or(Malformed("a responder"))?;
        data.time("the time of the response")?;
        let statuses = data.sequence("statuses")?;
        Ok(Self { signed, statuses, algorithm, signature, certificates })
    }

    /// What it says of the certificate.
    fn statement(&self, subject: &Subject) -> Result<Statement, ResponseError> {
        let mut statuses = self.statuses;
        while !statuses.is_at_end() {
            let mut single = statuses.sequence("a status")?;
            let mut id = single.sequence("the name of a certificate")?;
            let algorithm = id.sequence("an algorithm")?.value(Tag::Oid, "an algorithm")?;
            let name_hash = id.value(Tag::OctetString, "a hash")?;
            let key_hash = id.value(Tag::OctetString, "a hash")?;
            let serial = id.value(Tag::Integer, "a serial number")?;
            if subject.is(algorithm, name_hash, key_hash, serial) {
                return Ok(read_status(&mut single)?);
            }
        }
        Err(ResponseError::OtherCertificate)
    }

    /// Signed by the issuer, or by somebody whom the issuer has given a certificate for that.
    fn check_signature(&self, issuer: &CertificateDer<'_>, now: SystemTime) -> Result<(), ResponseError> {
        let algorithms = &PROVIDER.signature_verification_algorithms;
        let is_signed_by = |certificate: &[u8]| self.is_signed_by(certificate, algorithms);
        let is_authorised =
            |certificate: &&CertificateDer<'_>| is_authorised(certificate, issuer, algorithms, now);
        let mut authorised =
            self.certificates.iter().filter(is_authorised).filter(|other| is_signed_by(other));
        let is_believed = is_signed_by(issuer) || authorised.next().is_some();
        if is_believed { Ok(()) } else { Err(ResponseError::Signature) }
    }

    fn is_signed_by(&self, certificate: &[u8], algorithms: &WebPkiSupportedAlgorithms) -> bool {
        let Ok(certificate) = x509::parse(certificate) else { return false };
        let key = SubjectPublicKeyInfoDer::from(certificate.public_key().raw);
        let Ok(key) = RawPublicKeyEntity::try_from(&key) else { return false };
        let mut fitting =
            algorithms.all.iter().filter(|algorithm| algorithm.signature_alg_id().as_ref() == self.algorithm);
        fitting.any(|algorithm| key.verify_signature(*algorithm, self.signed, self.signature).is_ok())
    }
}

/// Whether a certificate is the issuer's own work, valid, and for signing responses (RFC 6960 section 4.2.2.2).
fn is_authorised(
    certificate: &CertificateDer<'_>,
    issuer: &CertificateDer<'_>,
    algorithms: &WebPkiSupportedAlgorithms,
    now: SystemTime,
) -> bool {
    let anchor = anchor_from_trusted_cert(issuer);
    let (Ok(anchor), Ok(certificate)) = (anchor, EndEntityCert::try_from(certificate)) else { return false };
    let now = UnixTime::since_unix_epoch(now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
    let usage = KeyUsage::required(OCSP_SIGNING);
    certificate.verify_for_usage(algorithms.all, &[anchor], &[], now, usage, None, None).is_ok()
}

/// What a successful `OCSPResponse` holds.
fn basic_response(response: &[u8]) -> Result<Reader<'_>, ResponseError> {
    let mut rest = Reader(response);
    let mut response = rest.sequence("a response")?;
    rest.end("the end of the response")?;
    match response.value(Tag::Enumerated, "the status of a response")? {
        [0] => {}
        [1] => return Err(ResponseError::Refused("malformed request")),
        [2] => return Err(ResponseError::Refused("internal error")),
        [3] => return Err(ResponseError::Refused("try later")),
        [5] => return Err(ResponseError::Refused("the request has to be signed")),
        [6] => return Err(ResponseError::Refused("unauthorized")),
        _ => return Err(Malformed("the status of a response").into()),
    }
    let mut bytes = response.tagged(0).ok_or(Malformed("response bytes"))?.sequence("response bytes")?;
    response.end("the end of the response")?;
    if bytes.value(Tag::Oid, "the kind of a response")? != BASIC {
        return Err(ResponseError::Kind);
    }
    let mut basic = Reader(bytes.value(Tag::OctetString, "a basic response")?);
    let content = basic.sequence("a basic response")?;
    basic.end("the end of a basic response")?;
    Ok(content)
}

/// What stands behind the name of the certificate in a `SingleResponse`.
fn read_status(single: &mut Reader<'_>) -> Result<Statement, Malformed> {
    let status = if single.tagged(0).is_some() {
        Status::Good
    } else if single.tagged(1).is_some() {
        Status::Revoked
    } else if single.tagged(2).is_some() {
        Status::Unknown
    } else {
        return Err(Malformed("a status"));
    };
    let this_update = time(single.time("the time of a status")?);
    let next_update = single.tagged(0).map(|mut next| next.time("the time of a status")).transpose()?;
    Ok(Statement { status, this_update, next_update: next_update.map(time) })
}

/// A time in seconds since 1970; those before are long past anyway.
fn time(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}
