//! What becomes of acceptors and transports when files with certificates change.

use std::fs;
use std::sync::Arc;

use ferroway_runtime::EntryTable;
use ferroway_tls::Acceptor;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use crate::support::{Control, Version};

/// A folder with `NAME.pem` and `NAME.key` for each name.
struct Folder(TempDir);

impl Folder {
    fn new(names: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        names.iter().for_each(|name| folder.renew(name));
        folder
    }

    fn renew(&self, name: &str) {
        let key = KeyPair::generate().expect("a key");
        let cert = CertificateParams::new([format!("{name}.test")])
            .expect("a name")
            .self_signed(&key)
            .expect("a certificate");
        self.write(&format!("{name}.pem"), &cert.pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.0.path().join(name), content).expect("a folder");
    }

    fn of(&self, yaml: &str) -> String {
        yaml.replace("DIR", self.0.path().to_str().expect("a path"))
    }

    /// The problems without the folder.
    fn told(&self, version: &Version) -> Vec<String> {
        let folder = format!("{}/", self.0.path().display());
        version.problems.iter().map(|problem| problem.replace(&folder, "")).collect()
    }
}

fn table(version: &Version) -> &Arc<EntryTable> {
    &version.snapshot.entry_points[0]
}

fn acceptor(version: &Version, host: &str) -> Arc<Acceptor> {
    table(version).acceptors.as_ref().expect("TLS").get(Some(host)).expect("options").clone()
}

const SERVED: &str = "\
http:
  routers:
    a: {rule: Host(`a.test`), service: noop@internal, tls: {}}
    m: {rule: Host(`m.test`), service: noop@internal, tls: {options: mutual}}
tls:
  certificates: [{certFile: DIR/a.pem, keyFile: DIR/a.key}]
  options: {mutual: {clientAuth: {caFiles: [DIR/ca.pem]}}}
";

#[test]
fn acceptors_stay_until_a_file_says_something_else() {
    let folder = Folder::new(&["a", "ca", "unused"]);
    let mut control = Control::new();
    let first = control.load(&folder.of(SERVED));
    assert_eq!(folder.told(&first), [""; 0]);
    let (a, m) = (acceptor(&first, "a.test"), acceptor(&first, "m.test"));
    assert!(control.look_again().is_none());
    folder.renew("unused");
    assert!(control.look_again().is_none());

    folder.renew("a");
    let second = control.look_again().expect("the certificate changed");
    assert_eq!(folder.told(&second), [""; 0]);
    // All options have new certificates, and routes nothing new.
    assert!(!Arc::ptr_eq(&a, &acceptor(&second, "a.test")));
    assert!(!Arc::ptr_eq(&m, &acceptor(&second, "m.test")));
    assert!(!Arc::ptr_eq(table(&first), table(&second)));
    let routes = |version: &Version| -> Vec<_> {
        table(version).tls.routes().iter().map(|route| route.value.clone()).collect()
    };
    assert!(routes(&first).iter().zip(&routes(&second)).all(|(a, b)| Arc::ptr_eq(a, b)));

    folder.renew("ca");
    let third = control.look_again().expect("the authority changed");
    assert!(Arc::ptr_eq(&acceptor(&second, "a.test"), &acceptor(&third, "a.test")));
    assert!(!Arc::ptr_eq(&acceptor(&second, "m.test"), &acceptor(&third, "m.test")));
    assert!(control.look_again().is_none());
}

