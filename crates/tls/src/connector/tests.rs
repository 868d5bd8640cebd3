use ferroway_config::dynamic::TlsOptions;

use super::*;
use crate::testing::{
    Authority, Pair, acceptor, careless, connector, handshake, params, self_signed, sign_self,
};
use crate::{Acceptor, Certificates};

/// A server that has this certificate for whatever name.
fn serving(pair: &Pair) -> Acceptor {
    let (certificates, _) = Certificates::load([], &pair.store(), &Files::default(), None);
    Acceptor::new("default", &TlsOptions::default(), &Arc::new(certificates), &Files::default()).unwrap().0
}

/// How a connection ends up with a server that has this certificate.
async fn check(server: &Pair, host: &str, options: &ClientOptions<'_>, expected: &str) {
    let (_, client) = handshake(&serving(server), &connector(options), host).await;
    let seen = match client {
        Ok(_) => "ok".to_owned(),
        Err(ConnectError::Verification(error)) => format!("verification: {error}"),
        Err(error) => format!("other: {error}"),
    };
    assert!(seen.starts_with(expected), "{host} {options:?}\n{seen}\n{expected}");
}

#[tokio::test]
async fn servers_are_verified() {
    let (authority, stranger) = (Authority::new("mesh"), Authority::new("stranger"));
    let server = authority.issue(&["s.test", "127.0.0.1", "uri:spiffe://mesh/s"]);
    let roots = |authority: &Authority| [authority.own.cert.clone()];
    let (mesh, strange) = (roots(&authority), roots(&stranger));
    let known = ClientOptions { root_cas: &mesh, ..ClientOptions::default() };
    let wrong = ClientOptions { root_cas: &strange, ..ClientOptions::default() };
    let name = "verification: invalid peer certificate: certificate not valid for name";
    let issuer = "verification: invalid peer certificate: UnknownIssuer";
    let uri = "verification: invalid peer certificate: ApplicationVerificationFailure";
    for (host, options, expected) in [
        ("s.test", known, "ok"),
        ("S.Test.", known, "ok"),
        ("127.0.0.1", known, "ok"),
        ("other.test", known, name),
        ("127.0.0.2", known, name),
        ("s.test", wrong, issuer),
        ("other.test", ClientOptions { server_name: "s.test", ..known }, "ok"),
        ("s.test", ClientOptions { server_name: "other.test", ..known }, name),
        ("other.test", ClientOptions { insecure_skip_verify: true, ..wrong }, "ok"),
        // The URI comes on top of the rest, and skipping verification then skips the name only.
        ("s.test", ClientOptions { peer_cert_uri: "SPIFFE://mesh/S", ..known }, "ok"),
        ("s.test", ClientOptions { peer_cert_uri: "spiffe://mesh/x", ..known }, uri),
        ("other.test", ClientOptions { peer_cert_uri: "spiffe://mesh/s", ..known }, name),
        (
            "other.test",
            ClientOptions { peer_cert_uri: "spiffe://mesh/s", insecure_skip_verify: true, ..known },
            "ok",
        ),
        (
            "s.test",
            ClientOptions { peer_cert_uri: "spiffe://mesh/x", insecure_skip_verify: true, ..known },
            uri,
        ),
        (
            "s.test",
            ClientOptions { peer_cert_uri: "spiffe://mesh/s", insecure_skip_verify: true, ..wrong },
            issuer,
        ),
        ("not a name", known, "other: TLS: \"not a name\" is not a name"),
    ] {
        check(&server, host, &options, expected).await;
    }
}

#[tokio::test]
async fn a_listed_certificate_is_trusted_for_its_names() {
    let mut claims = params(&["self.test"]);
    claims.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let server = sign_self(&claims);
    let roots = [server.cert.clone()];
    let options = ClientOptions { root_cas: &roots, ..ClientOptions::default() };
    check(&server, "self.test", &options, "ok").await;
    check(&server, "other.test", &options, "verification: ").await;
    check(&self_signed(&["self.test"]), "self.test", &options, "verification: ").await;

    claims.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = sign_self(&claims);
    let roots = [expired.cert.clone()];
    let options = ClientOptions { root_cas: &roots, ..ClientOptions::default() };
    check(&expired, "self.test", &options, "verification: invalid peer certificate: Expired").await;
}

