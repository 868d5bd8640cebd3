//! OCSP stapling with the responder of `openssl ocsp`, as `openssl s_client -status` sees it.
//!
//! The checks are steps of one story: staples come, the configuration is loaded anew while the responder is down, and staples
//! are still there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use ferroway_conformance::candidate::Candidate;
use tokio::time::{Instant, sleep};

use crate::programs::{self, Said};
use crate::report::Report;
use crate::router::{Ports, Router};

const WEBSECURE: u16 = 8443;
const RESPONDER: u16 = 9080;
/// Where nobody listens.
const NOBODY: u16 = 9081;

const FIXED: &str = r#"
entryPoints:
  websecure: {address: "127.0.0.1:8443"}
providers: {file: {filename: dynamic.yml}}
log: {level: DEBUG}
ocsp:
  responderOverrides:
    "http://ocsp.invalid/elsewhere": "http://127.0.0.1:9080"
"#;

const DYNAMIC: &str = r#"
http:
  routers:
    secure: {rule: "PathPrefix(`/`)", entryPoints: [websecure], service: nothing, tls: {}}
  services:
    nothing: {loadBalancer: {servers: []}}
tls:
  certificates:
    - {certFile: named.pem, keyFile: named.key}
    - {certFile: elsewhere.pem, keyFile: elsewhere.key}
    - {certFile: revoked.pem, keyFile: revoked.key}
    - {certFile: stranger.pem, keyFile: stranger.key}
    - {certFile: down.pem, keyFile: down.key}
    - {certFile: plain.pem, keyFile: plain.key}
  stores: {default: {defaultCertificate: {certFile: default.pem, keyFile: default.key}}}
"#;

/// What is added by a reload.
const LATE: &str = "    - {certFile: late.pem, keyFile: late.key}\n  stores:";

/// Certificates, each with its serial number, its letter in the index of the responder (none: it is not in there), and what it
/// names as its responder.
const CERTIFICATES: [(&str, &str, Option<char>, Named); 8] = [
    ("named", "1001", Some('V'), Named::Port(RESPONDER)),
    ("elsewhere", "1002", Some('V'), Named::Elsewhere),
    ("revoked", "1003", Some('R'), Named::Port(RESPONDER)),
    ("stranger", "1004", None, Named::Port(RESPONDER)),
    ("down", "1005", Some('V'), Named::Port(NOBODY)),
    ("plain", "1006", Some('V'), Named::Nothing),
    ("default", "1007", Some('V'), Named::Port(RESPONDER)),
    ("late", "1008", Some('V'), Named::Port(RESPONDER)),
];

/// What a certificate names as its responder.
#[derive(Clone, Copy)]
enum Named {
    Nothing,
    /// A host that does not exist.
    Elsewhere,
    Port(u16),
}

const STAPLED: &str = "OCSP Response Status: successful";
const GOOD: &str = "Cert Status: good";
const NOTHING: &str = "OCSP response: no response sent";

/// Certificates, and what clients are told of them while the responder is there.
const EXPECTED: [(&str, &[&str]); 7] = [
    ("named", &[STAPLED, GOOD]),
    ("elsewhere", &[STAPLED, GOOD]),
    ("revoked", &[STAPLED, "Cert Status: revoked"]),
    ("stranger", &[STAPLED, "Cert Status: unknown"]),
    ("down", &[NOTHING]),
    ("plain", &[NOTHING]),
    ("default", &[STAPLED, GOOD]),
];

/// The longest that a change may take to be seen.
const LIMIT: Duration = Duration::from_secs(20);

/// Starts the responder and the router, and does one thing after the other.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    let Some(openssl) = programs::find("openssl") else {
        return report.skip("ocsp", "openssl is not installed");
    };
    let mut site = match Site::start(router, openssl).await {
        Ok(site) => site,
        Err(error) => return report.result("ocsp/start", &Err(error)),
    };
    for (name, expected) in EXPECTED {
        report.result(&format!("ocsp/{name}"), &site.both_versions(name, expected).await);
    }
    report.result("ocsp/the log", &site.told().await);
    report.result("ocsp/reload without the responder", &site.reload_alone().await);
}

/// Everything that runs. Dropping it ends it.
struct Site {
    folder: PathBuf,
    openssl: PathBuf,
    ports: Ports,
    responder: Option<Candidate>,
    router: Router,
}

impl Site {
    async fn start(router: &Path, openssl: PathBuf) -> Result<Self> {
        let folder = programs::folder("ocsp")?;
        let ports = Ports::take(&[WEBSECURE, RESPONDER, NOBODY])?;
        make_certificates(&openssl, &folder, &ports).await?;
        let port = ports.of(RESPONDER).to_string();
        let args = ["ocsp", "-port", &port, "-index", "index.txt", "-CA", "ca.pem", "-nmin", "60"];
        let signer = ["-rsigner", "responder.pem", "-rkey", "responder.key"];
        let responder = programs::start(&openssl, &[&args[..], &signer].concat(), &[], &folder, "responder")?;
        // Not by a connection: one that is closed without a request holds up this responder.
        programs::wait_for_text(&folder.join("responder.log"), "waiting for OCSP client", 1).await?;
        let router = Router::start(router, &folder, &ports.fill(FIXED), DYNAMIC)?;
        ports.wait(&[WEBSECURE]).await?;
        Ok(Self { folder, openssl, ports, responder: Some(responder), router })
    }

