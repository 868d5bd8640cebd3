//! Handshakes over real sockets with a client that shares no code with us: `openssl s_client`, where there is one.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and tells what it skips")]

use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::{Certificate, StoredCertificate, TlsOptions, TlsStore};
use ferroway_core::Io;
use ferroway_tls::{Acceptor, Certificates, ClientOptions, Connector, Files, Received, Sniffed, Sniffer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The output of `openssl` with these arguments; none if there is no such program.
fn openssl(arguments: &[&str]) -> Option<String> {
    let output = Command::new("openssl").args(arguments).stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// Answers clients until the process ends.
fn serve(acceptor: Acceptor) -> SocketAddr {
    let listener = std::net::TcpListener::bind((LOCAL, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((io, _)) = listener.accept().await {
                answer(&acceptor, io).await;
            }
        });
    });
    address
}

async fn answer(acceptor: &Acceptor, mut io: TcpStream) {
    let (mut bytes, mut sniffer) = (Vec::new(), Sniffer::default());
    let hello = loop {
        assert!(io.read_buf(&mut bytes).await.is_ok_and(|length| length > 0));
        match sniffer.read(&bytes) {
            Ok(Sniffed::Hello(hello)) => break hello,
            Ok(Sniffed::Incomplete) => {}
            Err(error) => {
                let _ = io.write_all(error.alert()).await;
                return;
            }
            other => panic!("{other:?}"),
        }
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    let received = Received { hello, bytes: &bytes };
    // Clients say themselves what they saw, and may be gone before it is written.
    if let Ok(mut accepted) = acceptor.accept(Io::Tcp(io), received, LOCAL, deadline).await {
        let _ = accepted.stream.write_all(b"served\n").await;
        let _ = accepted.stream.shutdown().await;
    }
}

/// A certificate with a key as `openssl` writes it: some kinds come in forms of their own.
fn stored(name: &str, make_key: &[&str]) -> Option<StoredCertificate> {
    let folder = tempfile::tempdir().unwrap();
    let path = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
    let (key, cert) = (path("key.pem"), path("cert.pem"));
    openssl(&[make_key, &["-out", &key]].concat())?;
    let (subject, names) = (format!("/CN={name}"), format!("subjectAltName=DNS:{name}"));
    openssl(&["req", "-x509", "-new", "-key", &key, "-out", &cert, "-subj", &subject, "-addext", &names])?;
    let content = |file: &str| FileOrContent(std::fs::read_to_string(file).unwrap());
    let (cert_file, key_file) = (content(&cert), content(&key));
    assert!(key_file.0.contains("PRIVATE KEY") && cert_file.0.contains("CERTIFICATE"), "{make_key:?}");
    Some(StoredCertificate { cert_file, key_file, ..StoredCertificate::default() })
}

/// A server with a certificate of version 1, which webpki cannot parse.
fn version_1_server(folder: &std::path::Path) -> Option<(Child, SocketAddr)> {
    let path = |file: &str| folder.join(file).to_str().unwrap().to_owned();
    let (key, request, cert) = (path("key.pem"), path("request.pem"), path("cert.pem"));
    openssl(&[
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &request, "-subj", "/CN=v1",
    ])?;
    openssl(&["x509", "-req", "-in", &request, "-signkey", &key, "-out", &cert])?;
    let text = openssl(&["x509", "-in", &cert, "-noout", "-text"])?;
    let mut server = Command::new("openssl");
    let server = server.args(["s_server", "-accept", "127.0.0.1:0", "-cert", &cert, "-key", &key, "-www"]);
    let mut server =
        server.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(server.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    let address = lines.into_iter().find_map(|line| line.strip_prefix("ACCEPT ")?.parse().ok());
    // Newer releases make certificates of version 3 whatever one does.
    if text.contains("Version: 1") && address.is_some() {
        return Some((server, address?));
    }
    server.kill().unwrap();
    server.wait().unwrap();
    None
}

#[tokio::test]
async fn old_certificates_do_where_nothing_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let Some((mut server, address)) = version_1_server(folder.path()) else {
        eprintln!("skipped: no openssl that makes certificates of version 1");
        return;
    };
    let mut results = Vec::new();
    for insecure_skip_verify in [true, false] {
        for max_version in ["VersionTLS12", "VersionTLS13"] {
            let options = ClientOptions { insecure_skip_verify, max_version, ..ClientOptions::default() };
            let (connector, _) = Connector::new(&options).unwrap();
            let io = Io::Tcp(TcpStream::connect(address).await.unwrap());
            let deadline = Instant::now() + Duration::from_secs(10);
            results.push(connector.connect(io, "v1", deadline).await.is_ok());
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(results, [true, true, false, false]);
}

#[test]
fn openssl_agrees() {
    const P256: &[&str] = &["ecparam", "-name", "prime256v1", "-genkey"];
    let Some(p256) = stored("p256.test", P256) else {
        eprintln!("skipped: no openssl");
        return;
    };
    let rsa = stored("rsa.test", &["genrsa", "-traditional"]).unwrap();
    let ed25519 = stored("ed25519.test", &["genpkey", "-algorithm", "ed25519"]).unwrap();
    let stored = [p256.clone(), rsa, ed25519];
    let default = Certificate { cert_file: p256.cert_file, key_file: p256.key_file };
    let store = TlsStore { default_certificate: Some(default), ..TlsStore::default() };
    let (certificates, problems) = Certificates::load(stored, &store.into(), &Files::default(), None);
    assert_eq!(problems, []);
    let certificates = Arc::new(certificates);
    let start = |options: TlsOptions| {
        let (acceptor, _) = Acceptor::new("default", &options, &certificates, &Files::default()).unwrap();
        serve(acceptor).to_string()
    };
    let lax = start(TlsOptions::default());
    let strict = start(TlsOptions { sni_strict: true, ..TlsOptions::default() });
    let curve =
        start(TlsOptions { curve_preferences: vec!["CurveP384".to_owned()], ..TlsOptions::default() });
    for (server, arguments, expected) in [
        (&lax, "-servername p256.test", "Cipher is TLS_AES_128_GCM_SHA256"),
        (&lax, "-servername p256.test", "served"),
        (&lax, "-servername p256.test", "closed"),
        (&lax, "-servername rsa.test", "subject=CN=rsa.test"),
        (&lax, "-servername rsa.test -tls1_2", "Cipher is ECDHE-RSA-AES128-GCM-SHA256"),
        (&lax, "-servername ed25519.test", "subject=CN=ed25519.test"),
        (&lax, "-servername x.test", "subject=CN=p256.test"),
        (&lax, "-noservername", "subject=CN=p256.test"),
        (&lax, "-tls1_2", "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"),
        (&lax, "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384"),
        // A client that puts ChaCha20 first gets it.
        (
            &lax,
            "-ciphersuites TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
            "Cipher is TLS_CHACHA20_POLY1305_SHA256",
        ),
        (&lax, "-ciphersuites TLS_AES_256_GCM_SHA384", "Cipher is TLS_AES_256_GCM_SHA384"),
        // It says nothing of signatures, which rustls minds before the version.
        (&lax, "-tls1_1 -cipher ALL@SECLEVEL=0", "alert handshake failure"),
        (&lax, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", "alert handshake failure"),
        (&lax, "-alpn http/1.1,h2", "ALPN protocol: h2"),
        (&lax, "-alpn foo", "alert no application protocol"),
        (&lax, "-alpn acme-tls/1", "unrecognized name"),
        (&lax, "-groups P-256", "Server Temp Key: ECDH, prime256v1"),
        (&curve, "-groups P-256:P-384", "Server Temp Key: ECDH, secp384r1"),
        (&curve, "-groups P-256", "alert handshake failure"),
        (&lax, "-tls1_2 -reconnect", "Reused, TLSv1.2"),
        (&strict, "-servername p256.test", "subject=CN=p256.test"),
        (&strict, "-servername x.test", "unrecognized name"),
        (&strict, "-noservername", "unrecognized name"),
    ] {
        let arguments: Vec<_> =
            ["s_client", "-ign_eof", "-connect", server].into_iter().chain(arguments.split(' ')).collect();
        // Releases differ in blanks.
        let output = openssl(&arguments).unwrap().replace(" = ", "=");
        assert!(output.contains(expected), "{arguments:?} {expected:?}\n{output}");
    }
}