#[tokio::test]
async fn what_is_offered_is_what_the_transport_says() {
    let server = acceptor(&TlsOptions::default(), &[&self_signed(&["s.test"])]);
    for (disable_http2, expected) in [(false, &b"h2"[..]), (true, b"http/1.1")] {
        let transport =
            ServersTransport { insecure_skip_verify: true, disable_http2, ..ServersTransport::default() };
        let (_, client) = handshake(&server, &connector(&ClientOptions::from(&transport)), "s.test").await;
        assert_eq!(client.unwrap().alpn(), Some(expected));
    }
    let tcp = TcpClientTls { insecure_skip_verify: true, ..TcpClientTls::default() };
    let (_, client) = handshake(&server, &connector(&ClientOptions::from(&tcp)), "s.test").await;
    assert_eq!(client.unwrap().alpn(), None);
}

#[test]
fn the_own_certificate_is_one_that_the_server_accepts() {
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let own = [first.issue(&["cn:a"]).certificate(), second.issue(&["cn:b"]).certificate()];
    let own = OwnCertificates::load(&own, &Files::default(), &mut Vec::new());
    let subject =
        |authority: &Authority| x509::parse(&authority.own.der()).unwrap().subject().as_raw().to_vec();
    let (one, two, other) = (subject(&first), subject(&second), subject(&Authority::new("other")));
    let p256 = &[SignatureScheme::ECDSA_NISTP256_SHA256][..];
    for (authorities, schemes, expected) in [
        (&[][..], p256, Some("CN=a")),
        (&[&*one], p256, Some("CN=a")),
        (&[&*other, &*two], p256, Some("CN=b")),
        (&[&*other], p256, None),
        (&[], &[SignatureScheme::RSA_PSS_SHA256], None),
    ] {
        let chosen = own.resolve(authorities, schemes).map(|key| x509::go_name(&key.cert[0]).unwrap());
        assert_eq!(chosen.as_deref(), expected);
    }
}

#[test]
fn what_cannot_be_used_is_left_out_with_a_warning() {
    let missing = FileOrContent("/nowhere/x.pem".to_owned());
    let broken = Certificate { key_file: missing.clone(), ..self_signed(&["cn:x"]).certificate() };
    let old = ["TLS_RSA_WITH_RC4_128_SHA".to_owned(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".to_owned()];
    let options = ClientOptions {
        root_cas: &[missing],
        certificates: &[broken],
        cipher_suites: &old,
        min_version: "VersionTLS12",
        ..ClientOptions::default()
    };
    let (_, warnings) = Connector::new(&options).unwrap();
    let expected = [
        "cipher suite TLS_RSA_WITH_RC4_128_SHA",
        "rootCAs: cannot read",
        "certificate <content>: cannot read",
    ];
    assert_eq!(warnings.len(), expected.len(), "{warnings:?}");
    for (warning, expected) in warnings.iter().zip(expected) {
        assert!(warning.starts_with(expected), "{warning}");
    }
    let unknown = ["x".to_owned()];
    let error = |options| Connector::new(&options).unwrap_err();
    assert_eq!(error(ClientOptions { cipher_suites: &unknown, ..careless() }), "invalid CipherSuite: x");
    assert_eq!(
        error(ClientOptions { server_name: "a b", ..careless() }),
        "serverName \"a b\": expected a DNS name"
    );
}

#[tokio::test]
async fn failures_tell_whose_fault_it_is() {
    use tokio::io::AsyncWriteExt as _;
    let connector = connector(&careless());
    // What the server does with the connection, and the kind of the error.
    for (answer, expected) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "Protocol"),
        (&[21, 3, 3, 0, 2, 2, 40], "Refused"),
        (b"", "Io"),
    ] {
        let (client, mut server) = tokio::io::duplex(1 << 16);
        server.write_all(answer).await.unwrap();
        server.shutdown().await.unwrap();
        let error = connector
            .connect(Io::Other(Box::new(client)), "s.test", crate::testing::soon())
            .await
            .unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?}");
    }
    let (client, _server) = tokio::io::duplex(1 << 16);
    let error = connector.connect(Io::Other(Box::new(client)), "s.test", Instant::now()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Timeout), "{error:?}");
}
