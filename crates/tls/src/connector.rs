//! Handshakes with servers as a transport wants them (specification sections 3.8 and 3.9).

use std::io;
use std::sync::Arc;
use std::time::Instant;

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::{Certificate, ServersTransport, TcpClientTls};
use ferroway_core::Io;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio_rustls::TlsConnector;

use crate::files::{Files, shown};
use crate::stream::{ReadAhead, TlsStream};
use crate::trust::{self, Trust};
use crate::{PROVIDER, names, pem, x509};

/// What a transport says about TLS.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientOptions<'a> {
    /// Name for SNI and verification; empty means the server's host.
    pub server_name: &'a str,
    /// Does not check where certificates come from.
    pub insecure_skip_verify: bool,
    /// Authorities; empty means those of the system.
    pub root_cas: &'a [FileOrContent],
    /// Own certificates, if a server asks for one.
    pub certificates: &'a [Certificate],
    /// Cipher suites of TLS 1.2 by their IANA names; empty means all.
    pub cipher_suites: &'a [String],
    /// Lowest version by Go's name; empty means TLS 1.2.
    pub min_version: &'a str,
    /// Highest version by Go's name; empty means TLS 1.3.
    pub max_version: &'a str,
    /// URI that the server's certificate must carry; empty means none.
    pub peer_cert_uri: &'a str,
    /// Protocols to offer (ALPN), the best first.
    pub alpn: &'a [&'a [u8]],
    /// Where it is remembered what the files said.
    pub files: Option<&'a Files>,
}

impl<'a> From<&'a ServersTransport> for ClientOptions<'a> {
    fn from(transport: &'a ServersTransport) -> Self {
        Self {
            server_name: &transport.server_name,
            insecure_skip_verify: transport.insecure_skip_verify,
            root_cas: &transport.root_cas,
            certificates: &transport.certificates,
            cipher_suites: &transport.cipher_suites,
            min_version: &transport.min_version,
            max_version: &transport.max_version,
            peer_cert_uri: &transport.peer_cert_uri,
            alpn: if transport.disable_http2 { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] },
            files: None,
        }
    }
}

impl<'a> From<&'a TcpClientTls> for ClientOptions<'a> {
    fn from(tls: &'a TcpClientTls) -> Self {
        Self {
            server_name: &tls.server_name,
            insecure_skip_verify: tls.insecure_skip_verify,
            root_cas: &tls.root_cas,
            certificates: &tls.certificates,
            peer_cert_uri: &tls.peer_cert_uri,
            ..Self::default()
        }
    }
}

/// Makes encrypted connections to servers. Shared by all workers; remembers sessions.
#[derive(Clone)]
pub struct Connector {
    connector: TlsConnector,
    /// In place of the server's host.
    server_name: Option<ServerName<'static>>,
}

