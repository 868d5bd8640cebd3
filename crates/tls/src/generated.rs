//! The certificate for clients that no configured one fits.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use x509_parser::time::ASN1Time;

use crate::PROVIDER;
use crate::certificates::Served;

/// The common name that tools know Traefik's certificate by.
const COMMON_NAME: &str = "TRAEFIK DEFAULT CERT";
const YEAR: i64 = 365 * 24 * 60 * 60;

/// A self-signed certificate for a name that nobody asks for, valid for a year. Made for the first handshake that needs it:
/// most never do, and whatever asks aws-lc for random numbers before others waits for it to gather entropy.
///
/// Traefik: an RSA key of 2048 bits. P-256 is made in microseconds rather than in a good part of a
/// second, and every client that speaks TLS 1.2 takes it.
#[derive(Debug, Default)]
pub(crate) struct Generated(OnceLock<Option<Arc<Served>>>);

impl Generated {
    /// The certificate; `None` where there are no random numbers to be had, so that no handshake could come to its end.
    pub(crate) fn get(&self) -> Option<&Arc<Served>> {
        self.0.get_or_init(|| Some(Arc::new(Served::new(make().ok()?)))).as_ref()
    }
}

fn make() -> Result<CertifiedKey, Box<dyn std::error::Error>> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    let mut name = String::with_capacity(80);
    for half in random.chunks(16) {
        half.iter().try_for_each(|byte| write!(name, "{byte:02x}"))?;
        name.push('.');
    }
    name.push_str("traefik.default");

    let mut params = CertificateParams::new([name])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, COMMON_NAME);
    let now = ASN1Time::now();
    params.not_before = now.to_datetime();
    params.not_after = ASN1Time::from_timestamp(now.timestamp() + YEAR)?.to_datetime();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    Ok(CertifiedKey::from_der(vec![certificate.der().clone()], key, &PROVIDER)?)
}
