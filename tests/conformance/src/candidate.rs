//! The router under test as a process.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A running process. Dropping it kills it and everything that it started.
#[derive(Debug)]
pub struct Candidate {
    child: Child,
    group: Option<Pid>,
}

impl Candidate {
    /// Starts a program in a folder, with nothing of our own environment but the search path.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        binary: &Path,
        args: &[String],
        env: &BTreeMap<String, String>,
        folder: &Path,
        output: impl FnOnce() -> io::Result<(Stdio, Stdio)>,
    ) -> io::Result<Self> {
        let (stdout, stderr) = output()?;
        let child = Command::new(binary)
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .envs(env)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            // A group of its own, so that a signal to the runner does not reach it and it can be ended as a whole.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, group })
    }

    /// The status with which the process has ended by itself, if so.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal to the process.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.group {
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until the process ends: its exit status, or the negative number of the signal that ended it.
    pub async fn wait(&mut self, limit: Duration) -> Option<i32> {
        let status = timeout(limit, self.child.wait()).await.ok()?.ok()?;
        status.code().or_else(|| status.signal().map(|signal| -signal))
    }

    /// Kills the process and what it started.
    pub fn kill(&mut self) {
        if self.child.id().is_some() {
            if let Some(group) = self.group {
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = self.child.start_kill();
        }
    }
}

impl Drop for Candidate {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Standard output and error into one file.
///
/// # Errors
/// When the file cannot be made.
pub fn into_file(path: &Path) -> io::Result<(Stdio, Stdio)> {
    let file = std::fs::File::create(path)?;
    Ok((file.try_clone()?.into(), file.into()))
}
