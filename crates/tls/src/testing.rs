//! What the tests share: certificates made on the spot, and both sides of a handshake in memory.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::{Certificate, StoredCertificate, TlsOptions, TlsStore};
use ferroway_core::Io;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use tokio::io::{AsyncReadExt as _, DuplexStream};

use crate::{AcceptError, Accepted, Acceptor, Certificates, ClientOptions, ConnectError, Connector};
use crate::{Files, Received, Sniffed, Sniffer, TlsStream};

pub(crate) const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A certificate and its key, PEM.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) cert: FileOrContent,
    pub(crate) key: FileOrContent,
}

impl Pair {
    pub(crate) fn stored(&self) -> StoredCertificate {
        let (cert_file, key_file) = (self.cert.clone(), self.key.clone());
        StoredCertificate { cert_file, key_file, ..StoredCertificate::default() }
    }

    pub(crate) fn certificate(&self) -> Certificate {
        let (cert_file, key_file) = (self.cert.clone(), self.key.clone());
        Certificate { cert_file, key_file }
    }

    /// A store with this for its default certificate.
    pub(crate) fn store(&self) -> Arc<TlsStore> {
        let default_certificate = Some(self.certificate());
        TlsStore { default_certificate, ..TlsStore::default() }.into()
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        crate::pem::certificates(&self.cert, &Files::default()).unwrap()[0].to_vec()
    }
}

/// The parameters of a certificate for these names: `name`, an address, `uri:...`, or `cn:...`.
pub(crate) fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for name in names {
        let (kind, rest) = name.split_once(':').unwrap_or(("", name));
        let san = match (kind, name.parse()) {
            (_, Ok(address)) => SanType::IpAddress(address),
            ("cn", _) => {
                params.distinguished_name.push(DnType::CommonName, rest);
                continue;
            }
            ("uri", _) => SanType::URI(rest.try_into().unwrap()),
            _ => SanType::DnsName((*name).try_into().unwrap()),
        };
        params.subject_alt_names.push(san);
    }
    params
}

pub(crate) fn self_signed(names: &[&str]) -> Pair {
    sign_self(&params(names))
}

pub(crate) fn sign_self(params: &CertificateParams) -> Pair {
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap();
    Pair { cert: FileOrContent(cert.pem()), key: FileOrContent(key.serialize_pem()) }
}

/// An authority.
pub(crate) struct Authority {
    pub(crate) own: Pair,
    params: CertificateParams,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = params(&[&format!("cn:{name}")]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { own: sign_self(&params), params }
    }

    pub(crate) fn issue(&self, names: &[&str]) -> Pair {
        self.sign(&params(names))
    }

    pub(crate) fn sign(&self, params: &CertificateParams) -> Pair {
        let issuer = Issuer::from_params(&self.params, KeyPair::from_pem(&self.own.key.0).unwrap());
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &issuer).unwrap();
        Pair { cert: FileOrContent(cert.pem()), key: FileOrContent(key.serialize_pem()) }
    }
}

pub(crate) fn certificates(pairs: &[&Pair]) -> Arc<Certificates> {
    let stored: Vec<_> = pairs.iter().map(|pair| pair.stored()).collect();
    let (certificates, problems) = Certificates::load(stored, &Arc::default(), &Files::default(), None);
    assert_eq!(problems, []);
    Arc::new(certificates)
}

/// An acceptor for these options with these certificates.
pub(crate) fn acceptor(options: &TlsOptions, pairs: &[&Pair]) -> Acceptor {
    let (acceptor, warnings) =
        Acceptor::new("default", options, &certificates(pairs), &Files::default()).unwrap();
    assert_eq!(warnings, [""; 0]);
    acceptor
}

/// A connector that checks nothing but what the options say, and has no warnings.
pub(crate) fn connector(options: &ClientOptions<'_>) -> Connector {
    let (connector, warnings) = Connector::new(options).unwrap();
    assert_eq!(warnings, [""; 0]);
    connector
}

/// Takes any certificate.
pub(crate) fn careless() -> ClientOptions<'static> {
    ClientOptions { insecure_skip_verify: true, ..ClientOptions::default() }
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

/// The server's side: sniffs, then does the handshake.
pub(crate) async fn accept(acceptor: &Acceptor, mut io: DuplexStream) -> Result<Accepted, AcceptError> {
    let (mut bytes, mut sniffer) = (Vec::new(), Sniffer::default());
    let hello = loop {
        if io.read_buf(&mut bytes).await.map_err(AcceptError::Io)? == 0 {
            return Err(AcceptError::Io(std::io::ErrorKind::UnexpectedEof.into()));
        }
        match sniffer.read(&bytes).expect("clients here speak TLS") {
            Sniffed::Hello(hello) => break hello,
            Sniffed::Incomplete => {}
            other => panic!("{other:?}"),
        }
    };
    acceptor.accept(Io::Other(Box::new(io)), Received { hello, bytes: &bytes }, LOCAL, soon()).await
}

/// Both sides of a handshake.
pub(crate) async fn handshake(
    acceptor: &Acceptor,
    connector: &Connector,
    host: &str,
) -> (Result<Accepted, AcceptError>, Result<TlsStream, ConnectError>) {
    let (client, server) = tokio::io::duplex(1 << 16);
    let client = async {
        let mut stream = connector.connect(Io::Other(Box::new(client)), host, soon()).await?;
        // With TLS 1.3, a server's refusal of the client's certificate comes only now, as do tickets.
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(_) => Ok(stream),
            Err(error) => Err(ConnectError::Io(error)),
        }
    };
    let server = async {
        let mut accepted = accept(acceptor, server).await?;
        tokio::io::AsyncWriteExt::write_all(&mut accepted.stream, b"!").await.map_err(AcceptError::Io)?;
        tokio::io::AsyncWriteExt::flush(&mut accepted.stream).await.map_err(AcceptError::Io)?;
        Ok(accepted)
    };
    tokio::join!(server, client)
}
