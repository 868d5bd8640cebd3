//! Certificates of clients: who is asked for one, and which are accepted (specification section 5.2,
//! `clientAuth`).

use std::sync::Arc;

use ferroway_config::dynamic::ClientAuth;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use crate::PROVIDER;
use crate::files::Files;
use crate::trust::Trust;

/// Asks clients for a certificate. That the client has its key is checked always, where the certificate
/// comes from only if there is something to check it against.
#[derive(Debug)]
struct Asking {
    required: bool,
    /// Subjects of the authorities, so that clients can choose.
    hints: Vec<DistinguishedName>,
    chain: Option<Chain>,
}

/// What certificates are checked against.
#[derive(Debug)]
struct Chain {
    trust: Trust,
    authorities: Arc<dyn ClientCertVerifier>,
}

/// What the options ask of clients.
///
/// # Errors
/// An unknown type, a file that cannot be used, or no authorities where they are needed.
pub(crate) fn verifier(options: &ClientAuth, files: &Files) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let kind = &*options.client_auth_type;
    let (required, checked) = match kind {
        "" if options.ca_files.is_empty() => return Ok(WebPkiClientVerifier::no_client_auth()),
        "" | "RequireAndVerifyClientCert" => (true, true),
        "NoClientCert" => return Ok(WebPkiClientVerifier::no_client_auth()),
        "RequestClientCert" => (false, false),
        "RequireAnyClientCert" => (true, false),
        "VerifyClientCertIfGiven" => (false, true),
        _ => return Err(format!("unknown client auth type {kind:?}")),
    };
    if checked && options.ca_files.is_empty() {
        return Err(format!("invalid clientAuthType: {kind}, CAFiles is required"));
    }
    let (trust, mut problems) = Trust::listed(&options.ca_files, files);
    if let Some(problem) = problems.pop() {
        return Err(format!("clientAuth.caFiles: {problem}"));
    }
    let hints = trust.authorities().subjects();
    let chain = if checked { Some(Chain::new(trust)?) } else { None };
    Ok(Arc::new(Asking { required, hints, chain }))
}

impl Chain {
    fn new(trust: Trust) -> Result<Self, String> {
        let authorities = Arc::clone(trust.authorities());
        let authorities =
            WebPkiClientVerifier::builder_with_provider(authorities, Arc::clone(&PROVIDER)).build();
        let authorities = authorities.map_err(|error| format!("clientAuth.caFiles: {error}"))?;
        Ok(Self { trust, authorities })
    }
}

impl ClientCertVerifier for Asking {
    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ClientCertVerified::assertion()) };
        match chain.trust.check_listed(leaf) {
            Some(checked) => checked.map(|()| ClientCertVerified::assertion()),
            None => chain.authorities.verify_client_cert(leaf, intermediates, now),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &PROVIDER.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &PROVIDER.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}
