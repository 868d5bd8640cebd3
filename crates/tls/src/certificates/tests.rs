use ferroway_config::dynamic::Domain;

use super::*;
use crate::testing::{Pair, params, self_signed, sign_self};
use crate::x509;

/// Which of the pairs each name gets: its place, or `-`.
fn check(pairs: &[&[&str]], expected: &[(&str, &str)]) {
    let pairs: Vec<Pair> = pairs.iter().map(|names| self_signed(names)).collect();
    let certificates = crate::testing::certificates(&pairs.iter().collect::<Vec<_>>());
    for (name, place) in expected {
        let found = certificates.find(name).map(|key| key.key().cert[0].to_vec());
        let found = found.map_or("-".to_owned(), |der| {
            pairs.iter().position(|pair| pair.der() == der).unwrap().to_string()
        });
        assert_eq!(found, *place, "{name}");
    }
}

#[test]
fn certificates_are_found_by_name() {
    check(
        &[&["a.test", "b.test"], &["c.test"]],
        &[("a.test", "0"), ("b.test", "0"), ("c.test", "1"), ("d.test", "-")],
    );
    check(&[&["A.Test"]], &[("a.test", "0")]);
    // The common name counts beside the others.
    check(&[&["cn:cn.test", "san.test"]], &[("cn.test", "0"), ("san.test", "0")]);
    check(&[&["127.0.0.1", "::1"]], &[("127.0.0.1", "0"), ("::1", "0")]);
    // One label, and no more.
    check(
        &[&["*.wild.test"]],
        &[
            ("a.wild.test", "0"),
            ("a.b.wild.test", "-"),
            ("wild.test", "-"),
            (".wild.test", "0"),
            ("*.wild.test", "0"),
        ],
    );
}

#[test]
fn the_last_in_the_order_of_names_wins() {
    check(&[&["a.test", "b.test"], &["b.test", "c.test"]], &[("a.test", "0"), ("b.test", "1")]);
    check(&[&["b.test", "c.test"], &["a.test", "b.test"]], &[("b.test", "0")]);
    // A star sorts low, so exact names win ...
    check(&[&["*.w.test"], &["e.w.test"]], &[("e.w.test", "1"), ("f.w.test", "0")]);
    check(&[&["e.w.test"], &["*.w.test"]], &[("e.w.test", "0")]);
    // ... but not if the same certificate has a star too.
    check(&[&["*.a.test", "e.w.test"], &["*.w.test"]], &[("e.w.test", "1"), ("x.a.test", "0")]);
    // Of the same set, the first stays.
    check(&[&["a.test", "b.test"], &["b.test", "a.test"]], &[("a.test", "0")]);
}

/// A key for a curve that nobody uses in TLS.
const SECP256K1: &str = "-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgkaYNWsK/NHL/Ywik4LyY
iFgah37YaDvEqYLTfP4f2d6hRANCAAQV0tnkSbKNmlAiklU6pxJwOaDHlHrr8kY9
Zm4OQljtAtu12bkFsayUp8UJrreEJq12royXVVjPjiV+4Paj39SW
-----END PRIVATE KEY-----
";

