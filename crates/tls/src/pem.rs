//! Certificates and keys as users give them: PEM in a file, or the PEM itself.

use ferroway_config::decode::FileOrContent;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::PROVIDER;
use crate::files::{Files, shown};

/// All certificates in it, at least one.
pub(crate) fn certificates(
    value: &FileOrContent,
    files: &Files,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let content = files.read(value)?;
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&content).collect();
    let certificates = parsed.map_err(|error| malformed(value, &error))?;
    if certificates.is_empty() {
        return Err(format!("no certificate in {}: {}", shown(value), in_its_place(&content, "CERTIFICATE")));
    }
    Ok(certificates)
}

/// A certificate chain and its key, checked to belong together.
pub(crate) fn pair(cert: &FileOrContent, key: &FileOrContent, files: &Files) -> Result<CertifiedKey, String> {
    let chain = certificates(cert, files)?;
    let content = files.read(key)?;
    if contains(&content, ENCRYPTED) {
        return Err(format!(
            "the private key in {} is encrypted: expected one without a passphrase",
            shown(key)
        ));
    }
    let private_key = PrivateKeyDer::from_pem_slice(&content).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            format!("no private key in {}: {}", shown(key), in_its_place(&content, "PRIVATE KEY"))
        }
        error => malformed(key, &error),
    })?;
    CertifiedKey::from_der(chain, private_key, &PROVIDER).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            format!("the private key in {} does not belong to the certificate", shown(key))
        }
        rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding) => {
            format!("unusable certificate in {}: its encoding is broken", shown(cert))
        }
        rustls::Error::InvalidCertificate(error) => {
            format!("unusable certificate in {}: {error}", shown(cert))
        }
        rustls::Error::General(reason) => format!("unusable private key in {}: {reason}", shown(key)),
        error => format!("unusable private key in {}: {error}", shown(key)),
    })
}

fn malformed(value: &FileOrContent, error: &pem::Error) -> String {
    let reason = match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!("the end of the block {} is missing", String::from_utf8_lossy(end_marker))
        }
        pem::Error::IllegalSectionStart { .. } => "a block has no proper beginning".to_owned(),
        pem::Error::Base64Decode(_) => "a block has something in it that is no base64".to_owned(),
        error => error.to_string(),
    };
    format!("malformed PEM in {}: {reason}", shown(value))
}

/// In the names of blocks and in the heads of old ones.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

/// How DER begins that is long enough to be a certificate or a key.
const DER: &[u8] = &[0x30, 0x82];

/// What is wrong with content without the block that is looked for.
fn in_its_place(content: &[u8], expected: &str) -> String {
    let found = if content.iter().all(u8::is_ascii_whitespace) {
        "it is empty"
    } else if content.starts_with(DER) {
        "it seems to be DER"
    } else if contains(content, b"-----BEGIN ") {
        "it has other blocks"
    } else {
        "it is no PEM"
    };
    format!("{found}, expected a PEM block {expected}")
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}
