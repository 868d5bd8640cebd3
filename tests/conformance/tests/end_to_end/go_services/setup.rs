//! Builds the services, starts them and the router, and waits until every one answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use ferroway_conformance::candidate::Candidate;
use ferroway_conformance::client::Client;
use ferroway_conformance::ports::ReservedPort;
use ferroway_conformance::request::Request;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::programs;

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

impl Setup {
    /// Builds and starts everything.
    pub(crate) async fn start(router: &Path, go: &Path) -> Result<Self> {
        let examples = programs::repository("examples/go-services")?;
        let folder = programs::folder("go-services")?;
        build(go, &examples, &folder).await?;

        let (mut ports, mut processes, mut addresses) = (Vec::new(), Vec::new(), BTreeMap::new());
        for service in &SERVICES {
            let port = ReservedPort::take()?;
            let address = format!("127.0.0.1:{}", port.number());
            let args = [&["-addr", &address], service.args].concat();
            processes.push(programs::start(&folder.join(service.folder), &args, &[], &folder, service.name)?);
            addresses.insert(service.port, port.number());
            ports.push(port);
        }
        let own = ReservedPort::take()?;
        addresses.insert(ROUTER_PORT, own.number());
        for file in ["ferroway.yml", "dynamic.yml"] {
            let text = std::fs::read_to_string(examples.join(file))?;
            std::fs::write(folder.join(file), programs::with_ports(&text, &addresses))?;
        }
        processes.push(programs::start(router, &["--configFile=ferroway.yml"], &[], &folder, "router")?);
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
        programs::build_go(go, &examples.join(source), ".", &folder.join(source)).await?;
    }
    Ok(())
}
