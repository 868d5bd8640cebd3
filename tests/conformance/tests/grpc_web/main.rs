//! Clients of gRPC-Web as browsers run them, in Node, and a server made with grpc-go: the middleware `grpcWeb` between them.
//!
//! The router is taken from the environment variable `FERROWAY_BIN`, else it is the `ferroway` of the same build. Where the
//! router, Go, Node or the packages of the clients are missing, the checks are skipped by name, which is a failure where
//! `CI=true`.

#![expect(clippy::print_stdout, reason = "a test program reports to its reader")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use ferroway_conformance::candidate::{Candidate, into_file};
use ferroway_conformance::client::Client;
use ferroway_conformance::ports::ReservedPort;
use ferroway_conformance::request::Request;
use ferroway_conformance::text::text;
use serde_json::json;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

/// The longest that building the server may take, downloads included.
const BUILD_LIMIT: Duration = Duration::from_secs(300);

/// The longest that router and server may take to answer.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The longest that all checks may take.
const CHECKS_LIMIT: Duration = Duration::from_secs(60);

const CLIENT_FILES: [&str; 3] = ["client.mjs", "package.json", "package-lock.json"];

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().any(|arg| arg == "--list") {
        return ExitCode::SUCCESS;
    }
    let outcome = tokio::select! {
        outcome = Box::pin(run()) => outcome,
        // Everything that was started is dropped and thereby ended.
        _ = tokio::signal::ctrl_c() => return ExitCode::FAILURE,
    };
    match outcome {
        Ok(Outcome::Checked { passed, failed }) => {
            println!("{passed} passed, {failed} failed, 0 skipped");
            if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Ok(Outcome::Skipped(reason)) if std::env::var("CI").is_ok_and(|value| value == "true") => {
            fail(&reason)
        }
        Ok(Outcome::Skipped(reason)) => {
            println!("SKIP grpc-web - {reason}\n0 passed, 0 failed, 1 skipped");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("{error:#}")),
    }
}

fn fail(reason: &str) -> ExitCode {
    println!("FAIL grpc-web - {reason}\n0 passed, 1 failed, 0 skipped");
    ExitCode::FAILURE
}

/// What became of the checks.
enum Outcome {
    Checked { passed: usize, failed: usize },
    Skipped(String),
}

async fn run() -> Result<Outcome> {
    let Some(router) = router() else {
        return Ok(Outcome::Skipped("no router: set FERROWAY_BIN".to_owned()));
    };
    for program in ["go", "node", "npm"] {
        if !is_installed(program) {
            return Ok(Outcome::Skipped(format!("{program} is not installed")));
        }
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grpc_web");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grpc-web");
    std::fs::create_dir_all(&folder)?;
    if let Err(error) = install(&sources.join("client"), &folder).await {
        return Ok(Outcome::Skipped(format!("the packages of the clients cannot be had: {error:#}")));
    }
    build(&sources.join("server"), &folder).await?;
    let (server, port) = (ReservedPort::take()?, ReservedPort::take()?);
    let address = format!("127.0.0.1:{}", server.number());
    let _server = start(&folder.join("server"), std::slice::from_ref(&address), &folder, "server")?;
    let arguments = configure(&folder, port.number(), &address)?;
    let _router = start(&router.canonicalize()?, &arguments, &folder, "router")?;
    wait_ready(port.number(), &folder).await?;
    check(&folder, port.number()).await
}

/// The router under test.
fn router() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("FERROWAY_BIN") {
        return Some(given.into());
    }
    // This program is in `target/PROFILE/deps`.
    let built = std::env::current_exe().ok()?.parent()?.parent()?.join("ferroway");
    built.is_file().then_some(built)
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Puts the clients and their packages into the folder, unless they are there.
async fn install(sources: &Path, folder: &Path) -> Result<()> {
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
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    succeed(npm).await.context("npm ci")
}

async fn build(sources: &Path, folder: &Path) -> Result<()> {
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(folder.join("server")).arg(".").current_dir(sources);
    succeed(go).await.context("go build")
}

async fn succeed(mut command: Command) -> Result<()> {
    let output =
        timeout(BUILD_LIMIT, command.kill_on_drop(true).output()).await.context("takes too long")??;
    ensure!(output.status.success(), "{}", text(&output.stderr).trim());
    Ok(())
}

/// Writes the router's configuration; its arguments.
fn configure(folder: &Path, port: u16, server: &str) -> Result<Vec<String>> {
    let entry_point = format!("--entryPoints.web.address=127.0.0.1:{port}");
    let dynamic = json!({"http": {
        "routers": {"echo": {"rule": "PathPrefix(`/`)", "service": "echo", "middlewares": ["web"]}},
        "middlewares": {"web": {"grpcWeb": {"allowOrigins": ["*"]}}},
        "services": {"echo": {"loadBalancer": {"servers": [{"url": format!("h2c://{server}")}]}}},
    }});
    // JSON is YAML.
    std::fs::write(folder.join("dynamic.yml"), dynamic.to_string())?;
    Ok(vec![entry_point, "--providers.file.filename=dynamic.yml".to_owned()])
}

fn start(binary: &Path, args: &[String], folder: &Path, name: &str) -> Result<Candidate> {
    let log = folder.join(format!("{name}.log"));
    Candidate::start(binary, args, &BTreeMap::new(), folder, || into_file(&log))
        .with_context(|| format!("cannot run {}", binary.display()))
}

/// Waits until the server answers through the router, with whatever it says to a GET.
async fn wait_ready(port: u16, folder: &Path) -> Result<()> {
    let client = Client::new(BTreeMap::from([("web".to_owned(), port)]));
    let request = json!({"text": "GET http://x/", "timeout": 2});
    let request = Request::try_from(request).map_err(anyhow::Error::msg)?;
    let limit = Instant::now() + START_LIMIT;
    while client.send(&request).await.response().is_none_or(|response| matches!(response.status, 404 | 502)) {
        if Instant::now() > limit {
            bail!("no answer; see the logs in {}", folder.display());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Runs the clients, which print a line for each check.
async fn check(folder: &Path, port: u16) -> Result<Outcome> {
    let mut node = Command::new("node");
    node.arg("client.mjs").arg(format!("http://127.0.0.1:{port}")).current_dir(folder).kill_on_drop(true);
    let output =
        timeout(CHECKS_LIMIT, node.output()).await.context("the clients do not come to an end")??;
    let lines = text(&output.stdout);
    let (mut passed, mut failed) = (0, 0);
    for line in lines.lines() {
        let (word, name) = line.split_once(' ').with_context(|| format!("unexpected line {line:?}"))?;
        match word {
            "ok" => passed += 1,
            _ => failed += 1,
        }
        println!("{word:<4} grpc-web/{name}");
    }
    ensure!(output.status.success() && passed + failed > 0, "the clients: {}", text(&output.stderr).trim());
    Ok(Outcome::Checked { passed, failed })
}
