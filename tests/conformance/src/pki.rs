//! The certificates that cases refer to, made anew in every run.
//!
//! Two authorities, an intermediate one, and leaves. All RSA leaves share one key, as making one takes long.

use std::net::IpAddr;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, SanType, SigningKey as _, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key.
#[derive(Debug)]
pub struct Identity {
    /// By which cases and observations name it.
    pub name: &'static str,
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// Those of intermediate authorities that go with it.
    pub chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// The private key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }

    /// The certificate and what goes with it, in PEM.
    pub fn pem(&self) -> String {
        self.presented().iter().map(|certificate| pem("CERTIFICATE", certificate)).collect()
    }

    /// The private key in PEM.
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", self.key.secret_der())
    }

    /// The certificate and what goes with it, as it is presented.
    pub fn presented(&self) -> Vec<CertificateDer<'static>> {
        std::iter::once(&self.certificate).chain(&self.chain).cloned().collect()
    }
}

/// DER as PEM (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// All certificates of this run.
pub fn all() -> &'static [Identity] {
    static ALL: LazyLock<Vec<Identity>> = LazyLock::new(|| issue().expect("the parameters are valid"));
    &ALL
}

/// The certificate of that name.
///
/// # Errors
/// When there is none.
pub fn identity(name: &str) -> Result<&'static Identity> {
    let found = all().iter().find(|identity| identity.name == name);
    found.with_context(|| format!("no certificate is called {name:?}"))
}

/// Who signs a leaf.
#[derive(Clone, Copy)]
enum Signer {
    Ca,
    OtherCa,
    Intermediate,
}

/// The kind of a leaf's key.
#[derive(Clone, Copy)]
enum Key {
    Rsa,
    Ec,
    OtherEc,
}

/// What a leaf says it is for.
#[derive(Clone, Copy)]
enum Usage {
    Anything,
    Clients,
    Servers,
}

/// What makes a leaf.
#[derive(Clone, Copy)]
struct Leaf {
    name: &'static str,
    common_name: &'static str,
    /// Alternative names: host names and addresses, `URI:...`, `email:...`.
    names: &'static [&'static str],
    usage: Usage,
    signer: Signer,
    key: Key,
    expired: bool,
}

