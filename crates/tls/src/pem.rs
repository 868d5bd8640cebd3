//! Certificates and keys as users give them: PEM in a file, or the PEM itself.

use std::borrow::Cow;
use std::path::Path;

use ferroway_config::decode::FileOrContent;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::PROVIDER;

/// How PEM begins; no file is called like this.
const BEGIN: &str = "-----BEGIN ";

/// The file that the value names, so that it can be watched; none if the value is content.
pub fn file_of(value: &FileOrContent) -> Option<&Path> {
    (!value.0.is_empty() && !value.0.contains(BEGIN)).then(|| Path::new(&value.0))
}

/// What the value is called in messages; content is not shown.
pub(crate) fn shown(value: &FileOrContent) -> &str {
    file_of(value).map_or("<content>", |_| &value.0)
}

/// All certificates in it, at least one.
pub(crate) fn certificates(value: &FileOrContent) -> Result<Vec<CertificateDer<'static>>, String> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(value)?).collect();
    let certificates = parsed.map_err(|error| format!("malformed PEM in {}: {error}", shown(value)))?;
    if certificates.is_empty() {
        return Err(format!("no certificate in {}: expected a PEM block CERTIFICATE", shown(value)));
    }
    Ok(certificates)
}

/// A certificate chain and its key, checked to belong together.
pub(crate) fn pair(cert: &FileOrContent, key: &FileOrContent) -> Result<CertifiedKey, String> {
    let chain = certificates(cert)?;
    let private_key = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|error| format!("no private key in {}: {error}", shown(key)))?;
    CertifiedKey::from_der(chain, private_key, &PROVIDER).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            format!("the private key in {} does not belong to the certificate", shown(key))
        }
        rustls::Error::InvalidCertificate(error) => {
            format!("unusable certificate in {}: {error}", shown(cert))
        }
        error => format!("unusable private key in {}: {error}", shown(key)),
    })
}

fn read(value: &FileOrContent) -> Result<Cow<'_, [u8]>, String> {
    match file_of(value) {
        None if value.0.is_empty() => Err("empty: expected a file name or PEM".to_owned()),
        None => Ok(Cow::Borrowed(value.0.as_bytes())),
        Some(file) => {
            let content = std::fs::read(file);
            content.map(Cow::Owned).map_err(|error| format!("cannot read {}: {error}", file.display()))
        }
    }
}
