//! `ferroway healthcheck`: asks the `/ping` of a process with the same static configuration.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use ferroway_config::static_config::Static;

use super::{load_static, say};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the check.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let check = Check::of(&load_static(args)?.config)?;
    check.ask()?;
    say(&format!("OK: {}", check.url));
    Ok(ExitCode::SUCCESS)
}

/// Where a process answers whether it is well.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    host: String,
    port: u16,
    url: String,
}

impl Check {
    /// For the process with this configuration.
    ///
    /// # Errors
    /// It answers nowhere.
    pub(crate) fn of(config: &Static) -> anyhow::Result<Self> {
        let Some(ping) = &config.ping else { bail!("please enable `ping` to use health check") };
        let entry_points = config.all_entry_points();
        let entry_point = entry_points
            .get(&ping.entry_point)
            .with_context(|| format!("the entry point {:?} of ping does not exist", ping.entry_point))?;
        let address = entry_point.parsed_address()?;
        let host = match address.host.as_str() {
            "" | "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            host => host,
        };
        let url = format!("http://{}/ping", entry_point.address);
        Ok(Self { host: host.to_owned(), port: address.port, url })
    }

    /// Asks, which blocks for some seconds at most.
    ///
    /// # Errors
    /// There is no answer, or one that says that it is not well.
    pub(crate) fn ask(&self) -> anyhow::Result<()> {
        match status(&self.host, self.port).with_context(|| format!("cannot ask {}", self.url))? {
            200 => Ok(()),
            status => bail!("bad healthcheck status: {status} from {}", self.url),
        }
    }
}

/// The status of `GET /ping`.
fn status(host: &str, port: u16) -> anyhow::Result<u16> {
    let address = std::net::ToSocketAddrs::to_socket_addrs(&(host, port))?.next().context("no address")?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(
        format!("GET /ping HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer)?;
    let line = String::from_utf8_lossy(&answer);
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("the answer is not HTTP")
}
