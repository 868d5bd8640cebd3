use super::*;
use crate::testing::{Pair, params, self_signed, sign_self};

/// Which of the pairs each name gets: its place, or `-`.
fn check(pairs: &[&[&str]], expected: &[(&str, &str)]) {
    let pairs: Vec<Pair> = pairs.iter().map(|names| self_signed(names)).collect();
    let certificates = crate::testing::certificates(&pairs.iter().collect::<Vec<_>>());
    for (name, place) in expected {
        let found = certificates.find(name).map(|key| key.cert[0].to_vec());
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

#[test]
fn a_bad_pair_is_a_problem_and_the_others_work() {
    let (good, other) = (self_signed(&["good.test"]), self_signed(&["other.test"]));
    let mut expired = params(&["expired.test"]);
    expired.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = sign_self(&expired);
    let text = |text: &str| FileOrContent(text.to_owned());
    let pair =
        |cert: &FileOrContent, key: &FileOrContent| Pair { cert: cert.clone(), key: key.clone() }.stored();
    let cut = text(&other.cert.0[..other.cert.0.len() / 2]);
    let stored = [
        pair(&text("/nowhere/a.pem"), &good.key),
        pair(&good.cert, &text("/nowhere/a.key")),
        pair(&good.cert, &other.key),
        pair(&good.key, &good.key),
        pair(&good.cert, &good.cert),
        pair(&cut, &other.key),
        pair(&text(""), &good.key),
        expired.stored(),
        good.stored(),
    ];
    let expected = [
        "certificate /nowhere/a.pem: cannot read /nowhere/a.pem: No such file",
        "certificate <content>: cannot read /nowhere/a.key: No such file",
        "certificate <content>: the private key in <content> does not belong to the certificate",
        "certificate <content>: no certificate in <content>: expected a PEM block CERTIFICATE",
        "certificate <content>: no private key in <content>: ",
        "certificate <content>: malformed PEM in <content>: ",
        "certificate <content>: empty: expected a file name or PEM",
        "certificate <content>: it expired on Jan  1",
    ];
    let (certificates, problems) = Certificates::load(&stored, None).unwrap();
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.to_string().starts_with(expected), "{problem}\n{expected}");
        assert_eq!(problem.skipped, !expected.contains("expired"), "{problem}");
    }
    assert!(certificates.find("good.test").is_some() && certificates.find("expired.test").is_some());
    assert!(certificates.find("other.test").is_none());
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
    let (certificates, problems) = Certificates::load(&[pair.stored()], None).unwrap();
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
    let (certificates, _) = Certificates::load(&stored, None).unwrap();
    assert!(certificates.find("one.test").is_none() && certificates.find("two.test").is_some());
}

#[test]
fn the_default_certificate_is_the_configured_one_or_generated() {
    let own = self_signed(&["own.test"]);
    let (certificates, problems) = Certificates::load([], Some(&own.certificate())).unwrap();
    assert_eq!(problems, []);
    assert_eq!(certificates.default_certificate().cert[0].as_ref(), own.der());
    // It is a fallback only.
    assert!(certificates.find("own.test").is_none());

    let broken = Certificate { key_file: self_signed(&[]).key, ..own.certificate() };
    let (certificates, problems) = Certificates::load([], Some(&broken)).unwrap();
    assert_eq!(problems.len(), 1);
    let leaf = x509::parse(&certificates.default_certificate().cert[0]).unwrap();
    assert_eq!(
        x509::go_name(&certificates.default_certificate().cert[0]).unwrap(),
        "CN=TRAEFIK DEFAULT CERT"
    );
    assert_eq!(x509::invalid_now(&leaf), None);
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
