//! The test certificates in `certs/`, and TLS settings made from them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};

use crate::json::Names;

/// The leaf certificates, each with its key. `ca` signed them.
const LEAVES: [&str; 2] = ["backend.local", "client1"];

/// The path of a file in `certs/`.
fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("certs").join(file)
}

/// Defines `@{crt.NAME}` and `@{key.NAME}` for each certificate.
pub fn define(names: &mut Names) {
    names.set("crt.ca", path("ca.crt").display().to_string());
    for leaf in LEAVES {
        names.set(format!("crt.{leaf}"), path(&format!("{leaf}.crt")).display().to_string());
        names.set(format!("key.{leaf}"), path(&format!("{leaf}.key")).display().to_string());
    }
}

/// Reads the certificate of that name.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn certificate(name: &str) -> Result<CertificateDer<'static>> {
    let path = path(&format!("{name}.crt"));
    CertificateDer::from_pem_file(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads the private key of that name.
///
/// # Errors
/// When the file cannot be read or holds no key.
pub fn key(name: &str) -> Result<PrivateKeyDer<'static>> {
    let path = path(&format!("{name}.key"));
    PrivateKeyDer::from_pem_file(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// The name of a certificate that a peer presented: one of ours, or `generated` for one that the router made itself.
pub fn describe(presented: &CertificateDer<'_>) -> &'static str {
    LEAVES
        .into_iter()
        .find(|name| certificate(name).is_ok_and(|ours| ours == *presented))
        .unwrap_or("generated")
}

/// The crypto provider that all TLS of this crate uses.
pub fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// Whether a TLS backend asks its clients for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificate {
    /// No certificate is asked for.
    Ignored,
    /// One that `ca` signed is required.
    Required,
}

/// The settings of a TLS backend, which presents `backend.local`.
///
/// # Errors
/// When the certificates cannot be read.
pub fn backend_config(clients: ClientCertificate) -> Result<Arc<ServerConfig>> {
    let provider = Arc::new(provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match clients {
        ClientCertificate::Ignored => builder.with_no_client_auth(),
        ClientCertificate::Required => {
            let mut roots = RootCertStore::empty();
            roots.add(certificate("ca")?)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    Ok(Arc::new(builder.with_single_cert(vec![certificate("backend.local")?], key("backend.local")?)?))
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
