//! The TLS side of the client.

use std::io;
use std::sync::Arc;

use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName};
use rustls::{ClientConfig, SupportedProtocolVersion, version};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certs::{AcceptAnyServer, certificate, describe, key, provider};
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
}

/// Does the handshake as a request wants it.
pub(super) async fn handshake(
    stream: TcpStream,
    choice: &TlsChoice,
) -> io::Result<(TlsStream<TcpStream>, TlsSeen)> {
    let connector = TlsConnector::from(Arc::new(config(choice).map_err(io::Error::other)?));
    // An address instead of a name, so that no server name is sent.
    let nobody = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([127, 0, 0, 1])));
    let stream = connector.connect(nobody, stream).await?;
    let connection = stream.get_ref().1;
    let seen = TlsSeen {
        certificate: connection.peer_certificates().and_then(|chain| chain.first()).map_or("none", describe),
        version: match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "unknown",
        },
        alpn: connection.alpn_protocol().map(crate::text::text),
    };
    Ok((stream, seen))
}

fn config(choice: &TlsChoice) -> anyhow::Result<ClientConfig> {
    let mut provider = provider();
    if let Some(name) = &choice.cipher {
        provider.cipher_suites.retain(|known| known.suite().as_str() == Some(name));
        anyhow::ensure!(!provider.cipher_suites.is_empty(), "the cipher suite {name:?} is not known");
    }
    let versions: &[&SupportedProtocolVersion] = match choice.max.as_deref() {
        None | Some("1.3") => &[&version::TLS13, &version::TLS12],
        Some("1.2") => &[&version::TLS12],
        Some(other) => anyhow::bail!("the version {other:?} is not known, expected 1.2 or 1.3"),
    };
    let provider = Arc::new(provider);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AcceptAnyServer(provider)));
    let mut config = match &choice.cert {
        Some(name) => builder.with_client_auth_cert(vec![certificate(name)?], key(name)?)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = choice.alpn.iter().map(|protocol| protocol.clone().into_bytes()).collect();
    Ok(config)
}
