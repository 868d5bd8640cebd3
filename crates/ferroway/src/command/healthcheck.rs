//! `ferroway healthcheck`: asks the `/ping` of a process with the same static configuration.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};

use super::{load_static, say};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the check.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let config = load_static(args)?.config;
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
    match status(host, address.port) {
        Ok(200) => {
            say(&format!("OK: {url}"));
            Ok(ExitCode::SUCCESS)
        }
        Ok(status) => bail!("bad healthcheck status: {status} from {url}"),
        Err(error) => Err(error.context(format!("cannot ask {url}"))),
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
