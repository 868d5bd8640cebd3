//! The TLS side of the client.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName};
use rustls::{ClientConfig, SupportedProtocolVersion, version};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certs::{AcceptAnyServer, describe, provider};
use crate::pki::identity;
use crate::request::TlsChoice;

/// What the client saw of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSeen {
    /// The name of the server's certificate, `generated` for one that is not ours.
    pub certificate: &'static str,
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// The application protocol agreed on.
    pub alpn: Option<String>,
    /// Whether a session was resumed, when the case looks at it.
    pub resumed: Option<bool>,
    /// How many certificates were presented.
    pub chain: usize,
    /// The cipher suite, when the case looks at it.
    pub cipher: Option<&'static str>,
    /// The group of the key exchange, when the case looks at the cipher suite.
    pub group: Option<String>,
}

/// How long a server may take to send a ticket.
const TICKET: Duration = Duration::from_millis(150);

/// The name in the certificate that Traefik makes for itself.
const GENERATED_NAME: &str = "TRAEFIK DEFAULT CERT";

/// What handshakes of one request have in common.
///
/// # Errors
/// When the request asks for something that is not known.
pub(super) fn connector(choice: &TlsChoice) -> io::Result<TlsConnector> {
    Ok(TlsConnector::from(Arc::new(config(choice).map_err(io::Error::other)?)))
}

/// Reads until the server has had time to send what is needed to resume the session, and drops the connection.
pub(super) async fn wait_for_ticket(mut stream: TlsStream<TcpStream>) {
    let mut nothing = [0];
    let _ = timeout(TICKET, stream.read(&mut nothing)).await;
}

/// Does the handshake as a request wants it.
pub(super) async fn handshake(
    stream: TcpStream,
    connector: &TlsConnector,
    choice: &TlsChoice,
) -> io::Result<(TlsStream<TcpStream>, TlsSeen)> {
    let name = match &choice.sni {
        Some(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
        // An address instead of a name, so that no server name is sent.
        None => ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([127, 0, 0, 1]))),
    };
    let stream = connector.connect(name, stream).await?;
    let connection = stream.get_ref().1;
    let chain = connection.peer_certificates().unwrap_or_default();
    let own_name =
        |der: &[u8]| der.windows(GENERATED_NAME.len()).any(|part| part == GENERATED_NAME.as_bytes());
    let seen = TlsSeen {
        certificate: match chain.first() {
            Some(generated) if choice.show_name && own_name(generated) => GENERATED_NAME,
            other => other.map_or("none", describe),
        },
        chain: chain.len(),
        cipher: match connection.negotiated_cipher_suite() {
            Some(suite) if choice.show_cipher => suite.suite().as_str(),
            _ => None,
        },
        group: match connection.negotiated_key_exchange_group() {
            Some(group) if choice.show_cipher => Some(format!("{:?}", group.name())),
            _ => None,
        },
        version: match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "unknown",
        },
        resumed: choice.resume.then(|| connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed)),
        alpn: connection.alpn_protocol().map(crate::text::text),
    };
    Ok((stream, seen))
}

/// Whether an error is one of TLS.
pub(super) fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

/// The alert that a peer sent, by its name.
pub(super) fn alert(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(format!("{alert:?}")),
        _ => None,
    }
}

fn config(choice: &TlsChoice) -> anyhow::Result<ClientConfig> {
    let mut provider = provider();
    if let Some(name) = &choice.cipher {
        provider.cipher_suites.retain(|known| known.suite().as_str() == Some(name));
        anyhow::ensure!(!provider.cipher_suites.is_empty(), "the cipher suite {name:?} is not known");
    }
    if let Some(name) = &choice.group {
        provider.kx_groups.retain(|known| format!("{:?}", known.name()) == *name);
        anyhow::ensure!(!provider.kx_groups.is_empty(), "the group {name:?} is not known");
    }
    let versions: &[&SupportedProtocolVersion] = match (choice.min.as_deref(), choice.max.as_deref()) {
        (None | Some("1.2"), None | Some("1.3")) => &[&version::TLS13, &version::TLS12],
        (None | Some("1.2"), Some("1.2")) => &[&version::TLS12],
        (Some("1.3"), None | Some("1.3")) => &[&version::TLS13],
        other => anyhow::bail!("the versions {other:?} are not known, expected 1.2 or 1.3"),
    };
    let provider = Arc::new(provider);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AcceptAnyServer(provider)));
    let mut config = match &choice.cert {
        Some(name) => {
            let identity = identity(name)?;
            builder.with_client_auth_cert(identity.presented(), identity.key())?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = choice.alpn.iter().map(|protocol| protocol.clone().into_bytes()).collect();
    Ok(config)
}
