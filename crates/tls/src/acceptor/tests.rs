use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::ClientAuth;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use ferroway_core::Duplex as _;

use super::*;
use crate::testing::{
    Authority, Pair, accept, acceptor, careless, certificates, connector, handshake, params, self_signed,
    sign_self, soon,
};
use crate::{ClientOptions, Connector};

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What both sides say of a handshake: `version suite alpn` of the server and `ok` of the client, or their errors.
async fn outcome(acceptor: &Acceptor, connector: &Connector, host: &str) -> String {
    let (server, client) = handshake(acceptor, connector, host).await;
    let server = server.map(|accepted| {
        let alpn = accepted.stream.alpn().map_or("-".into(), String::from_utf8_lossy).into_owned();
        format!("{} {} {alpn}", accepted.info.version, accepted.info.cipher_suite)
    });
    let client = client.map(|_| "ok".to_owned());
    let text = |side: Result<String, String>| side.unwrap_or_else(|error| error);
    format!(
        "{} | {}",
        text(server.map_err(|error| error.to_string())),
        text(client.map_err(|error| error.to_string()))
    )
}

async fn check(options: &TlsOptions, client: &ClientOptions<'_>, expected: &str) {
    let pair = self_signed(&["a.test"]);
    assert_eq!(outcome(&acceptor(options, &[&pair]), &connector(client), "a.test").await, expected);
}

