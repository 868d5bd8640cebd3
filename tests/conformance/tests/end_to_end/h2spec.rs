//! h2spec (<https://github.com/summerwind/h2spec>), which checks a server of HTTP/2 against the RFCs frame by frame.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;

use crate::programs;
use crate::report::Report;
use crate::site::Site;

/// What fails without TLS, and why it is right.
const KNOWN: &[(&str, &str)] = &[(
    "Sends invalid connection preface",
    "in the clear it is a request of HTTP/1.1, which is answered with 400",
)];

/// Builds it and runs it over TLS and without.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    let Some(go) = programs::find("go") else { return report.skip("h2spec", "Go is not installed") };
    if programs::find("openssl").is_none() {
        return report.skip("h2spec", "openssl is not installed");
    }
    let (site, program) = match start(router, &go).await {
        Ok(started) => started,
        Err(error) => return report.result("h2spec/start", &Err(error)),
    };
    for (name, port, tls, known) in
        [("h2spec/h2c", site.plain, false, KNOWN), ("h2spec/TLS", site.secure, true, &[][..])]
    {
        if report.wants(name) {
            report.result(name, &check(&program, &site, port, tls, known).await);
        }
    }
}

async fn start(router: &Path, go: &Path) -> Result<(Site, PathBuf)> {
    let site = Site::start(router, "h2spec").await?;
    let program = site.folder.join("h2spec");
    let module = programs::repository("tests/conformance/clients/go")?;
    programs::build_go(go, &module, "github.com/summerwind/h2spec/cmd/h2spec", &program).await?;
    Ok((site, program))
}

/// All cases pass but for those that are known to fail, which do fail.
async fn check(program: &Path, site: &Site, port: u16, tls: bool, known: &[(&str, &str)]) -> Result<()> {
    let port = port.to_string();
    // A busy machine is slow to answer; what is to be silence takes as long.
    let mut args = vec!["--host", "localhost", "--port", &port, "--strict", "--timeout", "5"];
    if tls {
        args.extend(["--tls", "--insecure"]);
    }
    let said = programs::run(program, &args, &site.folder, "").await?;
    let counts = Regex::new(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed")?;
    let counts = counts.captures(&said.text).context("it has not come to its end")?;
    let count = |number: usize| counts[number].parse::<usize>();
    ensure!(count(1)? > 100, "only {} cases", &counts[1]);
    let (_, failures) = said.text.split_once("Failures:").unwrap_or_default();
    for (case, why) in known {
        ensure!(failures.contains(case), "{case:?} passes, though {why}");
    }
    if count(4)? != known.len() {
        bail!("{}: {}", &counts[0], failures.trim());
    }
    Ok(())
}
