//! Clients of gRPC-Web as browsers run them, in Node, and a server made with grpc-go: the middleware `grpcWeb` between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use ferroway_conformance::candidate::Candidate;
use ferroway_conformance::client::Client;
use ferroway_conformance::request::Request;
use serde_json::json;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::programs;
use crate::report::Report;
use crate::router::{Ports, Router};

const ENTRY: u16 = 8000;
const SERVER: u16 = 9000;

const FIXED: &str = r#"
entryPoints:
  web: {address: "127.0.0.1:8000"}
providers: {file: {filename: dynamic.yml}}
"#;

const DYNAMIC: &str = r#"
http:
  routers:
    echo: {rule: "PathPrefix(`/`)", service: echo, middlewares: [web]}
  middlewares:
    web: {grpcWeb: {allowOrigins: ["*"]}}
  services:
    echo: {loadBalancer: {servers: [{url: "h2c://127.0.0.1:9000"}]}}
"#;

/// The longest that router and server may take to answer.
const START_LIMIT: Duration = Duration::from_secs(20);

const CLIENT_FILES: [&str; 3] = ["client.mjs", "package.json", "package-lock.json"];

/// What the clients are run with.
struct Programs {
    go: PathBuf,
    node: PathBuf,
    npm: PathBuf,
}

/// Starts the server and the router and runs the clients, which print a line for each check.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    let found = |name: &str| programs::find(name).ok_or(format!("{name} is not installed"));
    let programs = found("go").and_then(|go| Ok(Programs { go, node: found("node")?, npm: found("npm")? }));
    let programs = match programs {
        Ok(programs) => programs,
        Err(why) => return report.skip("grpc-web", &why),
    };
    match check(router, &programs).await {
        Ok(lines) => {
            lines.iter().for_each(|(name, result)| report.result(&format!("grpc-web/{name}"), result))
        }
        Err(error) => report.result("grpc-web/start", &Err(error)),
    }
}

/// What the clients say of each check.
async fn check(router: &Path, programs: &Programs) -> Result<Vec<(String, Result<()>)>> {
    let sources = programs::repository("tests/conformance/clients/grpc-web")?;
    let folder = programs::folder("grpc-web")?;
    install(&programs.npm, &sources, &folder).await?;
    let server = folder.join("server");
    programs::build_go(&programs.go, &sources.join("server"), ".", &server).await?;
    let ports = Ports::take(&[ENTRY, SERVER])?;
    let _server: Candidate = programs::start(&server, &[&ports.address(SERVER)], &[], &folder, "server")?;
    let _router = Router::start(router, &folder, &ports.fill(FIXED), &ports.fill(DYNAMIC))?;
    wait_ready(ports.of(ENTRY)).await?;
    let url = format!("http://{}", ports.address(ENTRY));
    let said = programs::run(&programs.node, &["client.mjs", &url], &folder, "").await?;
    said.expect(&["ok "])?;
    let line = |line: &str| match line.split_once(' ') {
        Some(("ok", name)) => Some((name.to_owned(), Ok(()))),
        Some(("FAIL", name)) => Some((name.to_owned(), Err(anyhow!("the client fails")))),
        _ => None,
    };
    Ok(said.text.lines().filter_map(line).collect())
}

/// Puts the clients and their packages into the folder, unless they are there.
async fn install(npm: &Path, sources: &Path, folder: &Path) -> Result<()> {
    let installed = folder.join("node_modules/.package-lock.json").is_file();
    let is_same =
        |file: &str| std::fs::read(sources.join(file)).ok() == std::fs::read(folder.join(file)).ok();
    let is_current = installed && is_same("package-lock.json");
    for file in CLIENT_FILES {
        std::fs::copy(sources.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    if is_current {
        return Ok(());
    }
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    programs::build(command, "npm ci").await
}

/// Waits until the server answers through the router, with whatever it says to a GET.
async fn wait_ready(port: u16) -> Result<()> {
    let client = Client::new(BTreeMap::from([("web".to_owned(), port)]));
    let request = Request::try_from(json!({"text": "GET http://x/", "timeout": 2}));
    let request = request.map_err(anyhow::Error::msg)?;
    let limit = Instant::now() + START_LIMIT;
    while client.send(&request).await.response().is_none_or(|response| matches!(response.status, 404 | 502)) {
        ensure!(Instant::now() < limit, "no answer through the router");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
