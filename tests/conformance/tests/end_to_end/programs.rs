//! The programs that take part: where they are, how they are built, and running them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use ferroway_conformance::candidate::{Candidate, into_file};
use ferroway_conformance::text::text;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

/// The longest that building one program may take, downloads included.
const BUILD_LIMIT: Duration = Duration::from_secs(600);

/// The longest that a program which is run to its end may take.
const RUN_LIMIT: Duration = Duration::from_secs(60);

/// A program on the search path.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// A place of the repository.
pub(crate) fn repository(path: &str) -> Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    path.canonicalize().with_context(|| format!("cannot find {}", path.display()))
}

/// A folder of its own for the files of a suite.
pub(crate) fn folder(suite: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(suite);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds a Go program: a package of the module in `module`.
pub(crate) async fn build_go(go: &Path, module: &Path, package: &str, output: &Path) -> Result<()> {
    let mut command = Command::new(go);
    command.args(["build", "-o"]).arg(output).arg(package).current_dir(module);
    build(command, &format!("go build {package} in {}", module.display())).await
}

/// Builds the Rust program of a workspace of its own, and returns where it is.
pub(crate) async fn build_rust(workspace: &Path, name: &str) -> Result<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("the target folder")?;
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--locked", "--target-dir"]).arg(target).current_dir(workspace);
    build(command, &format!("cargo build in {}", workspace.display())).await?;
    Ok(target.join("debug").join(name))
}

/// Runs what builds something, downloads included.
pub(crate) async fn build(mut command: Command, what: &str) -> Result<()> {
    let running = command.kill_on_drop(true).output();
    let output = timeout(BUILD_LIMIT, running).await.with_context(|| format!("{what} takes too long"))??;
    ensure!(output.status.success(), "{what}: {}", text(&output.stderr).trim());
    Ok(())
}

/// What a program that ran to its end has said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) success: bool,
    /// Standard output, and behind it standard error.
    pub(crate) text: String,
}

impl Said {
    /// Fails unless the program has succeeded and said all of this.
    pub(crate) fn expect(&self, parts: &[&str]) -> Result<()> {
        ensure!(self.success, "it failed: {}", self.excerpt());
        self.expect_text(parts)
    }

    /// Fails unless the program has said all of this.
    pub(crate) fn expect_text(&self, parts: &[&str]) -> Result<()> {
        match parts.iter().find(|part| !self.text.contains(**part)) {
            None => Ok(()),
            Some(missing) => bail!("no {missing:?} in: {}", self.excerpt()),
        }
    }

    fn excerpt(&self) -> String {
        let from = self.text.char_indices().rev().nth(1200).map_or(0, |(at, _)| at);
        self.text[from..].trim().to_owned()
    }
}

/// Runs a program to its end, with this on its standard input.
pub(crate) async fn run(program: &Path, args: &[&str], folder: &Path, input: &str) -> Result<Said> {
    let mut child = Command::new(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    // It fails for a program that does not read.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = timeout(RUN_LIMIT, child.wait_with_output()).await;
    let output = output.with_context(|| format!("{} does not end: {args:?}", program.display()))??;
    Ok(Said {
        success: output.status.success(),
        text: format!("{}{}", text(&output.stdout), text(&output.stderr)),
    })
}

/// Starts a program that runs until it is dropped; what it says goes to `NAME.log`.
pub(crate) fn start(
    binary: &Path,
    args: &[&str],
    env: &[(&str, &str)],
    folder: &Path,
    name: &str,
) -> Result<Candidate> {
    let log = folder.join(format!("{name}.log"));
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let env: BTreeMap<String, String> =
        env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Candidate::start(binary, &args, &env, folder, || into_file(&log))
        .with_context(|| format!("cannot run {}", binary.display()))
}

/// Waits until a file contains a text so many times.
pub(crate) async fn wait_for_text(file: &Path, wanted: &str, times: usize) -> Result<()> {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.matches(wanted).count() >= times {
            return Ok(());
        }
        ensure!(Instant::now() < limit, "{}: no {wanted:?} ({times} times) in {text:?}", file.display());
        sleep(Duration::from_millis(20)).await;
    }
}

/// A configuration with the ports in it replaced by those of this run.
pub(crate) fn with_ports(text: &str, ports: &BTreeMap<u16, u16>) -> String {
    ports.iter().fold(text.to_owned(), |text, (from, to)| {
        text.replace(&format!("127.0.0.1:{from}\""), &format!("127.0.0.1:{to}\""))
    })
}