    /// Waits until a client with each version of TLS is told this of a certificate.
    async fn both_versions(&self, name: &str, expected: &[&str]) -> Result<()> {
        for version in ["-tls1_2", "-tls1_3"] {
            self.wait(name, version, expected).await.with_context(|| format!("{name} {version}"))?;
        }
        Ok(())
    }

    async fn wait(&self, name: &str, version: &str, expected: &[&str]) -> Result<()> {
        let subject = format!("subject=CN = {name}");
        let expected = [&[subject.as_str()], expected].concat();
        let limit = Instant::now() + LIMIT;
        loop {
            let found = self.s_client(name, version).await?.expect(&expected);
            if found.is_ok() || Instant::now() > limit {
                return found;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What a client is told that asks for the host of a certificate, and for its status.
    async fn s_client(&self, name: &str, version: &str) -> Result<Said> {
        let address = self.ports.address(WEBSECURE);
        let host = format!("{name}.localhost");
        let args = ["s_client", "-connect", &address, "-servername", &host, "-status", version];
        let checks = ["-CAfile", "ca.pem", "-verify_return_error", "-verify_hostname", &host];
        programs::run(&self.openssl, &[&args[..], &checks].concat(), &self.folder, "").await
    }

    /// What could not be done is in the log, with the certificate, the responder and the reason.
    async fn told(&self) -> Result<()> {
        let nobody = self.ports.address(NOBODY);
        let log = self.folder.join("router.log");
        programs::wait_for_text(&log, "Unable to retrieve an OCSP staple", 1).await?;
        let text = std::fs::read_to_string(log)?;
        let failures: Vec<&str> =
            text.lines().filter(|line| line.contains("Unable to retrieve an OCSP staple")).collect();
        ensure!(failures.len() == 1, "{failures:?}");
        for part in [" ERR ", "CN=down", &format!("http://{nobody}/status"), "Connection refused"] {
            ensure!(failures[0].contains(part), "no {part:?} in {:?}", failures[0]);
        }
        ensure!(text.contains("The certificate has been revoked") && text.contains("CN=revoked"), "{text}");
        Ok(())
    }

    /// The responder ends; then a certificate is read anew, with another one behind it, and one is new. What was stapled stays.
    async fn reload_alone(&mut self) -> Result<()> {
        self.responder = None;
        let named = std::fs::read_to_string(self.folder.join("named.pem"))?;
        let another = std::fs::read_to_string(self.folder.join("plain.pem"))?;
        std::fs::write(self.folder.join("named.pem"), format!("{named}{another}"))?;
        self.router.reconfigure(&DYNAMIC.replace("  stores:", LATE))?;
        self.both_versions("late", &[NOTHING]).await?;
        let said = self.s_client("named", "-tls1_3").await?;
        ensure!(said.text.contains(" 2 s:CN = plain"), "it is not read anew: {}", said.text);
        for (name, expected) in EXPECTED {
            for version in ["-tls1_2", "-tls1_3"] {
                let said = self.s_client(name, version).await?;
                said.expect(expected).with_context(|| format!("{name} {version}"))?;
            }
        }
        let log = self.folder.join("router.log");
        programs::wait_for_text(&log, "Unable to retrieve an OCSP staple", 2).await
    }
}

/// An authority, a responder that it has authorised, and the certificates with the responder's index of them.
async fn make_certificates(openssl: &Path, folder: &Path, ports: &Ports) -> Result<()> {
    let run = async |args: &[&str]| programs::run(openssl, args, folder, "").await?.expect(&[]);
    let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let own =
        ["req", "-x509", "-days", "30", "-subj", "/CN=OCSP test", "-keyout", "ca.key", "-out", "ca.pem"];
    run(&[&own[..], &ec].concat()).await?;
    let issue = async |name: &str, serial: &str, extensions: &str| -> Result<()> {
        let (subject, key, request) = (format!("/CN={name}"), format!("{name}.key"), format!("{name}.csr"));
        let (certificate, extension) = (format!("{name}.pem"), format!("{name}.ext"));
        std::fs::write(folder.join(&extension), extensions)?;
        run(&[&["req", "-subj", &subject, "-keyout", &key, "-out", &request][..], &ec].concat()).await?;
        let serial = format!("0x{serial}");
        let signing = ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "30"];
        let rest = ["-set_serial", &serial, "-extfile", &extension, "-out", &certificate];
        run(&[&signing[..], &rest].concat()).await
    };
    issue("responder", "1000", "extendedKeyUsage=OCSPSigning\n").await?;
    let authority = std::fs::read_to_string(folder.join("ca.pem"))?;
    let mut index = String::new();
    for (name, serial, letter, responder) in CERTIFICATES {
        let named = match responder {
            Named::Nothing => String::new(),
            Named::Elsewhere => "authorityInfoAccess=OCSP;URI:http://ocsp.invalid/elsewhere\n".to_owned(),
            Named::Port(port) => {
                format!("authorityInfoAccess=OCSP;URI:http://{}/status\n", ports.address(port))
            }
        };
        issue(name, serial, &format!("subjectAltName=DNS:{name}.localhost\n{named}")).await?;
        let file = folder.join(format!("{name}.pem"));
        let chain = format!("{}{authority}", std::fs::read_to_string(&file)?);
        std::fs::write(file, chain)?;
        if let Some(letter) = letter {
            let revoked = if letter == 'R' { "250101000000Z" } else { "" };
            index.push_str(&format!("{letter}\t491231235959Z\t{revoked}\t{serial}\tunknown\t/CN={name}\n"));
        }
    }
    Ok(std::fs::write(folder.join("index.txt"), index)?)
}
