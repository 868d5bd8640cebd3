//! Handshakes with clients as one set of TLS options wants them (specification sections 5.2 and 5.3).

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::dynamic::TlsOptions;
use ferroway_core::{Io, TlsInfo};
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::server::StartHandshake;

use crate::certificates::Certificates;
use crate::files::Files;
use crate::hello::ClientHello;
use crate::stream::{ReadAhead, TlsStream};
use crate::tickets::Tickets;
use crate::{client_auth, names, x509};

const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";
/// The protocol of ACME's challenge by TLS.
const ACME: &[u8] = b"acme-tls/1";

/// How long a connection whose handshake has failed waits for the client to close it too, and how much of what the client
/// still sends is read.
const LINGER: Duration = Duration::from_millis(500);
const DRAIN_LIMIT: u64 = 64 * 1024;

/// A fatal alert `unrecognized_name` in a record of its own.
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 2, 112];

/// Accepts clients under one set of options. Shared by all workers; sessions resume with whichever worker, but
/// never under other options than those that they began with, because each acceptor has tickets of its own.
#[derive(Debug)]
pub struct Acceptor {
    name: Arc<str>,
    config: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
    sni_strict: bool,
}

/// What was read of a connection before its handshake.
#[derive(Debug)]
pub struct Received<'a> {
    /// The client's first message.
    pub hello: Box<ClientHello>,
    /// All bytes, that message's and whatever came after it.
    pub bytes: &'a [u8],
}

/// A client that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The connection, ready for use. Boxed, as it is large and goes through many hands.
    pub stream: Box<TlsStream>,
    /// What was agreed on.
    pub info: TlsInfo,
}

