//! TLS settings made from the certificates of [`pki`].

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{ALL_VERSIONS, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme, version};

use crate::json::Names;
use crate::pki::{self, identity};

/// Writes all certificates into a folder and defines `@{crt.NAME}` and `@{key.NAME}` for the files, `@{pem.NAME}` and
/// `@{pemkey.NAME}` for what is in them.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, names: &mut Names) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for identity in pki::all() {
        for (file, content, text) in [("crt", identity.pem(), "pem"), ("key", identity.key_pem(), "pemkey")] {
            let path = folder.join(format!("{}.{file}", identity.name));
            std::fs::write(&path, &content).with_context(|| format!("cannot write {}", path.display()))?;
            names.set(format!("{file}.{}", identity.name), path.display().to_string());
            names.set(format!("{text}.{}", identity.name), content);
        }
    }
    Ok(())
}

/// The name of a certificate that a peer presented: one of ours, or `generated` for one that the router made itself.
pub fn describe(presented: &CertificateDer<'_>) -> &'static str {
    pki::all().iter().find(|ours| ours.certificate == *presented).map_or("generated", |ours| ours.name)
}

/// The crypto provider that all TLS of this crate uses.
pub fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// How a backend speaks TLS.
#[derive(Debug, Clone, Copy)]
pub struct BackendTls {
    /// The certificate that it presents.
    pub certificate: &'static str,
    /// Require a client certificate that `ca` signed.
    pub wants_client: bool,
    /// Speak TLS 1.2 only.
    pub only_tls12: bool,
    /// Application protocols, the preferred one first.
    pub alpn: &'static [&'static str],
}

impl BackendTls {
    /// The usual settings.
    pub const PLAIN: Self =
        Self { certificate: "backend.local", wants_client: false, only_tls12: false, alpn: &[] };

    /// The settings for rustls.
    ///
    /// # Errors
    /// When rustls does not take the certificates.
    pub fn config(self) -> Result<Arc<ServerConfig>> {
        let provider = Arc::new(provider());
        let versions: &[_] = if self.only_tls12 { &[&version::TLS12] } else { ALL_VERSIONS };
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions)?;
        let builder = if self.wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(identity("ca")?.certificate.clone())?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let identity = identity(self.certificate)?;
        let mut config = builder.with_single_cert(identity.presented(), identity.key())?;
        config.alpn_protocols = self.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Arc::new(config))
    }
}

/// Accepts every server certificate: the client of this crate observes, it does not judge.
#[derive(Debug)]
pub struct AcceptAnyServer(pub Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAnyServer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