/// Why there is no encrypted connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host is neither a DNS name nor an address.
    #[error("TLS: {0:?} is not a name that a certificate can be for")]
    Name(Box<str>),
    /// The server's certificate was refused.
    #[error("TLS: {0}")]
    Verification(#[source] Error),
    /// The server refused, by an alert.
    #[error("TLS: {0}")]
    Refused(#[source] Error),
    /// The server does not speak TLS, or nothing that we do.
    #[error("TLS: {0}")]
    Protocol(#[source] Error),
    /// The connection broke.
    #[error("TLS: {0}")]
    Io(#[source] io::Error),
    /// The handshake took too long.
    #[error("TLS: the handshake timed out")]
    Timeout,
}

impl Connector {
    /// A connector for these options, and warnings: authorities and own certificates that cannot be used are left
    /// out, as are suites that rustls lacks. Reads files, which blocks.
    ///
    /// # Errors
    /// What is wrong with which option.
    pub fn new(options: &ClientOptions<'_>) -> Result<(Self, Vec<String>), String> {
        let mut warnings = Vec::new();
        let mut versions = names::versions(options.min_version, options.max_version, &mut warnings)?;
        let provider = names::provider(options.cipher_suites, &[], &mut versions, &mut warnings)?;
        let files = options.files.cloned().unwrap_or_default();
        let verifier = Verifier::new(options, &files, &mut warnings);
        let own = OwnCertificates::load(options.certificates, &files, &mut warnings);
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&versions)
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(own));
        config.alpn_protocols = options.alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let server_name = match options.server_name {
            "" => None,
            name => {
                Some(server_name(name).ok_or_else(|| format!("serverName {name:?}: expected a DNS name"))?)
            }
        };
        Ok((Self { connector: TlsConnector::from(Arc::new(config)), server_name }, warnings))
    }

    /// Whether HTTP/2 is offered.
    pub fn offers_http2(&self) -> bool {
        self.connector.config().alpn_protocols.iter().any(|protocol| protocol == b"h2")
    }

    /// Does the handshake with a server, until `deadline`. `host` is the server's name or address, without a port
    /// and without brackets.
    ///
    /// # Errors
    /// There is no encrypted connection; the one below is closed.
    pub async fn connect(&self, io: Io, host: &str, deadline: Instant) -> Result<TlsStream, ConnectError> {
        let name = self.server_name.clone().or_else(|| server_name(host));
        let name = name.ok_or_else(|| ConnectError::Name(host.into()))?;
        let handshake = self.connector.connect(name, ReadAhead::new(io, &[]));
        match tokio::time::timeout_at(deadline.into(), handshake).await {
            Ok(stream) => stream.map(TlsStream::new).map_err(ConnectError::from_io),
            Err(_) => Err(ConnectError::Timeout),
        }
    }
}

#[cfg(test)]
impl Connector {
    /// What rustls is told.
    pub(crate) fn config(&self) -> &Arc<ClientConfig> {
        self.connector.config()
    }

    pub(crate) fn from_config(config: ClientConfig) -> Self {
        Self { connector: TlsConnector::from(Arc::new(config)), server_name: None }
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

impl ConnectError {
    fn from_io(error: io::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(error @ Error::InvalidCertificate(_)) => Self::Verification(error),
            Ok(error @ Error::AlertReceived(_)) => Self::Refused(error),
            Ok(error) => Self::Protocol(error),
            Err(error) => Self::Io(error),
        }
    }
}

fn server_name(host: &str) -> Option<ServerName<'static>> {
    ServerName::try_from(host.trim_end_matches('.').to_owned()).ok()
}

/// Checks a server's certificate: where it comes from and whom it is for, each only if that is wanted.
#[derive(Debug)]
struct Verifier {
    /// Where there is none, anybody is taken for the server. Then a proof that it has the certificate's key would prove
    /// nothing, and is not looked at: the old certificates that this is used for (version 1) cannot be parsed.
    trust: Option<Trust>,
    check_name: bool,
    uri: Option<String>,
}

impl Verifier {
    fn new(options: &ClientOptions<'_>, files: &Files, warnings: &mut Vec<String>) -> Self {
        let uri = Some(options.peer_cert_uri).filter(|uri| !uri.is_empty()).map(str::to_owned);
        let check_name = !options.insecure_skip_verify;
        // With a URI to check, skipping verification skips the host name only.
        let trust = (check_name || uri.is_some()).then(|| {
            let (trust, problems) = if options.root_cas.is_empty() {
                Trust::system()
            } else {
                Trust::listed(options.root_cas, files)
            };
            warnings.extend(problems.into_iter().map(|problem| format!("rootCAs: {problem}")));
            trust
        });
        Self { trust, check_name, uri }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(trust) = &self.trust {
            trust.check_server(leaf, intermediates, now)?;
        }
        if self.check_name {
            trust::check_name(leaf, name)?;
        }
        if let Some(uri) = &self.uri {
            trust::check_uri(leaf, uri)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.trust.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, cert, signature, &PROVIDER.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.trust.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, cert, signature, &PROVIDER.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}

/// The transport's own certificates, in order.
#[derive(Debug)]
struct OwnCertificates(Vec<Own>);

#[derive(Debug)]
struct Own {
    key: Arc<CertifiedKey>,
    /// Issuers of the certificates in the chain, DER.
    issuers: Vec<Vec<u8>>,
}

impl OwnCertificates {
    fn load(pairs: &[Certificate], files: &Files, warnings: &mut Vec<String>) -> Self {
        let load = |pair: &Certificate| {
            let key = pem::pair(&pair.cert_file, &pair.key_file, files)?;
            let issuer =
                |der: &CertificateDer<'_>| Ok::<_, String>(x509::parse(der)?.issuer().as_raw().to_vec());
            let issuers = key.cert.iter().map(issuer).collect::<Result<_, _>>()?;
            Ok::<_, String>(Own { key: Arc::new(key), issuers })
        };
        let mut own = Vec::with_capacity(pairs.len());
        for pair in pairs {
            match load(pair) {
                Ok(loaded) => own.push(loaded),
                Err(error) => warnings.push(format!("certificate {}: {error}", shown(&pair.cert_file))),
            }
        }
        Self(own)
    }
}

impl ResolvesClientCert for OwnCertificates {
    /// The first whose key the server can verify and whose chain leads to an authority that the server names.
    fn resolve(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let acceptable = |own: &&Own| {
            let known =
                authorities.is_empty() || own.issuers.iter().any(|issuer| authorities.contains(&&**issuer));
            known && own.key.key.choose_scheme(schemes).is_some()
        };
        self.0.iter().find(acceptable).map(|own| Arc::clone(&own.key))
    }

    fn has_certs(&self) -> bool {
        !self.0.is_empty()
    }
}

#[cfg(test)]
mod tests;
