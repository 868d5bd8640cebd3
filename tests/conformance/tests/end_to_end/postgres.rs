//! psql through TCP routers to a real PostgreSQL: TLS passed through, ended by the router, and none.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use ferroway_conformance::candidate::Candidate;

use crate::certificates;
use crate::programs::{self, Said};
use crate::report::Report;
use crate::router::{Ports, Router};

const ENTRY: u16 = 8000;
const SERVER: u16 = 9000;

const FIXED: &str = r#"
entryPoints:
  db: {address: "127.0.0.1:8000"}
providers: {file: {filename: dynamic.yml}}
"#;

/// The server itself takes clients without TLS only from the router that ended it.
const DYNAMIC: &str = r#"
tcp:
  routers:
    through: {rule: "HostSNI(`through.localhost`)", service: db, tls: {passthrough: true}}
    ended: {rule: "HostSNI(`ended.localhost`)", service: db, tls: {}}
    plain: {rule: "HostSNI(`*`)", service: db}
  services:
    db: {loadBalancer: {servers: [{address: "127.0.0.1:9000"}]}}
tls:
  certificates: [{certFile: edge.pem, keyFile: edge.key}]
"#;

/// Says whether the server sees TLS.
const QUESTION: &str = "select 'TLS at the server: ' || ssl from pg_stat_ssl where pid = pg_backend_pid()";

/// Starts the server and the router, and asks.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    let Some((psql, server)) = programs::find("psql").zip(server_programs()) else {
        return report.skip("postgres", "PostgreSQL is not installed");
    };
    let site = match Site::start(router, &server).await {
        Ok(site) => site,
        Err(error) => return report.result("postgres/start", &Err(error)),
    };
    for (host, mode, expected) in [
        ("through.localhost", "verify-full", Some("TLS at the server: true")),
        ("ended.localhost", "verify-full", Some("TLS at the server: false")),
        ("through.localhost", "disable", Some("TLS at the server: false")),
        // psql asks for TLS, which is granted, and then has a name that no router is for.
        ("unknown.localhost", "require", None),
    ] {
        let name = format!("postgres/{host}/{mode}");
        if report.wants(&name) {
            report.result(&name, &site.check(&psql, host, mode, expected).await);
        }
    }
}

/// Where `initdb` and `postgres` are, which Debian keeps off the search path.
fn server_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("initdb").is_file()).max()
}

/// Everything that runs. Dropping it ends it.
struct Site {
    folder: PathBuf,
    /// The cluster, in a place that the server's user can reach.
    cluster: PathBuf,
    ports: Ports,
    _server: Candidate,
    _router: Router,
}

impl Site {
    async fn start(router: &Path, programs: &Path) -> Result<Self> {
        let folder = programs::folder("postgres")?;
        certificates::make(&folder).await?;
        certificates::make_another(&folder, "through", "edge-ca", "DNS:through.localhost").await?;
        let ports = Ports::take(&[ENTRY, SERVER])?;
        let cluster = std::env::temp_dir().join(format!("ferroway-postgres-{}", std::process::id()));
        std::fs::create_dir(&cluster)?;
        let data = cluster.join("data");
        let shown = data.to_str().context("a path")?;
        own(&cluster, &folder).await?;
        // A user of that name can do everything from this machine.
        let (initdb, args) =
            as_server(&programs.join("initdb"), &["-D", shown, "-A", "trust", "-U", "me", "-N"]);
        programs::run(&initdb, &strings(&args), &cluster, "").await?.expect(&[]).context("initdb")?;
        for name in ["through.pem", "through.key"] {
            std::fs::copy(cluster.join(name), data.join(name))?;
        }
        own(&cluster, &folder).await?;
        let port = ports.of(SERVER).to_string();
        let options = [
            "-D",
            shown,
            "-p",
            &port,
            "-h",
            "127.0.0.1",
            "-k",
            shown,
            "-c",
            "ssl=on",
            "-c",
            "ssl_cert_file=through.pem",
            "-c",
            "ssl_key_file=through.key",
            "-c",
            "fsync=off",
        ];
        let (postgres, args) = as_server(&programs.join("postgres"), &options);
        let server = programs::start(&postgres, &strings(&args), &[], &cluster, "postgres")?;
        let router = Router::start(router, &folder, &ports.fill(FIXED), &ports.fill(DYNAMIC))?;
        ports.wait(&[ENTRY, SERVER]).await?;
        let site = Self { folder, cluster, ports, _server: server, _router: router };
        site.ready().await?;
        Ok(site)
    }

    /// Waits until the server takes questions and the router has its configuration.
    async fn ready(&self) -> Result<()> {
        let psql = programs::find("psql").context("psql")?;
        for _ in 0..100 {
            if self.ask(&psql, "ended.localhost", "require").await?.success {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        self.ask(&psql, "ended.localhost", "require").await?.expect(&[])
    }

    async fn ask(&self, psql: &Path, host: &str, mode: &str) -> Result<Said> {
        let port = self.ports.of(ENTRY);
        let target = format!(
            "host={host} hostaddr=127.0.0.1 port={port} user=me dbname=postgres sslmode={mode} sslrootcert=edge-ca.pem connect_timeout=10"
        );
        programs::run(psql, &[&target, "--no-psqlrc", "-Atc", QUESTION], &self.folder, "").await
    }

    async fn check(&self, psql: &Path, host: &str, mode: &str, expected: Option<&str>) -> Result<()> {
        let said = self.ask(psql, host, mode).await?;
        match expected {
            Some(expected) => said.expect(&[expected]),
            None => {
                ensure!(!said.success, "it was let in: {}", said.text);
                Ok(())
            }
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self._server.kill();
        // What is left there is in nobody's way.
        let _ = std::fs::remove_dir_all(&self.cluster);
    }
}

fn strings(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

/// A program and its arguments, run by a user other than root, which PostgreSQL refuses.
fn as_server(program: &Path, args: &[&str]) -> (PathBuf, Vec<String>) {
    let args = args.iter().map(|arg| (*arg).to_owned());
    match programs::find("runuser").filter(|_| is_root()) {
        Some(runuser) => {
            let prefix = ["-u", "postgres", "--", &program.to_string_lossy()].map(str::to_owned);
            (runuser, prefix.into_iter().chain(args).collect())
        }
        None => (program.to_owned(), args.collect()),
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Puts the server's certificate into its folder, and gives it all of that.
async fn own(cluster: &Path, certificates: &Path) -> Result<()> {
    for name in ["through.pem", "through.key"] {
        std::fs::copy(certificates.join(name), cluster.join(name))?;
    }
    if !is_root() {
        return Ok(());
    }
    let status = tokio::process::Command::new("chown")
        .args(["-R", "postgres"])
        .arg(cluster)
        .stdout(Stdio::null())
        .status()
        .await?;
    ensure!(status.success(), "chown failed");
    Ok(())
}
