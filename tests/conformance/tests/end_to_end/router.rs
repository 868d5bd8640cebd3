//! The router as a process that can be watched, reloaded and stopped.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use ferroway_conformance::candidate::Candidate;
use ferroway_conformance::ports::ReservedPort;
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::programs;

/// The longest that the router and the services may take to listen.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The ports of this run, by those in a configuration.
#[derive(Debug, Default)]
pub(crate) struct Ports {
    numbers: BTreeMap<u16, u16>,
    _held: Vec<ReservedPort>,
}

impl Ports {
    /// Takes a port for each of these.
    pub(crate) fn take(wanted: &[u16]) -> Result<Self> {
        let held = wanted.iter().map(|_| ReservedPort::take()).collect::<Result<Vec<_>, _>>()?;
        let numbers = wanted.iter().copied().zip(held.iter().map(ReservedPort::number)).collect();
        Ok(Self { numbers, _held: held })
    }

    /// The port that stands for the one of the configuration.
    pub(crate) fn of(&self, port: u16) -> u16 {
        self.numbers.get(&port).copied().unwrap_or(port)
    }

    /// Its address.
    pub(crate) fn address(&self, port: u16) -> String {
        format!("127.0.0.1:{}", self.of(port))
    }

    /// A configuration with these ports.
    pub(crate) fn fill(&self, text: &str) -> String {
        programs::with_ports(text, &self.numbers)
    }

    /// Waits until something listens on each of these.
    pub(crate) async fn wait(&self, ports: &[u16]) -> Result<()> {
        let limit = Instant::now() + START_LIMIT;
        for port in ports {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, self.of(*port))).is_err() {
                ensure!(Instant::now() < limit, "nothing listens for {port}");
                sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }
}

/// A running router.
#[derive(Debug)]
pub(crate) struct Router {
    process: Candidate,
    /// Where its configuration and its logs are.
    folder: PathBuf,
}

impl Router {
    /// Starts it on the files `ferroway.yml` and `dynamic.yml`, which are written to the folder.
    pub(crate) fn start(binary: &Path, folder: &Path, fixed: &str, dynamic: &str) -> Result<Self> {
        std::fs::write(folder.join("ferroway.yml"), fixed)?;
        std::fs::write(folder.join("dynamic.yml"), dynamic)?;
        let env = [("FERROWAY_WORKERS", "2")];
        let process = programs::start(binary, &["--configFile=ferroway.yml"], &env, folder, "router")?;
        Ok(Self { process, folder: folder.to_owned() })
    }

    /// Gives it another dynamic configuration, which it takes up by itself.
    pub(crate) fn reconfigure(&self, dynamic: &str) -> Result<()> {
        Ok(std::fs::write(self.folder.join("dynamic.yml"), dynamic)?)
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.process.signal(Signal::TERM);
    }

    /// Waits until it has stopped, in order.
    pub(crate) async fn stopped(&mut self, limit: Duration) -> Result<()> {
        let status = self.process.wait(limit).await;
        ensure!(status == Some(0), "it ended with {status:?}");
        Ok(())
    }
}
