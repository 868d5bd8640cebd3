//! Files with certificates that change while clients come.

use std::fs;
use std::time::Instant;

use ferroway_config::decode::FileOrContent;
use ferroway_core::Io;
use ferroway_tls::{ClientOptions, Connector};
use rcgen::{CertificateParams, KeyPair};
use rustix::process::Signal;

use crate::support::{PATIENCE, Process, Setup, eventually};

/// A certificate for `a.test` and its key, PEM.
struct Pair {
    cert: String,
    key: String,
}

impl Pair {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["a.test".to_owned()]).expect("a name");
        Self { cert: params.self_signed(&key).expect("a certificate").pem(), key: key.serialize_pem() }
    }

    fn write(&self, process: &Process) {
        fs::write(process.path("a.pem"), &self.cert).expect("a folder");
        fs::write(process.path("a.key"), &self.key).expect("a folder");
    }

    /// Whether clients get this certificate.
    fn is_served(&self, process: &Process) -> bool {
        let authorities = [FileOrContent(self.cert.clone())];
        let options = ClientOptions { root_cas: &authorities, ..ClientOptions::default() };
        let (connector, _) = Connector::new(&options).expect("options");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(process.address()).await.expect("it listens");
            let deadline = Instant::now() + PATIENCE;
            connector.connect(Io::Tcp(stream), "a.test", deadline).await.is_ok()
        })
    }

    #[track_caller]
    fn comes(&self, process: &Process) {
        eventually("the certificate", || self.is_served(process).then_some(()));
    }
}

const DYNAMIC: &str = "\
http:
  routers:
    r: {rule: Host(`a.test`), service: noop@internal, tls: {}}
tls:
  certificates: [{certFile: a.pem, keyFile: a.key}]
";

#[test]
fn certificates_are_those_of_the_files() {
    let process = Process::start(&Setup { dynamic: DYNAMIC.to_owned(), ..Setup::default() });
    process.says("certificate a.pem: cannot read a.pem: No such file");
    let (first, second) = (Pair::new(), Pair::new());
    first.write(&process);
    first.comes(&process);

    fs::write(process.path("a.pem"), &second.cert[..second.cert.len() / 2]).expect("a folder");
    process.says("certificate a.pem: malformed PEM in a.pem: ");
    assert!(process.output().contains("; the one that was read before stays"), "{}", process.output());
    assert!(first.is_served(&process));
    second.write(&process);
    second.comes(&process);

    // Swapped as Kubernetes does it.
    let third = Pair::new();
    fs::create_dir(process.path("..1")).expect("a folder");
    fs::write(process.path("..1/a.pem"), &third.cert).expect("a folder");
    fs::write(process.path("..1/a.key"), &third.key).expect("a folder");
    for (target, name) in [("..1", "..data"), ("..data/a.pem", "a.pem"), ("..data/a.key", "a.key")] {
        std::os::unix::fs::symlink(target, process.path("link")).expect("a folder");
        fs::rename(process.path("link"), process.path(name)).expect("a folder");
    }
    third.comes(&process);
}

#[test]
fn a_signal_has_certificates_read_again() {
    let process = Process::start(&Setup { dynamic: DYNAMIC.to_owned(), ..Setup::default() });
    let (first, second) = (Pair::new(), Pair::new());
    first.write(&process);
    first.comes(&process);
    second.write(&process);
    // At once, without waiting for writers to pause.
    process.signal(Signal::HUP);
    second.comes(&process);
}