const fn server(name: &'static str, names: &'static [&'static str]) -> Leaf {
    Leaf {
        name,
        common_name: name,
        names,
        usage: Usage::Anything,
        signer: Signer::Ca,
        key: Key::Rsa,
        expired: false,
    }
}

const fn client(name: &'static str, signer: Signer) -> Leaf {
    Leaf { name, common_name: name, names: &[], usage: Usage::Clients, signer, key: Key::Rsa, expired: false }
}

const LEAVES: &[Leaf] = &[
    server("snitest.com", &["snitest.com"]),
    server("snitest.org", &["snitest.org", "www.snitest.org"]),
    Leaf { common_name: "*.wild.test", ..server("wild.test", &["*.wild.test"]) },
    server("exact.wild.test", &["exact.wild.test"]),
    Leaf { key: Key::Ec, ..server("ec.test", &["ec.test"]) },
    // The same name with either kind of key.
    server("both.test", &["both.test"]),
    Leaf { key: Key::OtherEc, ..server("both.test-ec", &["both.test"]) },
    server("cnonly.test", &["other-than-cn.test"]),
    server("default.test", &["default.test"]),
    server("many.test", &["many.test", "*.many.test", "127.0.0.1"]),
    Leaf { expired: true, ..server("expired.test", &["expired.test"]) },
    Leaf { signer: Signer::Intermediate, ..server("chain.test", &["chain.test"]) },
    server("backend.local", &["backend.local", "localhost", "127.0.0.1", "URI:spiffe://test/backend"]),
    server("passthrough.local", &["passthrough.local"]),
    Leaf {
        names: &["*.cheese.org", "*.cheese.net", "10.0.1.0", "email:test@cheese.org"],
        ..client("client1", Signer::Ca)
    },
    client("client2", Signer::OtherCa),
    client("client-chain", Signer::Intermediate),
    Leaf { expired: true, ..client("client-expired", Signer::Ca) },
    Leaf { usage: Usage::Servers, ..client("client-server-only", Signer::Ca) },
    Leaf {
        names: &[
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "URI:SPIFFE://test/a b",
            "URI:urn:x:y",
            "email:a+b@cheese.org",
        ],
        ..client("client-odd", Signer::Ca)
    },
];

/// The object identifier of a domain component, in DER.
const DOMAIN_COMPONENT: [u8; 12] = [0x06, 0x0a, 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19];

/// One that stands for a second domain component, as rcgen takes every attribute only once.
const SECOND_COMPONENT: [u8; 12] = [0x06, 0x0a, 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x7f];

/// The subject of `client1`, which has a bit of everything.
const CHEESE: [(&[u64], &str); 7] = [
    (&[0, 9, 2342, 19_200_300, 100, 1, 25], "org"),
    (&[0, 9, 2342, 19_200_300, 100, 1, 127], "cheese"),
    (&[2, 5, 4, 6], "FR"),
    (&[2, 5, 4, 8], "Some State"),
    (&[2, 5, 4, 7], "Toulouse"),
    (&[2, 5, 4, 10], "Cheese"),
    (&[2, 5, 4, 11], "Simple Signing Section"),
];

/// The subject of `client-odd`, whose values are hard to write down.
const ODD: [(&[u64], &str); 5] = [
    (&[2, 5, 4, 6], ""),
    (&[2, 5, 4, 10], "K\u{e4}se, \"Brot\"; und+Wein=%C3%A4&,"),
    (&[2, 5, 4, 11], "\u{1f9c0}"),
    (&[2, 5, 4, 5], "0042"),
    (&[1, 2, 840, 113_549, 1, 9, 1], "in-no-list@cheese.org"),
];

fn issue() -> Result<Vec<Identity>> {
    let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let (ec, other_ec) = (KeyPair::generate()?, KeyPair::generate()?);
    let (ca_params, ca_key) = (authority("Conformance CA"), KeyPair::generate()?);
    let (other_params, other_key) = (authority("Other CA"), KeyPair::generate()?);
    let (mut middle_params, middle_key) = (authority("Intermediate CA"), KeyPair::generate()?);
    // Servers are told of it, and the same in every run.
    middle_params.serial_number = Some(vec![0x7f; 16].into());
    let ca = Issuer::from_params(&ca_params, &ca_key);
    let middle = middle_params.signed_by(&middle_key, &ca)?;
    let mut all = vec![
        identity_of("ca", &ca_params.self_signed(&ca_key)?, &ca_key, None)?,
        identity_of("ca2", &other_params.self_signed(&other_key)?, &other_key, None)?,
        identity_of("intermediate", &middle, &middle_key, None)?,
    ];
    for (leaf, serial) in LEAVES.iter().zip(7000_u16..) {
        let params = leaf.params(serial)?;
        let key = match leaf.key {
            Key::Rsa => &rsa,
            Key::Ec => &ec,
            Key::OtherEc => &other_ec,
        };
        let (issuer, chain) = match leaf.signer {
            Signer::Ca => (&ca, None),
            Signer::OtherCa => (&Issuer::from_params(&other_params, &other_key), None),
            Signer::Intermediate => (&Issuer::from_params(&middle_params, &middle_key), Some(&middle)),
        };
        let mut identity = identity_of(leaf.name, &params.signed_by(key, issuer)?, key, chain)?;
        if leaf.name == "client1" {
            identity.certificate = with_second_component(&identity.certificate, &ca_key)?;
        }
        all.push(identity);
    }
    Ok(all)
}

/// The certificate with [`SECOND_COMPONENT`] made a domain component, signed again.
fn with_second_component(certificate: &[u8], issuer: &KeyPair) -> Result<CertificateDer<'static>> {
    // A certificate is a sequence of the part that is signed, the algorithm and the signature. Both sequences are long
    // enough for lengths of two bytes.
    let signed_length = usize::from(u16::from_be_bytes([certificate[6], certificate[7]])) + 4;
    let (signed, rest) = certificate[4..].split_at(signed_length);
    let algorithm = &rest[..usize::from(rest[1]) + 2];
    let mut signed = signed.to_vec();
    let at = signed.windows(SECOND_COMPONENT.len()).position(|part| part == SECOND_COMPONENT);
    let at = at.context("the placeholder is not in the certificate")?;
    signed[at..at + DOMAIN_COMPONENT.len()].copy_from_slice(&DOMAIN_COMPONENT);
    let signature = issuer.sign(&signed)?;
    let bits = [&[0x03, u8::try_from(signature.len() + 1)?, 0x00], &signature[..]].concat();
    let content = [&signed, algorithm, &bits].concat();
    let length = u16::try_from(content.len())?.to_be_bytes();
    Ok([&[0x30, 0x82], &length[..], &content].concat().into())
}

