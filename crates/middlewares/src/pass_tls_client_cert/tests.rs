use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferroway_core::{Middleware, TlsInfo};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType, date_time_ymd};

use crate::testing::{build, parse_request};

/// A certificate with these attributes and alternative names.
fn certificate(subject: &[(DnType, &str)], names: Vec<SanType>) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.serial_number = Some(vec![1, 0].into());
    (params.not_before, params.not_after) = (date_time_ymd(1969, 12, 31), date_time_ymd(2100, 1, 1));
    params.subject_alt_names = names;
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

/// Both fields as the server gets them, over a connection with these certificates (without TLS for `None`).
fn sent(options: &str, request: &str, certificates: Option<&[&[u8]]>) -> [Option<String>; 2] {
    let chain = build(&format!("m: {{passTLSClientCert: {options}}}"), &["m"]).unwrap();
    let (mut head, mut exchange) = parse_request(request);
    let tls = certificates.map(|certificates| TlsInfo {
        client_certificates: certificates.iter().copied().map(Box::from).collect(),
        ..TlsInfo::default()
    });
    Rc::get_mut(&mut exchange.conn).unwrap().tls = tls;
    let Middleware::Filter(filter) = &chain[0].middleware else { panic!("no filter") };
    filter.request(&mut head, &mut exchange);
    ["x-forwarded-tls-client-cert", "x-forwarded-tls-client-cert-info"].map(|name| {
        let values = head.headers.get_all(name).map(|value| value.to_str().unwrap());
        let values: Vec<&str> = values.collect();
        (!values.is_empty()).then(|| values.join(" + "))
    })
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const ALL: &str = "{info: {
    subject: {domainComponent: true, country: true, province: true, locality: true, organization: true,
              organizationalUnit: true, serialNumber: true, commonName: true},
    issuer: {commonName: true}, serialNumber: true, notBefore: true, notAfter: true, sans: true}}";

#[test]
fn what_is_told() {
    let names = || {
        vec![
            SanType::URI("SPIFFE://a/b c".try_into().unwrap()),
            SanType::IpAddress("10.0.0.1".parse().unwrap()),
            SanType::IpAddress("2001:db8::1".parse().unwrap()),
            SanType::Rfc822Name("a@b.test".try_into().unwrap()),
            SanType::DnsName("a.test".try_into().unwrap()),
        ]
    };
    let component = DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 25]);
    let serial = DnType::CustomDnType(vec![2, 5, 4, 5]);
    let full = certificate(
        &[
            (DnType::CommonName, "c~*"),
            (serial, "007"),
            (DnType::OrganizationalUnitName, "u"),
            (DnType::OrganizationName, "o, o"),
            (DnType::LocalityName, ""),
            (DnType::StateOrProvinceName, "s"),
            (DnType::CountryName, "DE"),
            (component, "dc"),
        ],
        names(),
    );
    let bare = certificate(&[], Vec::new());
    let two: &[&[u8]] = &[&full, &bare];
    for (options, certificates, expected) in [
        (
            ALL,
            &two[..1],
            "Subject%3D%22DC%3Ddc%2CC%3DDE%2CST%3Ds%2CO%3Do%2C+o%2COU%3Du%2CSN%3D007%2CCN%3Dc~%2A%22\
             %3BIssuer%3D%22CN%3Dc~%2A%22%3BSerialNumber%3D%22256%22\
             %3BNB%3D%2218446744073709465216%22%3BNA%3D%224102444800%22\
             %3BSAN%3D%22a.test%2Ca%40b.test%2C10.0.0.1%2C2001%3Adb8%3A%3A1%2Cspiffe%3A%2F%2Fa%2Fb%2520c%22",
        ),
        (
            "{info: {serialNumber: true, sans: true}}",
            &[&bare[..], &bare[..]],
            "SerialNumber%3D%22256%22%2CSerialNumber%3D%22256%22",
        ),
        ("{info: {subject: {locality: true}, issuer: {locality: true}, sans: true}}", &two[1..], ""),
        ("{info: {subject: {country: true}}}", two, "Subject%3D%22C%3DDE%22%2C"),
        (
            "{info: {issuer: {serialNumber: true, organization: true}}}",
            &two[..1],
            "Issuer%3D%22O%3Do%2C+o%2CSN%3D007%22",
        ),
    ] {
        assert_eq!(sent(options, "GET /", Some(certificates)), [None, some(expected)], "{options}");
    }
}

#[test]
fn the_certificates_themselves() {
    let der = certificate(&[(DnType::CommonName, "c")], Vec::new());
    let encoded = STANDARD.encode(&der);
    assert_eq!(sent("{pem: true}", "GET /", Some(&[&der])), [some(&encoded), None]);
    let both = format!("{encoded},{encoded}");
    assert_eq!(sent("{pem: true}", "GET /", Some(&[&der, &der])), [some(&both), None]);
    assert_eq!(sent("{pem: false}", "GET /", Some(&[&der])), [None, None]);
    assert_eq!(
        sent("{pem: true, info: {subject: {commonName: true}}}", "GET /", Some(&[&der])),
        [some(&encoded), some("Subject%3D%22CN%3Dc%22")]
    );
}

#[test]
fn what_a_trusted_proxy_tells() {
    let request = "GET / | X-Forwarded-Tls-Client-Cert: a | X-Forwarded-Tls-Client-Cert: b \
                   | X-Forwarded-Tls-Client-Cert-Info: c";
    let options = "{pem: true, info: {subject: {commonName: true}}}";
    let theirs = [some("a + b"), some("c")];
    assert_eq!(sent(options, request, None), theirs);
    assert_eq!(sent(options, request, Some(&[])), theirs);
    // With a certificate of its own it is a client.
    let der = certificate(&[], Vec::new());
    assert_eq!(sent(options, request, Some(&[&der])), [Some(STANDARD.encode(&der)), some("")]);
    // What cannot be read is no reason to tell what somebody else says.
    for certificates in [&[&b"garbage"[..]][..], &[&der, &der[1..]]] {
        assert_eq!(sent(options, request, Some(certificates))[1], None);
    }
}
