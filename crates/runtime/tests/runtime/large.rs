//! A change among very many routers and certificates.

use std::fmt::Write as _;
use std::time::Duration;

use ferroway_runtime::{Publisher, Snapshot};

use crate::support::Control;

const ROUTERS: usize = 10_000;
const CERTIFICATES: usize = 1_000;

/// Far more than it takes, even without optimisation and beside other work: a matter of milliseconds.
const BOUND: Duration = Duration::from_secs(2);

/// The processor's time that this thread has taken: other work on the machine does not show in it.
pub(crate) fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it does not run backwards")
}

/// A configuration with `router` for the last lines of each router, where `#` is its number.
fn configuration(changed: &str, router: &str) -> String {
    let mut out = String::from("http:\n  routers:\n");
    for number in 0..ROUTERS {
        let host = if number == ROUTERS / 2 { changed } else { "host" };
        writeln!(out, "    r{number:05}:\n      rule: \"Host(`{host}{number}.test`) && PathPrefix(`/api`)\"\n      service: s{:02}\n      middlewares:\n        - m{}{}", number % 100, number % 10, router.replace('#', &(number % 10).to_string())).expect("a string");
    }
    out.push_str("  middlewares:\n");
    for number in 0..10 {
        writeln!(out, "    m{number}:\n      addPrefix:\n        prefix: /m{number}").expect("a string");
    }
    out.push_str("  services:\n");
    for number in 0..100 {
        writeln!(
            out,
            "    s{number:02}:\n      loadBalancer:\n        servers:\n          - url: http://127.0.0.1:{}",
            10_000 + number
        )
        .expect("a string");
    }
    out
}

/// Certificates in files, and the lines of the configuration that name them, with ten sets of TLS options.
fn certificates(folder: &std::path::Path) -> String {
    let mut out = String::from("tls:\n  certificates:\n");
    for number in 0..CERTIFICATES {
        let key = rcgen::KeyPair::generate().expect("a key");
        let name = format!("host{}.test", number * ROUTERS / CERTIFICATES);
        let params = rcgen::CertificateParams::new([name]).expect("a name");
        let cert = params.self_signed(&key).expect("a certificate");
        let path = |end: &str| folder.join(format!("{number}.{end}"));
        std::fs::write(path("pem"), cert.pem()).expect("a folder");
        std::fs::write(path("key"), key.serialize_pem()).expect("a folder");
        let (cert, key) = (path("pem"), path("key"));
        writeln!(out, "    - {{certFile: {}, keyFile: {}}}", cert.display(), key.display())
            .expect("a string");
    }
    out.push_str("  options:\n");
    for number in 0..10 {
        writeln!(out, "    o{number}: {{sniStrict: true}}").expect("a string");
    }
    out
}

/// How long it takes from text to live: a whole configuration, and one of its routers that changes.
fn change_one(router: &str, more: &str) -> (Duration, Duration) {
    let (first, second) = (configuration("old", router) + more, configuration("new", router) + more);
    let mut control = Control::new();
    let publisher = Publisher::new(Snapshot::empty(2, 0));
    let start = cpu();
    let before = control.load(&first);
    publisher.publish(before.snapshot.clone());
    let whole = cpu() - start;
    assert_eq!(before.problems, [""; 0]);
    assert_eq!(before.routes(0).len(), ROUTERS);
    let mut after = before;
    let mut change = Duration::MAX;
    for text in [&second, &first, &second] {
        let before = after;
        let start = cpu();
        after = control.load(text);
        publisher.publish(after.snapshot.clone());
        change = change.min(cpu() - start);
        assert_eq!(after.problems, [""; 0]);
        let kept = after.kept(&before);
        assert_eq!(kept.split(' ').count(), ROUTERS - 1);
        assert!(!kept.contains("r05000"));
    }
    assert!(change < BOUND, "{change:?}");
    (whole, change)
}

#[test]
fn one_of_many_routers_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = certificates(folder.path());
    for (what, router, more) in [
        ("plain", "", ""),
        ("plain, with certificates", "", &more),
        ("over TLS", "\n      tls: {}", &more),
        ("with TLS options", "\n      tls: {options: o#}", &more),
    ] {
        let (whole, change) = change_one(router, more);
        println!(
            "{ROUTERS} routers, {what}: {whole:?} from text to live, then {change:?} for one that changed"
        );
    }
}

#[test]
fn one_of_many_certificates_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = certificates(folder.path());
    let mut control = Control::new();
    let before = control.load(&(configuration("host", "\n      tls: {options: o#}") + &more));
    let path = |end: &str| folder.path().join(format!("{}.{end}", CERTIFICATES / 2));
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(["host5000.test".to_owned()]).expect("a name");
    let cert = params.self_signed(&key).expect("a certificate");
    std::fs::write(path("pem"), cert.pem()).expect("a folder");
    std::fs::write(path("key"), key.serialize_pem()).expect("a folder");
    let start = cpu();
    let after = control.look_again_at(&[path("pem"), path("key")]).expect("a change");
    let change = cpu() - start;
    println!("{CERTIFICATES} certificates: {change:?} for one that changed");
    assert!(change < BOUND, "{change:?}");
    assert_eq!(after.problems, [""; 0]);
    assert_eq!(after.kept(&before).split(' ').count(), ROUTERS);
}