#[test]
fn a_bad_pair_is_a_problem_and_the_others_work() {
    let (good, other) = (self_signed(&["good.test"]), self_signed(&["other.test"]));
    let mut params = params(&["expired.test"]);
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = sign_self(&params);
    let authority = crate::testing::Authority::new("CA");
    let issued = authority.issue(&["chain.test"]);
    let chain = |below: &str| format!("{}{below}", issued.cert.0);
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    let half = &other.cert.0[..other.cert.0.len() / 2];
    let rubbish = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let old =
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END EC PRIVATE KEY-----\n";
    let dh = "-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n";

    // What stands in the two files (`-`: there is none, `/`: it is a folder), and what is told.
    let table: [(&str, &str, &str); 24] = [
        (&good.cert.0, &good.key.0, ""),
        ("-", &good.key.0, "cannot read c.pem: No such file or directory (os error 2)"),
        (&good.cert.0, "-", "cannot read c.key: No such file or directory (os error 2)"),
        ("/", &good.key.0, "cannot read c.pem: it is a folder"),
        (&good.cert.0, "/", "cannot read c.key: it is a folder"),
        ("", &good.key.0, "no certificate in c.pem: it is empty, expected a PEM block CERTIFICATE"),
        (&good.cert.0, " \n", "no private key in c.key: it is empty, expected a PEM block PRIVATE KEY"),
        ("hello", &good.key.0, "no certificate in c.pem: it is no PEM, expected a PEM block CERTIFICATE"),
        (
            "\x30\u{82}",
            &good.key.0,
            "no certificate in c.pem: it is no PEM, expected a PEM block CERTIFICATE",
        ),
        (
            &good.key.0,
            &good.key.0,
            "no certificate in c.pem: it has other blocks, expected a PEM block CERTIFICATE",
        ),
        (
            &good.cert.0,
            &good.cert.0,
            "no private key in c.key: it has other blocks, expected a PEM block PRIVATE KEY",
        ),
        (&good.cert.0, dh, "no private key in c.key: it has other blocks, expected a PEM block PRIVATE KEY"),
        (half, &other.key.0, "malformed PEM in c.pem: the end of the block CERTIFICATE is missing"),
        (
            "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----\n",
            &good.key.0,
            "malformed PEM in c.pem: a block has something in it that is no base64",
        ),
        (rubbish, &good.key.0, "unusable certificate in c.pem: its encoding is broken"),
        (&good.cert.0, encrypted, "the private key in c.key is encrypted: expected one without a passphrase"),
        (&good.cert.0, old, "the private key in c.key is encrypted: expected one without a passphrase"),
        (&good.cert.0, &other.key.0, "the private key in c.key does not belong to the certificate"),
        (&good.cert.0, &ed25519, "the private key in c.key does not belong to the certificate"),
        (
            &good.cert.0,
            SECP256K1,
            "unusable private key in c.key: failed to parse private key as RSA, ECDSA, or EdDSA",
        ),
        (&expired.cert.0, &expired.key.0, "it expired on Jan  1 00:00:00 2020 +00:00"),
        (&chain(&authority.own.cert.0), &issued.key.0, ""),
        (
            &chain(&expired.cert.0),
            &issued.key.0,
            "certificate 2 of its chain: it expired on Jan  1 00:00:00 2020 +00:00",
        ),
        (&chain(rubbish), &issued.key.0, "certificate 2 of its chain: it is not a certificate: "),
    ];
    for (cert, key, expected) in table {
        let mut reloading = Reloading::new();
        let file = |name: &str, content: &str| match content {
            "-" => FileOrContent(reloading.path(name).to_str().unwrap().to_owned()),
            "/" => {
                std::fs::create_dir(reloading.path(name)).unwrap();
                FileOrContent(reloading.path(name).to_str().unwrap().to_owned())
            }
            content => reloading.write(name, content),
        };
        let (cert_file, key_file) = (file("c.pem", cert), file("c.key", key));
        let bad = StoredCertificate { cert_file, key_file, ..StoredCertificate::default() };
        let told = reloading.load(&[bad, other.stored()], &Arc::default()).concat();
        let expected =
            if expected.is_empty() { String::new() } else { format!("certificate c.pem: {expected}") };
        assert!(told.starts_with(&expected) && told.is_empty() == expected.is_empty(), "{told}\n{expected}");
        assert!(reloading.last.as_ref().unwrap().find("other.test").is_some(), "{expected}");
        let served = ["good.test", "expired.test", "chain.test"]
            .iter()
            .any(|name| reloading.last.as_ref().unwrap().find(name).is_some());
        let usable = expected.is_empty() || expected.contains("expired") || expected.contains("of its chain");
        assert_eq!(served, usable, "{told}");
    }
    let empty = StoredCertificate { cert_file: FileOrContent::default(), ..good.stored() };
    let told = Reloading::new().load(&[empty], &Arc::default());
    assert_eq!(told, ["certificate <content>: empty: expected a file name or PEM"]);
}