fn identity_of(
    name: &'static str,
    certificate: &rcgen::Certificate,
    key: &KeyPair,
    chain: Option<&rcgen::Certificate>,
) -> Result<Identity> {
    Ok(Identity {
        name,
        certificate: certificate.der().clone(),
        chain: chain.map(|one| one.der().clone()).into_iter().collect(),
        key: PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?,
    })
}

/// An authority that signs whatever it is given.
fn authority(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Ferroway");
    params.distinguished_name.push(DnType::CommonName, common_name);
    (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2124, 1, 1));
    params
}

impl Leaf {
    fn params(&self, serial: u16) -> Result<CertificateParams> {
        let mut params = CertificateParams::default();
        params.serial_number = Some(serial.to_be_bytes().to_vec().into());
        (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2123, 1, 1));
        if self.expired {
            params.not_after = date_time_ymd(2025, 1, 1);
        }
        params.distinguished_name = self.subject()?;
        params.subject_alt_names = self.names.iter().copied().map(alternative_name).collect::<Result<_>>()?;
        match self.usage {
            Usage::Anything => {}
            Usage::Clients => params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth),
            Usage::Servers => params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth),
        }
        Ok(params)
    }

    fn subject(&self) -> Result<DistinguishedName> {
        let mut subject = DistinguishedName::new();
        let (attributes, common_name): (&[(&[u64], &str)], _) = match self.name {
            "client1" => (&CHEESE, "*.cheese.org"),
            "client-odd" => (&ODD, " a~b_c-d.e*/'"),
            _ => (&[], self.common_name),
        };
        for (oid, value) in attributes {
            let value = match oid.first() {
                Some(0) => DnValue::Ia5String((*value).try_into()?),
                _ => DnValue::Utf8String((*value).to_owned()),
            };
            subject.push(DnType::from_oid(oid), value);
        }
        subject.push(DnType::CommonName, common_name);
        Ok(subject)
    }
}

fn alternative_name(text: &str) -> Result<SanType> {
    Ok(match (text.parse::<IpAddr>(), text.split_once(':')) {
        (Ok(address), _) => SanType::IpAddress(address),
        (_, Some(("email", rest))) => SanType::Rfc822Name(rest.try_into()?),
        (_, Some((_, rest))) => SanType::URI(rest.try_into()?),
        _ => SanType::DnsName(text.try_into()?),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::RootCertStore;
    use rustls::pki_types::UnixTime;
    use rustls::server::WebPkiClientVerifier;

    use super::*;
    use crate::certs::provider;

    /// All clients that a router must take are taken by rustls, also the one that is signed twice.
    #[test]
    fn clients_are_what_their_names_say() {
        let mut roots = RootCertStore::empty();
        roots.add(identity("ca").unwrap().certificate.clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider()));
        let verifier = verifier.build().unwrap();
        for (name, is_good) in [
            ("client1", true),
            ("client-chain", true),
            ("client-odd", true),
            ("client2", false),
            ("client-expired", false),
            ("client-server-only", false),
        ] {
            let client = identity(name).unwrap();
            let verdict = verifier.verify_client_cert(&client.certificate, &client.chain, UnixTime::now());
            assert_eq!(verdict.is_ok(), is_good, "{name}: {verdict:?}");
        }
        assert!(identity("nobody").is_err());
    }

    #[test]
    fn domain_components_are_there_twice() {
        let certificate = &identity("client1").unwrap().certificate;
        let count =
            certificate.windows(DOMAIN_COMPONENT.len()).filter(|part| *part == DOMAIN_COMPONENT).count();
        assert_eq!(count, 2);
    }
}
