//! Certificate authorities, and whether a certificate leads to one of them.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use ferroway_config::decode::FileOrContent;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

use crate::files::{Files, shown};
use crate::{PROVIDER, pem, x509};

/// What is trusted.
#[derive(Debug)]
pub(crate) struct Trust {
    authorities: Arc<RootCertStore>,
    /// The same certificates in full: one that is itself listed is trusted whatever it says of itself. Users
    /// list self-signed certificates of servers and clients, which often claim to be authorities, and are
    /// refused for that where an authority is looked for. Go trusts them too.
    listed: HashSet<CertificateDer<'static>>,
}

impl Trust {
    /// What is listed in these files; with `problems`, those that cannot be read are left out.
    pub(crate) fn listed<'a>(
        values: impl IntoIterator<Item = &'a FileOrContent>,
        files: &Files,
    ) -> (Self, Vec<String>) {
        let (mut authorities, mut listed, mut problems) =
            (RootCertStore::empty(), HashSet::new(), Vec::new());
        for value in values {
            match pem::certificates(value, files) {
                Ok(certificates) => {
                    for certificate in certificates {
                        if let Err(error) = authorities.add(certificate.clone()) {
                            problems.push(format!("unusable authority in {}: {error}", shown(value)));
                        }
                        listed.insert(certificate);
                    }
                }
                Err(error) => problems.push(error),
            }
        }
        (Self { authorities: Arc::new(authorities), listed }, problems)
    }

    /// What the system trusts, read once in the life of the process.
    pub(crate) fn system() -> (Self, Vec<String>) {
        static SYSTEM: LazyLock<(Arc<RootCertStore>, Vec<String>)> = LazyLock::new(|| {
            let found = rustls_native_certs::load_native_certs();
            let mut authorities = RootCertStore::empty();
            authorities.add_parsable_certificates(found.certs);
            let mut problems: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
            if authorities.is_empty() {
                problems.push("the system has no certificate authorities".to_owned());
            }
            (Arc::new(authorities), problems)
        });
        let (authorities, problems) = &*SYSTEM;
        (Self { authorities: Arc::clone(authorities), listed: HashSet::new() }, problems.clone())
    }

    /// The authorities alone.
    pub(crate) fn authorities(&self) -> &Arc<RootCertStore> {
        &self.authorities
    }

    /// Whether this very certificate is listed and valid now. None: it is not listed.
    pub(crate) fn check_listed(&self, leaf: &CertificateDer<'_>) -> Option<Result<(), Error>> {
        self.listed.contains(leaf).then(|| {
            let parsed = x509::parse(leaf).map_err(|_| CertificateError::BadEncoding)?;
            match x509::invalid_now(parsed.validity()) {
                Some(_) => Err(CertificateError::Expired.into()),
                None => Ok(()),
            }
        })
    }

    /// Whether a server's chain leads to what is trusted, at this time.
    pub(crate) fn check_server(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        self.check_listed(leaf).unwrap_or_else(|| {
            let leaf = ParsedCertificate::try_from(leaf)?;
            let algorithms = PROVIDER.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &leaf,
                &self.authorities,
                intermediates,
                now,
                algorithms,
            )
        })
    }
}

/// Whether the certificate is for this name.
pub(crate) fn check_name(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    verify_server_name(&ParsedCertificate::try_from(leaf)?, name)
}

/// Whether one of the certificate's URIs is this one.
pub(crate) fn check_uri(leaf: &CertificateDer<'_>, uri: &str) -> Result<(), Error> {
    let matches = x509::parse(leaf).is_ok_and(|certificate| x509::has_uri(&certificate, uri));
    if matches { Ok(()) } else { Err(CertificateError::ApplicationVerificationFailure.into()) }
}
