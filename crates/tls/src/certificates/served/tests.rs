use std::sync::{Arc, Mutex};

use ferroway_config::dynamic::TlsOptions;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;

use crate::testing::{Pair, accept, certificates, self_signed};
use crate::{Acceptor, Files, PROVIDER};

/// Takes any certificate, and keeps what was stapled to it.
#[derive(Debug, Default)]
struct Reader(Mutex<Option<Vec<u8>>>);

impl ServerCertVerifier for Reader {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.0.lock().unwrap() = Some(ocsp_response.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}

/// What a client gets stapled that asks for `host`, and for none if it is an address.
async fn stapled(acceptor: &Acceptor, version: &'static SupportedProtocolVersion, host: &str) -> Vec<u8> {
    let reader = Arc::new(Reader::default());
    let config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[version])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(reader.clone())
        .with_no_client_auth();
    let (client, server) = tokio::io::duplex(1 << 16);
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, client);
    let (accepted, connected) = tokio::join!(accept(acceptor, server), connecting);
    let _both = (accepted.unwrap(), connected.unwrap());
    reader.0.lock().unwrap().take().unwrap()
}

#[tokio::test]
async fn what_is_stapled_is_what_clients_get() {
    let pairs: [Pair; 3] =
        [self_signed(&["one.test"]), self_signed(&["two.test"]), self_signed(&["127.0.0.1"])];
    let certificates = certificates(&pairs.iter().collect::<Vec<_>>());
    let (acceptor, _) =
        Acceptor::new("default", &TlsOptions::default(), &certificates, &Files::default()).unwrap();
    let (one, by_address) = (certificates.find("one.test").unwrap(), certificates.find("127.0.0.1").unwrap());
    for version in [&TLS12, &TLS13] {
        let hosts = ["one.test", "two.test", "three.test", "127.0.0.1"];
        let all = async || {
            let mut all = Vec::new();
            for host in hosts {
                all.push(String::from_utf8(stapled(&acceptor, version, host).await).unwrap());
            }
            all
        };
        assert_eq!(all().await, ["", "", "", ""], "{version:?}");
        one.staple(Some(b"first"));
        by_address.staple(Some(b"other"));
        assert_eq!(all().await, ["first", "", "", "other"], "{version:?}");
        one.staple(Some(b"second"));
        certificates.default_certificate().unwrap().staple(Some(b"default"));
        assert_eq!(all().await, ["second", "", "default", "other"], "{version:?}");
        let all_of_them = certificates.all().chain(certificates.default_certificate());
        all_of_them.for_each(|served| served.staple(None));
        assert_eq!(all().await, ["", "", "", ""], "{version:?}");
    }
}