#[test]
fn certificates_are_read_from_files() {
    let pair = self_signed(&["file.test"]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &FileOrContent| {
        let path = folder.path().join(name);
        std::fs::write(&path, &content.0).unwrap();
        FileOrContent(path.to_str().unwrap().to_owned())
    };
    let pair = Pair { cert: file("a.pem", &pair.cert), key: file("a.key", &pair.key) };
    let (certificates, problems) =
        Certificates::load([pair.stored()], &Arc::default(), &Files::default(), None);
    assert_eq!(problems, []);
    assert!(certificates.find("file.test").is_some());
}

#[test]
fn stores_other_than_default_serve_nothing() {
    let (one, two) = (self_signed(&["one.test"]), self_signed(&["two.test"]));
    let of = |pair: &Pair, stores: &[&str]| StoredCertificate {
        stores: stores.iter().map(|store| (*store).to_owned()).collect(),
        ..pair.stored()
    };
    let stored = [of(&one, &["other"]), of(&two, &["other", "default"])];
    let (certificates, _) = Certificates::load(stored, &Arc::default(), &Files::default(), None);
    assert!(certificates.find("one.test").is_none() && certificates.find("two.test").is_some());
}

#[test]
fn the_default_certificate_is_the_configured_one_or_generated() {
    let own = self_signed(&["own.test"]);
    let (certificates, problems) = Certificates::load([], &own.store(), &Files::default(), None);
    assert_eq!(problems, []);
    assert_eq!(certificates.default_certificate().unwrap().key().cert[0].as_ref(), own.der());
    // It is a fallback only.
    assert!(certificates.find("own.test").is_none());

    let broken = Pair { key: self_signed(&[]).key, ..own };
    let (certificates, problems) = Certificates::load([], &broken.store(), &Files::default(), None);
    assert_eq!(problems.len(), 1);
    let key = certificates.default_certificate().unwrap().key();
    let leaf = x509::parse(&key.cert[0]).unwrap();
    assert_eq!(
        x509::go_name(&certificates.default_certificate().unwrap().key().cert[0]).unwrap(),
        "CN=TRAEFIK DEFAULT CERT"
    );
    assert_eq!(x509::invalid_now(leaf.validity()), None);
    let validity = leaf.validity();
    assert_eq!(validity.not_after.timestamp() - validity.not_before.timestamp(), 365 * 86_400);
    let names = x509::names(&leaf);
    let labels: Vec<_> =
        names.iter().find(|name| name.ends_with(".traefik.default")).unwrap().split('.').collect();
    assert_eq!(labels.len(), 4, "{labels:?}");
    for label in &labels[..2] {
        assert!(label.len() == 32 && label.bytes().all(|byte| byte.is_ascii_hexdigit()), "{label}");
    }
}

/// One version after another of what is configured, of the same files.
struct Reloading {
    folder: tempfile::TempDir,
    files: Files,
    last: Option<Certificates>,
}

impl Reloading {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), files: Files::default(), last: None }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) -> FileOrContent {
        std::fs::write(self.path(name), content).unwrap();
        FileOrContent(self.path(name).to_str().unwrap().to_owned())
    }

    /// Loads these pairs, and gives what is told of them, without the folder.
    fn load(&mut self, stored: &[StoredCertificate], store: &Arc<TlsStore>) -> Vec<String> {
        let files: Vec<_> = self.files.in_use().into_iter().collect();
        self.files.look_again(&files);
        let (certificates, problems) =
            Certificates::load(stored.to_vec(), store, &self.files, self.last.as_ref());
        assert!(certificates.are_current(&stored.into(), store, &self.files));
        self.last = Some(certificates);
        let folder = format!("{}/", self.folder.path().display());
        problems.iter().map(|problem| problem.to_string().replace(&folder, "")).collect()
    }

    fn found(&self, name: &str) -> Arc<Served> {
        Arc::clone(self.last.as_ref().unwrap().find(name).unwrap())
    }
}

#[test]
fn a_pair_that_is_of_no_use_any_more_stays_as_it_was() {
    let (old, new, other) = (self_signed(&["a.test"]), self_signed(&["a.test"]), self_signed(&["b.test"]));
    let mut reloading = Reloading::new();
    let cert_file = reloading.write("a.pem", &old.cert.0);
    let key_file = reloading.write("a.key", &old.key.0);
    let stored = [StoredCertificate { cert_file, key_file, ..StoredCertificate::default() }, other.stored()];
    assert_eq!(reloading.load(&stored, &Arc::default()), [""; 0]);
    let (first, second) = (reloading.found("a.test"), reloading.found("b.test"));
    let generated = Arc::clone(reloading.last.as_ref().unwrap().default_certificate().unwrap());

    let whole = &new.cert.0;
    let half = &whole[..whole.len() / 2];
    for (name, content, expected) in [
        ("a.pem", Some(""), "no certificate in a.pem: it is empty, expected a PEM block CERTIFICATE"),
        ("a.pem", Some(half), "malformed PEM in a.pem: "),
        ("a.pem", None, "cannot read a.pem: No such file"),
        ("a.pem", Some(&**whole), "the private key in a.key does not belong to the certificate"),
        ("a.key", Some(""), "no private key in a.key: "),
    ] {
        match content {
            Some(content) => drop(reloading.write(name, content)),
            None => std::fs::remove_file(reloading.path(name)).unwrap(),
        }
        let problems = reloading.load(&stored, &Arc::default());
        assert_eq!(problems.len(), 1, "{problems:?}");
        let (start, end) = (format!("certificate a.pem: {expected}"), "; the one that was read before stays");
        assert!(problems[0].starts_with(&start) && problems[0].ends_with(end), "{}\n{start}", problems[0]);
        assert!(Arc::ptr_eq(&reloading.found("a.test"), &first), "{expected}");
        // It is told with every version until it is mended.
        assert_eq!(reloading.load(&stored, &Arc::default()), problems);
    }
    reloading.write("a.key", &new.key.0);
    assert_eq!(reloading.load(&stored, &Arc::default()), [""; 0]);
    assert_eq!(reloading.found("a.test").key().cert[0].as_ref(), new.der());
    // Nothing else was made anew.
    assert!(Arc::ptr_eq(&reloading.found("b.test"), &second));
    assert!(Arc::ptr_eq(reloading.last.as_ref().unwrap().default_certificate().unwrap(), &generated));

    // Another file in its place is another certificate, and has nothing that could stay.
    let cert_file = reloading.write("c.pem", "");
    let elsewhere = [StoredCertificate { cert_file, ..stored[0].clone() }];
    let expected =
        "certificate c.pem: no certificate in c.pem: it is empty, expected a PEM block CERTIFICATE";
    assert_eq!(reloading.load(&elsewhere, &Arc::default()), [expected]);
    assert!(reloading.last.as_ref().unwrap().find("a.test").is_none());
}

