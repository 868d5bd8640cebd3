//! Builds the services, starts them and the router, and waits until every one answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ferroway_conformance::candidate::{Candidate, into_file};
use ferroway_conformance::client::Client;
use ferroway_conformance::ports::ReservedPort;
use ferroway_conformance::request::Request;
use ferroway_conformance::text::text;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

/// The longest that building all services may take, downloads included.
const BUILD_LIMIT: Duration = Duration::from_secs(300);

/// The longest that router and services may take to answer.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The port of the router in the example configuration.
const ROUTER_PORT: u16 = 8000;

/// A service as it runs here.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name, which is also the first part of its paths.
    pub(crate) name: &'static str,
    /// The folder of its source.
    folder: &'static str,
    /// Its port in the example configuration.
    port: u16,
    /// Arguments besides the address.
    args: &'static [&'static str],
}

/// The services of the example configuration.
pub(crate) static SERVICES: [Service; 5] = [
    Service { name: "nethttp", folder: "nethttp", port: 8081, args: &[] },
    Service { name: "gin", folder: "gin", port: 8082, args: &[] },
    Service { name: "echo", folder: "echo", port: 8083, args: &[] },
    Service { name: "fiber", folder: "fiber", port: 8084, args: &[] },
    Service { name: "strict", folder: "fiber", port: 8085, args: &["-strict", "-case-sensitive"] },
];

/// Everything that runs. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The port of the router.
    pub(crate) port: u16,
    /// A client whose entry point `web` is the router.
    pub(crate) client: Client,
    _processes: Vec<Candidate>,
    _ports: Vec<ReservedPort>,
}

/// The Go command, where it is installed.
pub(crate) fn go() -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join("go")).find(|path| path.is_file())
}

impl Setup {
    /// Builds and starts everything.
    pub(crate) async fn start(router: &Path, go: &Path) -> Result<Self> {
        let examples =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/go-services").canonicalize()?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-services");
        std::fs::create_dir_all(&folder)?;
        let router = router.canonicalize().with_context(|| format!("cannot find {}", router.display()))?;
        timeout(BUILD_LIMIT, build(go, &examples, &folder)).await.context("building takes too long")??;

        let (mut ports, mut processes, mut addresses) = (Vec::new(), Vec::new(), BTreeMap::new());
        for service in &SERVICES {
            let port = ReservedPort::take()?;
            let mut args = vec!["-addr".to_owned(), format!("127.0.0.1:{}", port.number())];
            args.extend(service.args.iter().map(|arg| (*arg).to_owned()));
            processes.push(spawn(&folder.join(service.folder), &args, &folder, service.name)?);
            addresses.insert(service.port, port.number());
            ports.push(port);
        }
        let own = ReservedPort::take()?;
        addresses.insert(ROUTER_PORT, own.number());
        for file in ["ferroway.yml", "dynamic.yml"] {
            let text = std::fs::read_to_string(examples.join(file))?;
            std::fs::write(folder.join(file), with_addresses(&text, &addresses))?;
        }
        processes.push(spawn(&router, &["--configFile=ferroway.yml".to_owned()], &folder, "router")?);
        let port = own.number();
        let client = Client::new(BTreeMap::from([("web".to_owned(), port)]));
        ports.push(own);
        let setup = Self { port, client, _processes: processes, _ports: ports };
        setup.wait_ready(&folder).await?;
        Ok(setup)
    }

    async fn wait_ready(&self, folder: &Path) -> Result<()> {
        let limit = Instant::now() + START_LIMIT;
        for service in &SERVICES {
            let request = json!({"text": format!("GET http://x/{}/healthz", service.name), "timeout": 2});
            let request = Request::try_from(request).map_err(anyhow::Error::msg)?;
            while self.client.send(&request).await.response().is_none_or(|response| response.status != 200) {
                if Instant::now() > limit {
                    bail!("{} does not answer; see the logs in {}", service.name, folder.display());
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }
}

/// Builds every service into `folder`.
async fn build(go: &Path, examples: &Path, folder: &Path) -> Result<()> {
    for source in ["nethttp", "gin", "echo", "fiber"] {
        let mut command = tokio::process::Command::new(go);
        command.args(["build", "-o"]).arg(folder.join(source)).arg(".").current_dir(examples.join(source));
        let output = command.kill_on_drop(true).output().await?;
        if !output.status.success() {
            bail!("go build of {source}: {}", text(&output.stderr).trim());
        }
    }
    Ok(())
}

fn spawn(binary: &Path, args: &[String], folder: &Path, name: &str) -> Result<Candidate> {
    let log = folder.join(format!("{name}.log"));
    Candidate::start(binary, args, &BTreeMap::new(), folder, || into_file(&log))
        .with_context(|| format!("cannot run {}", binary.display()))
}

/// The text with the ports of the example configuration replaced by those of this run.
fn with_addresses(text: &str, addresses: &BTreeMap<u16, u16>) -> String {
    addresses.iter().fold(text.to_owned(), |text, (from, to)| {
        text.replace(&format!("127.0.0.1:{from}\""), &format!("127.0.0.1:{to}\""))
    })
}