#[test]
fn an_authority_of_no_use_leaves_the_one_before_in_force() {
    let folder = Folder::new(&["a", "ca"]);
    let mut control = Control::new();
    let first = control.load(&folder.of(SERVED));
    folder.write("ca.pem", "half of it");
    let broken = control.look_again().expect("a change");
    let reason = "dynamic configuration: tls.options.mutual@file: clientAuth.caFiles: no certificate in ca.pem: \
                  it is no PEM, expected a PEM block CERTIFICATE";
    assert_eq!(folder.told(&broken), [format!("{reason}; what was read before stays in force")]);
    assert!(Arc::ptr_eq(&acceptor(&first, "m.test"), &acceptor(&broken, "m.test")));
    // It stays in force while other files change, and is told of still.
    folder.renew("a");
    let other = control.look_again().expect("a change");
    assert_eq!(folder.told(&other), folder.told(&broken));
    assert!(!Arc::ptr_eq(&acceptor(&first, "m.test"), &acceptor(&other, "m.test")));
    folder.renew("ca");
    assert_eq!(folder.told(&control.look_again().expect("a change")), [""; 0]);

    // Who begins with it has nothing that could stay, and waits for it.
    folder.write("ca.pem", "half of it");
    let mut control = Control::new();
    let refused = "file.yml:4:5: router m@file: the TLS options mutual@file cannot be used";
    assert_eq!(folder.told(&control.load(&folder.of(SERVED))), [reason, refused]);
    folder.renew("ca");
    let mended = control.look_again().expect("a change");
    assert_eq!(folder.told(&mended), [""; 0]);
    assert_eq!(acceptor(&mended, "m.test").name().as_ref(), "mutual@file");
}

const TO_SERVERS: &str = "\
http:
  routers:
    r: {rule: Host(`r`), service: s}
    plain: {rule: Host(`plain`), service: plain}
  services:
    s: {loadBalancer: {servers: [{url: 'https://127.0.0.1:1'}], serversTransport: t}}
    plain: {loadBalancer: {servers: [{url: 'http://127.0.0.1:1'}]}}
  serversTransports:
    t: {rootCAs: [DIR/ca.pem], certificates: [{certFile: DIR/own.pem, keyFile: DIR/own.key}]}
";

#[test]
fn transports_follow_their_files() {
    let folder = Folder::new(&["ca", "own"]);
    let mut control = Control::new();
    let mut last = control.load(&folder.of(TO_SERVERS));
    assert_eq!(folder.told(&last), [""; 0]);
    assert!(control.look_again().is_none());
    for name in ["ca", "own"] {
        folder.renew(name);
        let now = control.look_again().expect("a file changed");
        assert_eq!((folder.told(&now), now.kept(&last)), (vec![], "plain".to_owned()), "{name}");
        last = now;
    }
    folder.write("ca.pem", "");
    let broken = control.look_again().expect("a change");
    assert_eq!(
        folder.told(&broken),
        [
            "file.yml:9:5: servers transport t@file: rootCAs: no certificate in ca.pem: it is empty, expected a PEM \
          block CERTIFICATE; what was read before stays"
        ]
    );
    assert_eq!(broken.kept(&last), "plain r");
    // What was dropped is not followed.
    let without =
        control.load(&folder.of(TO_SERVERS).replace("    r: {", "    x: {").replace("https:", "http:"));
    assert_eq!(folder.told(&without), [""; 0]);
    folder.renew("ca");
    assert!(control.look_again().is_none());
}

const TO_TCP_SERVERS: &str = "\
tcp:
  routers:
    r: {rule: HostSNI(`*`), service: s}
  services:
    s: {loadBalancer: {servers: [{address: '127.0.0.1:1', tls: true}], serversTransport: t}}
  serversTransports:
    t: {tls: {rootCAs: [DIR/ca.pem]}}
";

#[test]
fn transports_of_tcp_follow_their_files_too() {
    let folder = Folder::new(&["ca"]);
    let mut control = Control::new();
    let first = control.load(&folder.of(TO_TCP_SERVERS));
    assert_eq!(folder.told(&first), [""; 0]);
    let is_kept = |before: &Version, after: &Version| {
        let (before, after) = (before.tcp_routes(0), after.tcp_routes(0));
        assert_eq!((before.len(), after.len()), (1, 1));
        Arc::ptr_eq(&before[0], &after[0])
    };
    folder.renew("ca");
    let second = control.look_again().expect("a change");
    assert!(folder.told(&second).is_empty() && !is_kept(&first, &second));
    folder.write("ca.pem", "");
    let broken = control.look_again().expect("a change");
    assert!(is_kept(&second, &broken));
    assert_eq!(
        folder.told(&broken),
        [
            "file.yml:7:5: TCP servers transport t@file: rootCAs: no certificate in ca.pem: it is empty, expected a \
          PEM block CERTIFICATE; what was read before stays"
        ]
    );
}