#[tokio::test]
async fn versions_and_suites_are_those_of_the_options() {
    let default = TlsOptions::default();
    let suites = strings(&["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]);
    let chacha = strings(&["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"]);
    let max12 = TlsOptions { max_version: "VersionTLS12".into(), ..TlsOptions::default() };
    let min13 = TlsOptions { min_version: "VersionTLS13".into(), ..TlsOptions::default() };
    let only = TlsOptions { cipher_suites: Some(suites.clone()), ..max12.clone() };
    let client12 = ClientOptions { max_version: "VersionTLS12", ..careless() };
    let client13 = ClientOptions { min_version: "VersionTLS13", ..careless() };
    check(&default, &careless(), "1.3 TLS_AES_128_GCM_SHA256 - | ok").await;
    check(&default, &client12, "1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 - | ok").await;
    check(&max12, &careless(), "1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 - | ok").await;
    check(&only, &careless(), "1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 - | ok").await;
    let with_chacha = ClientOptions { cipher_suites: &chacha, ..client12 };
    check(&default, &with_chacha, "1.2 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 - | ok").await;
    for (options, client, reason, alert) in [
        (&min13, &client12, "Tls12NotOfferedOrEnabled", "ProtocolVersion"),
        (&max12, &client13, "Tls12NotOfferedOrEnabled", "ProtocolVersion"),
        (&only, &with_chacha, "NoCipherSuitesInCommon", "HandshakeFailure"),
    ] {
        let expected =
            format!("TLS handshake: peer is incompatible: {reason} | TLS: received fatal alert: {alert}");
        check(options, client, &expected).await;
    }
}

#[tokio::test]
async fn protocols_are_agreed_on_as_in_go() {
    let alpn =
        |protocols: &[&str]| TlsOptions { alpn_protocols: Some(strings(protocols)), ..TlsOptions::default() };
    let offering = |alpn| ClientOptions { alpn, ..careless() };
    type Offer = &'static [&'static [u8]];
    const H2: Offer = &[b"h2"];
    const ONE: Offer = &[b"http/1.1"];
    const BOTH: Offer = &[b"http/1.1", b"h2"];
    let agreed = |protocol: &str| format!("1.3 TLS_AES_128_GCM_SHA256 {protocol} | ok");
    let none = "TLS handshake: peer doesn't support any known protocol | \
                TLS: received fatal alert: NoApplicationProtocol";
    for (options, offered, expected) in [
        (TlsOptions::default(), BOTH, agreed("h2")),
        (TlsOptions::default(), ONE, agreed("http/1.1")),
        (TlsOptions::default(), &[], agreed("-")),
        (TlsOptions::default(), &[b"foo"], none.to_owned()),
        (alpn(&["http/1.1", "h2"]), BOTH, agreed("http/1.1")),
        (alpn(&["h2"]), H2, agreed("h2")),
        // As if nobody had spoken of protocols.
        (alpn(&["h2"]), ONE, agreed("-")),
        (alpn(&["http/1.1"]), H2, none.to_owned()),
        (alpn(&[]), BOTH, agreed("-")),
        (alpn(&["mqtt"]), &[b"mqtt", b"h2"], agreed("mqtt")),
    ] {
        check(&options, &offering(offered), &expected).await;
    }
    let challenge = "no certificate for the TLS-ALPN challenge of \"a.test\" | TLS: received fatal alert: UnrecognisedName";
    check(&TlsOptions::default(), &offering(&[b"acme-tls/1"]), challenge).await;
    check(&TlsOptions::default(), &offering(&[b"acme-tls/1", b"h2"]), challenge).await;
}

/// The names of the certificate that a client gets, or the server's error.
async fn served(acceptor: &Acceptor, host: &str) -> String {
    let (server, client) = handshake(acceptor, &connector(&careless()), host).await;
    match (server, client) {
        (Ok(_), Ok(client)) => {
            let leaf = client.state().peer_certificates().unwrap()[0].clone();
            x509::names(&x509::parse(&leaf).unwrap()).into_iter().collect::<Vec<_>>().join(",")
        }
        (Err(error), Err(_)) => error.to_string(),
        other => panic!("one side only: {other:?}"),
    }
}

#[tokio::test]
async fn certificates_are_chosen_by_name_or_address() {
    let (one, wild) = (self_signed(&["one.test"]), self_signed(&["*.wild.test"]));
    let (local, other) = (self_signed(&["127.0.0.1"]), self_signed(&["10.0.0.1"]));
    let strict = TlsOptions { sni_strict: true, ..TlsOptions::default() };

    let lax = acceptor(&TlsOptions::default(), &[&one, &wild, &other]);
    for (host, expected) in
        [("one.test", "one.test"), ("ONE.test", "one.test"), ("x.wild.test", "*.wild.test")]
    {
        assert_eq!(served(&lax, host).await, expected, "{host}");
    }
    for host in ["unknown.test", "a.b.wild.test", "127.0.0.1"] {
        assert!(served(&lax, host).await.contains("traefik default cert"), "{host}");
    }
    // Clients send no address as a name; then it is the one that they came to.
    let with_local = acceptor(&TlsOptions::default(), &[&one, &local]);
    assert_eq!(served(&with_local, "192.0.2.1").await, "127.0.0.1");

    let refusing = acceptor(&strict, &[&one, &other]);
    assert_eq!(served(&refusing, "one.test").await, "one.test");
    assert_eq!(served(&refusing, "two.test").await, "strict SNI enabled: no certificate for \"two.test\"");
    assert_eq!(served(&refusing, "127.0.0.1").await, "strict SNI enabled: no certificate for \"\"");
    assert_eq!(served(&acceptor(&strict, &[&local]), "127.0.0.1").await, "127.0.0.1");
}

fn mutual(kind: &str, authorities: &[&Pair]) -> TlsOptions {
    let ca_files = authorities.iter().map(|authority| authority.cert.clone()).collect();
    let client_auth = ClientAuth { ca_files, client_auth_type: kind.to_owned() };
    TlsOptions { client_auth, ..TlsOptions::default() }
}

#[tokio::test]
async fn clients_are_asked_for_certificates() {
    let authority = Authority::new("clients");
    let known = authority.issue(&["cn:known"]);
    let unknown = self_signed(&["cn:unknown"]);
    let mut old = params(&["cn:old"]);
    old.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let old = authority.sign(&old);
    let server = self_signed(&["a.test"]);
    // The kind, and whom it lets in: without certificate, known, unknown, and expired.
    for (kind, lets_in) in [
        ("", [false, true, false, false]),
        ("NoClientCert", [true, true, true, true]),
        ("RequestClientCert", [true, true, true, true]),
        ("RequireAnyClientCert", [false, true, true, true]),
        ("VerifyClientCertIfGiven", [true, true, false, false]),
        ("RequireAndVerifyClientCert", [false, true, false, false]),
    ] {
        // Without authorities to name, so that clients send what they have.
        let any = kind.starts_with("Require") && kind.contains("Any") || kind == "RequestClientCert";
        let authorities: &[&Pair] = if any { &[] } else { &[&authority.own] };
        for version in ["VersionTLS12", "VersionTLS13"] {
            let options = TlsOptions { max_version: version.to_owned(), ..mutual(kind, authorities) };
            let acceptor = acceptor(&options, &[&server]);
            for (pair, lets_in) in [None, Some(&known), Some(&unknown), Some(&old)].into_iter().zip(lets_in) {
                let own: Vec<_> = pair.iter().map(|pair| pair.certificate()).collect();
                let connector = insistent(&own);
                let (accepted, client) = handshake(&acceptor, &connector, "a.test").await;
                let what =
                    format!("{kind} {version} {pair:?}", pair = pair.map(|pair| x509::go_name(&pair.der())));
                assert_eq!(
                    (accepted.is_ok(), client.is_ok()),
                    (lets_in, lets_in),
                    "{what} {accepted:?} {client:?}"
                );
                let Ok(Accepted { info, .. }) = accepted else { continue };
                let sent = pair.filter(|_| kind != "NoClientCert");
                let certificates: Vec<_> = info.client_certificates.iter().map(|der| der.to_vec()).collect();
                assert_eq!(certificates, sent.iter().map(|pair| pair.der()).collect::<Vec<_>>(), "{what}");
                let subject = info.client_subject.map(String::from);
                assert_eq!(subject, sent.and_then(|pair| x509::go_name(&pair.der())), "{what}");
            }
        }
    }
}

/// A client that sends its certificate whatever authorities the server names.
fn insistent(own: &[ferroway_config::dynamic::Certificate]) -> Connector {
    #[derive(Debug)]
    struct Insistent(Arc<dyn rustls::client::ResolvesClientCert>);
    impl rustls::client::ResolvesClientCert for Insistent {
        fn resolve(&self, _: &[&[u8]], schemes: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
            self.0.resolve(&[], schemes)
        }
        fn has_certs(&self) -> bool {
            self.0.has_certs()
        }
    }
    let connector = connector(&ClientOptions { certificates: own, ..careless() });
    let mut config = rustls::ClientConfig::clone(connector.config());
    config.client_auth_cert_resolver = Arc::new(Insistent(config.client_auth_cert_resolver));
    Connector::from_config(config)
}

#[tokio::test]
async fn a_listed_certificate_is_accepted_whatever_it_says_of_itself() {
    // Most self-signed certificates claim to be authorities.
    let pinned = Authority::new("pinned").own;
    let server = self_signed(&["a.test"]);
    let acceptor = acceptor(&mutual("", &[&pinned]), &[&server]);
    let own = [pinned.certificate()];
    let (accepted, _) =
        handshake(&acceptor, &connector(&ClientOptions { certificates: &own, ..careless() }), "a.test").await;
    assert_eq!(accepted.unwrap().info.client_subject.as_deref(), Some("CN=pinned"));

    let mut old = params(&["cn:old"]);
    old.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let old = sign_self(&old);
    let acceptor = super::tests::acceptor(&mutual("", &[&old]), &[&server]);
    let (accepted, _) = handshake(&acceptor, &insistent(&[old.certificate()]), "a.test").await;
    assert!(accepted.unwrap_err().to_string().contains("Expired"));
}

#[test]
fn wrong_options_are_errors() {
    let set = |options: TlsOptions| {
        Acceptor::new("x@file", &options, &certificates(&[]), &Files::default()).unwrap_err()
    };
    let default = TlsOptions::default;
    assert_eq!(set(mutual("Nope", &[])), "unknown client auth type \"Nope\"");
    for kind in ["VerifyClientCertIfGiven", "RequireAndVerifyClientCert"] {
        assert_eq!(set(mutual(kind, &[])), format!("invalid clientAuthType: {kind}, CAFiles is required"));
    }
    let missing = Pair { cert: FileOrContent("/nowhere/ca.pem".into()), ..self_signed(&[]) };
    let error = set(mutual("", &[&missing]));
    assert!(error.starts_with("clientAuth.caFiles: cannot read /nowhere/ca.pem: "), "{error}");
    assert_eq!(
        set(TlsOptions { cipher_suites: Some(strings(&["x"])), ..default() }),
        "invalid CipherSuite: x"
    );
    let error = set(TlsOptions { curve_preferences: strings(&["x"]), ..default() });
    assert_eq!(error, "invalid CurveID in curvePreferences: x");
    assert!(set(TlsOptions { max_version: "VersionTLS10".into(), ..default() }).contains("VersionTLS10"));

    let old = TlsOptions { min_version: "VersionTLS10".into(), ..default() };
    let (_, warnings) = Acceptor::new("x@file", &old, &certificates(&[]), &Files::default()).unwrap();
    assert_eq!(warnings, ["minVersion VersionTLS10 is not supported, TLS 1.2 is the lowest version"]);
}

/// With TLS 1.3 a client writes its request before it can know that it is refused.
#[tokio::test]
async fn a_refused_client_learns_why_although_it_has_written() {
    let authority = Authority::new("A");
    let options = mutual("RequireAndVerifyClientCert", &[&authority.own]);
    let acceptor = acceptor(&options, &[&self_signed(&["a.test"])]);
    let (client, server) = tokio::io::duplex(1 << 16);
    let client = async {
        let io = Io::Other(Box::new(client));
        let mut stream = connector(&careless()).connect(io, "a.test", soon()).await.unwrap();
        // The server has refused it by now.
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(b"request").await.expect("the connection is still open");
        stream.flush().await.expect("the connection is still open");
        stream.read(&mut [0]).await.unwrap_err().to_string()
    };
    let (server, alert) = tokio::join!(accept(&acceptor, server), client);
    assert_eq!(server.unwrap_err().to_string(), "TLS handshake: peer sent no certificates");
    assert_eq!(alert, "received fatal alert: CertificateRequired");
}

#[tokio::test]
async fn sessions_resume_under_their_own_options_only() {
    let pair = self_signed(&["a.test"]);
    for version in ["VersionTLS12", "VersionTLS13"] {
        let options = TlsOptions { max_version: version.into(), ..TlsOptions::default() };
        let one = acceptor(&options, &[&pair]);
        let other = acceptor(&options, &[&pair]);
        let never = acceptor(&TlsOptions { disable_session_tickets: true, ..options }, &[&pair]);
        let client = connector(&careless());
        let mut seen = Vec::new();
        for acceptor in [&one, &one, &other, &other, &never, &never] {
            let (accepted, _) = handshake(acceptor, &client, "a.test").await;
            seen.push(accepted.unwrap().stream.is_resumed());
        }
        assert_eq!(seen, [false, true, false, true, false, false], "{version}");
    }
}

#[tokio::test]
async fn bytes_behind_the_hello_and_with_the_handshake_are_not_lost() {
    let acceptor = acceptor(&TlsOptions::default(), &[&self_signed(&["a.test"])]);
    let connector = connector(&careless());
    let (client, server) = tokio::io::duplex(1 << 20);
    let payload = vec![7; 100_000];
    let client = async {
        let mut stream = connector.connect(Io::Other(Box::new(client)), "a.test", soon()).await.unwrap();
        stream.write_all(&payload).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    };
    let server = async {
        let mut accepted = accept(&acceptor, server).await.unwrap();
        std::future::poll_fn(|cx| accepted.stream.poll_readable(cx)).await.unwrap();
        let mut received = Vec::new();
        accepted.stream.read_to_end(&mut received).await.unwrap();
        assert_eq!(accepted.info.server_name.as_deref(), Some("a.test"));
        assert_eq!(accepted.info.options.as_deref(), Some("default"));
        // The other direction is still open.
        accepted.stream.write_all(b"bye").await.unwrap();
        accepted.stream.shutdown().await.unwrap();
        received
    };
    let (received, answer) = tokio::join!(server, client);
    assert!(received == payload && answer == b"bye");
}

#[tokio::test]
async fn bytes_that_were_read_already_come_first() {
    let (mut far, near) = tokio::io::duplex(16);
    far.write_all(b"later").await.unwrap();
    drop(far);
    let mut rewound = ReadAhead::new(Io::Other(Box::new(near)), b"already, ");
    let (mut start, mut rest) = ([0; 3], String::new());
    rewound.read_exact(&mut start).await.unwrap();
    rewound.read_to_string(&mut rest).await.unwrap();
    assert_eq!((&start[..], &*rest), (&b"alr"[..], "eady, later"));
}

#[tokio::test]
async fn closing_tells_the_client() {
    let acceptor = acceptor(&TlsOptions::default(), &[&self_signed(&["a.test"])]);
    for polite in [true, false] {
        let (server, client) = handshake(&acceptor, &connector(&careless()), "a.test").await;
        let (mut server, client) = (server.unwrap().stream, client.unwrap());
        if polite {
            server.shutdown().await.unwrap();
        }
        drop(server);
        let mut client = client.into_inner();
        let mut rest = Vec::new();
        let read = client.read_to_end(&mut rest).await.map_err(|error| error.kind());
        // What rustls itself says tells whether close_notify came.
        assert_eq!(read, if polite { Ok(0) } else { Err(io::ErrorKind::UnexpectedEof) });
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_silent_is_given_up() {
    let acceptor = acceptor(&TlsOptions::default(), &[&self_signed(&["a.test"])]);
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let mut hello = Vec::new();
    let mut config = rustls::ClientConnection::new(
        Arc::clone(connector(&careless()).config()),
        rustls::pki_types::ServerName::try_from("a.test").unwrap(),
    )
    .unwrap();
    config.write_tls(&mut hello).unwrap();
    client.write_all(&hello).await.unwrap();
    assert!(matches!(accept(&acceptor, server).await, Err(AcceptError::Timeout)));

    // One that goes away is something else.
    let (mut client, server) = tokio::io::duplex(1 << 16);
    client.write_all(&hello).await.unwrap();
    drop(client);
    assert!(matches!(accept(&acceptor, server).await, Err(AcceptError::Io(_))));
}