/// Why a client was not accepted. It has been told by an alert where that makes sense.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// No certificate is for the name that the client asks for, and the options want one (`sniStrict`).
    #[error("strict SNI enabled: no certificate for {0:?}")]
    NoCertificate(Box<str>),
    /// The client asks for the certificate of an ACME challenge that there is not.
    #[error("no certificate for the TLS-ALPN challenge of {0:?}")]
    NoChallenge(Box<str>),
    /// The client and the options do not agree, or the client does not keep to the protocol.
    #[error("TLS handshake: {0}")]
    Handshake(#[source] rustls::Error),
    /// The connection broke.
    #[error("TLS handshake: {0}")]
    Io(#[source] io::Error),
    /// The handshake took too long.
    #[error("TLS handshake: timed out")]
    Timeout,
}

impl Acceptor {
    /// An acceptor for the options of this name (`default`, `name@provider`), and warnings about options that
    /// cannot be followed to the letter. Reads authorities' files, which blocks.
    ///
    /// # Errors
    /// What is wrong with which option.
    pub fn new(
        name: &str,
        options: &TlsOptions,
        certificates: &Arc<Certificates>,
        files: &Files,
    ) -> Result<(Self, Vec<String>), String> {
        let mut warnings = Vec::new();
        let mut versions = names::versions(&options.min_version, &options.max_version, &mut warnings)?;
        let suites = options.cipher_suites.as_deref().unwrap_or_default();
        let provider = names::provider(suites, &options.curve_preferences, &mut versions, &mut warnings)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&versions)
            .map_err(|error| error.to_string())?
            .with_client_cert_verifier(client_auth::verifier(&options.client_auth, files)?)
            .with_cert_resolver(Arc::new(BySni(Arc::clone(certificates))));
        config.alpn_protocols = match &options.alpn_protocols {
            Some(protocols) => protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect(),
            None => vec![HTTP2.to_vec(), HTTP1.to_vec(), ACME.to_vec()],
        };
        // AES before ChaCha20, whatever the client thinks, unless it is one without instructions for AES.
        config.ignore_client_order = true;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if options.disable_session_tickets {
            config.send_tls13_tickets = 0;
        } else {
            config.ticketer = Arc::new(Tickets::default());
            config.send_tls13_tickets = 1;
        }
        let acceptor = Self {
            name: name.into(),
            config: Arc::new(config),
            certificates: Arc::clone(certificates),
            sni_strict: options.sni_strict,
        };
        Ok((acceptor, warnings))
    }

    /// The same acceptor with other certificates. Sessions go on: that the client came here before, and under which
    /// options, is as true as it was.
    pub fn with_certificates(&self, certificates: &Arc<Certificates>) -> Self {
        let mut config = ServerConfig::clone(&self.config);
        config.cert_resolver = Arc::new(BySni(Arc::clone(certificates)));
        Self {
            name: Arc::clone(&self.name),
            config: Arc::new(config),
            certificates: Arc::clone(certificates),
            sni_strict: self.sni_strict,
        }
    }

    /// The name of the options.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Does the handshake with a client that came to the address `local`, until `deadline`.
    ///
    /// # Errors
    /// The client is not accepted; the connection is closed.
    pub async fn accept(
        &self,
        mut io: Io,
        received: Received<'_>,
        local: IpAddr,
        deadline: Instant,
    ) -> Result<Accepted, AcceptError> {
        let handshake = async {
            let config = match self.config_for(&received.hello, local) {
                Ok(config) => config,
                Err(error) => {
                    // The client may be gone, and there is nothing more to tell it.
                    let _ = io.write_all(UNRECOGNIZED_NAME).await;
                    let _ = io.shutdown().await;
                    return Err(error);
                }
            };
            let (server_name, accepted, length) = received.hello.into_parts();
            let io = ReadAhead::new(io, received.bytes.get(length..).unwrap_or_default());
            let accepting = StartHandshake::from_parts(accepted, io).into_stream(config);
            let stream = match accepting.into_fallible().await {
                Ok(stream) => Box::new(TlsStream::new(stream)),
                Err((error, io)) => {
                    let error = AcceptError::from_io(error);
                    if matches!(error, AcceptError::Handshake(_)) {
                        linger(io).await;
                    }
                    return Err(error);
                }
            };
            let info = self.info(&stream, server_name);
            Ok(Accepted { stream, info })
        };
        let result = tokio::time::timeout_at(deadline.into(), handshake).await;
        result.unwrap_or(Err(AcceptError::Timeout))
    }

    /// The configuration for this client: the one of the options, but for rare cases that rustls does not know.
    fn config_for(&self, hello: &ClientHello, local: IpAddr) -> Result<Arc<ServerConfig>, AcceptError> {
        let shown = || hello.server_name().unwrap_or_default().into();
        if hello.alpn().any(|protocol| protocol == ACME) {
            return Err(AcceptError::NoChallenge(shown()));
        }
        let name = hello.server_name();
        let chosen = match name {
            Some(name) => self.certificates.find(name),
            None => self.certificates.find_address(local),
        };
        if self.sni_strict && chosen.is_none() {
            return Err(AcceptError::NoCertificate(shown()));
        }
        let mut config = Arc::clone(&self.config);
        if let (None, Some(key)) = (name, chosen) {
            Arc::make_mut(&mut config).cert_resolver = Arc::new(SingleCertAndKey::from(key.key()));
        }
        if hello.prefers_chacha() {
            Arc::make_mut(&mut config).ignore_client_order = false;
        }
        if self.lets_http1_in(hello) {
            Arc::make_mut(&mut config).alpn_protocols.clear();
        }
        Ok(config)
    }

    /// Whether the client offers HTTP/1.1 where the options have HTTP/2 and nothing that the client offers. As in
    /// Go, it is served as if neither side had spoken of protocols.
    fn lets_http1_in(&self, hello: &ClientHello) -> bool {
        let own = &self.config.alpn_protocols;
        own.iter().any(|protocol| protocol == HTTP2)
            && hello.alpn().any(|protocol| protocol == HTTP1)
            && !hello.alpn().any(|offered| own.iter().any(|protocol| protocol == offered))
    }

    fn info(&self, stream: &TlsStream, server_name: Option<Box<str>>) -> TlsInfo {
        let state = stream.state();
        let certificates = state.peer_certificates().unwrap_or_default();
        let client_certificates: Box<[Box<[u8]>]> =
            certificates.iter().map(|der| Box::from(der.as_ref())).collect();
        let subject = client_certificates.first().and_then(|leaf| x509::go_name(leaf));
        TlsInfo {
            server_name,
            options: Some(Arc::clone(&self.name)),
            version: names::version(state.protocol_version()),
            cipher_suite: names::suite(state.negotiated_cipher_suite()),
            client_subject: subject.map(String::into_boxed_str),
            client_certificates,
        }
    }
}

/// Reads on for a moment before a connection is closed. With TLS 1.3 a client may have sent its request before it
/// learns that its certificate is refused; a close with unread bytes would reset the connection, and the alert that
/// says why might be lost.
async fn linger(mut io: ReadAhead) {
    let farewell = async {
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(DRAIN_LIMIT), &mut tokio::io::sink()).await
    };
    // The client may be gone, or go on sending, and there is nothing more to tell it.
    let _ = tokio::time::timeout(LINGER, farewell).await;
}

impl AcceptError {
    fn from_io(error: io::Error) -> Self {
        match error.downcast::<rustls::Error>() {
            Ok(error) => Self::Handshake(error),
            Err(error) => Self::Io(error),
        }
    }
}

/// Chooses by the name that the client asks for; the default certificate where none fits.
#[derive(Debug)]
struct BySni(Arc<Certificates>);

impl ResolvesServerCert for BySni {
    fn resolve(&self, hello: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(|name| name.trim_end_matches('.'));
        let found = name.and_then(|name| self.0.find(name));
        Some(found.or_else(|| self.0.default_certificate())?.key())
    }
}

#[cfg(test)]
mod tests;
