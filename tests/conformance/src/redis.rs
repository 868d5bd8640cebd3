//! A Redis server of a scenario's own.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::candidate::{Candidate, into_file};

/// The need of a scenario, and the name of the port, for which a server is started.
pub const NEED: &str = "redis";

/// The program, where it is installed.
pub fn program() -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join("redis-server"))
        .find(|path| path.is_file())
}

/// Starts a server that keeps nothing.
///
/// # Errors
/// When it is not installed or does not come up.
pub async fn start(port: u16, folder: &Path) -> Result<Candidate> {
    let program = program().context("redis-server is not installed")?;
    let args = format!("--port {port} --bind 127.0.0.1 --appendonly no --save");
    let mut args: Vec<String> = args.split(' ').map(str::to_owned).collect();
    args.push(String::new());
    let log = folder.join("redis.log");
    let server = Candidate::start(&program, &args, &BTreeMap::new(), folder, || into_file(&log))?;
    for _ in 0..100 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
            return Ok(server);
        }
        sleep(Duration::from_millis(50)).await;
    }
    bail!("redis-server does not come up")
}