#[test]
fn a_default_certificate_stays_too_and_comes_when_it_can() {
    let (old, new) = (self_signed(&["a.test"]), self_signed(&["a.test"]));
    let mut reloading = Reloading::new();
    let cert_file = reloading.write("d.pem", "");
    let default = Pair { cert: cert_file, key: old.key.clone() }.store();
    let served = |reloading: &Reloading| {
        let key = reloading.last.as_ref().unwrap().default_certificate().unwrap();
        x509::go_name(&key.key().cert[0]).filter(|name| !name.is_empty()).unwrap_or_else(|| {
            [("old", &old), ("new", &new)]
                .map(|(name, pair)| if pair.der() == *key.key().cert[0] { name } else { "" })
                .concat()
        })
    };
    for (content, expected) in
        [("", "CN=TRAEFIK DEFAULT CERT"), (&*old.cert.0, "old"), (&*new.cert.0, "old"), (&*old.cert.0, "old")]
    {
        reloading.write("d.pem", content);
        reloading.load(&[], &default);
        assert_eq!(served(&reloading), expected, "{content}");
    }
}

#[test]
fn a_generated_default_certificate_is_one_that_has_its_names() {
    let pairs = [
        self_signed(&["cn:one", "one.test", "x.test"]),
        self_signed(&["two.test", "x.test"]),
        self_signed(&["*.three.test"]),
    ];
    let missing = "the domain or the resolver is missing";
    let unable = |domains: &str| {
        format!(
            "unable to find a certificate for the domains {domains:?}, and there is no certificate resolver \"le\" \
             to get one"
        )
    };
    for (resolver, main, sans, expected) in [
        ("le", "one.test", &["x.test"][..], Ok(0)),
        ("le", "TWO.test", &[], Ok(1)),
        ("le", "", &["one.test"], Ok(0)),
        // The first in the order of preference.
        ("le", "x.test", &[], Ok(1)),
        ("le", "*.three.test", &[], Ok(2)),
        ("le", "a.three.test", &[], Err(unable("a.three.test"))),
        ("le", "one.test", &["two.test"], Err(unable("one.test,two.test"))),
        ("le", "", &[], Err(unable(""))),
        ("", "one.test", &[], Err(missing.to_owned())),
    ] {
        let domain =
            Domain { main: main.to_owned(), sans: sans.iter().map(|name| (*name).to_owned()).collect() };
        let wanted = GeneratedCert { resolver: resolver.to_owned(), domain: Some(domain) };
        let store = TlsStore { default_generated_cert: Some(wanted), ..TlsStore::default() };
        let stored: Vec<_> = pairs.iter().map(Pair::stored).collect();
        let (certificates, problems) = Certificates::load(stored, &store.into(), &Files::default(), None);
        let problems: Vec<_> = problems.into_iter().map(|problem| problem.reason).collect();
        let served = certificates.default_certificate().unwrap().key().cert[0].to_vec();
        let served = pairs.iter().position(|pair| pair.der() == served);
        assert_eq!(served.ok_or(problems.concat()), expected, "{main} {sans:?}");
    }
    let both =
        TlsStore { default_generated_cert: Some(GeneratedCert::default()), ..(*pairs[0].store()).clone() };
    let (certificates, problems) = Certificates::load([], &both.into(), &Files::default(), None);
    assert_eq!(certificates.default_certificate().unwrap().key().cert[0].as_ref(), pairs[0].der());
    assert_eq!(
        problems[0].to_string(),
        "tls.stores.default.defaultGeneratedCert: it cannot be defined beside defaultCertificate, which counts"
    );
}
