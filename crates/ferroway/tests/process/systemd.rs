//! Started by systemd, which a shell stands in for: sockets that are passed on, and what it is told.

use std::fs::{read_to_string, write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{Client, PATIENCE, eventually};

/// Gives the socket the number that systemd would, and the process the number that it is told.
const LAUNCH: &str = "exec 3<&0 </dev/null; export LISTEN_PID=$$; exec \"$0\" --configFile=traefik.yml";

/// A process that was given a socket and has somebody to notify.
struct Activated {
    child: Child,
    folder: TempDir,
    manager: UnixDatagram,
    address: SocketAddr,
}

impl Activated {
    /// With an entry point `web` at the address of a socket, which is passed on under this name.
    fn start(name: &str, ping: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let manager = UnixDatagram::bind(folder.path().join("notify")).expect("a folder");
        manager.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let config = format!(
            "entryPoints: {{web: {{address: '{address}'}}}}\nping: {ping}\nlog: {{level: INFO, filePath: log}}\n"
        );
        write(folder.path().join("traefik.yml"), config).expect("a folder");
        let child = Command::new("/bin/sh")
            .args(["-c", LAUNCH, env!("CARGO_BIN_EXE_ferroway")])
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("LISTEN_FDS", "1")
            .env("LISTEN_FDNAMES", name)
            .env("NOTIFY_SOCKET", folder.path().join("notify"))
            .env("WATCHDOG_USEC", "100000")
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(std::fs::File::create(folder.path().join("errors")).expect("a folder")))
            .spawn()
            .expect("a shell");
        Self { child, folder, manager, address }
    }

    /// What it notifies its manager of next.
    #[track_caller]
    fn tells(&self) -> String {
        let mut message = [0; 64];
        let length = self.manager.recv(&mut message).expect("a notification");
        String::from_utf8_lossy(&message[..length]).into_owned()
    }

    fn read(&self, name: &str) -> String {
        read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    #[track_caller]
    fn logs(&self, text: &str) {
        eventually(&format!("{text:?} in the log"), || self.read("log").contains(text).then_some(()));
    }
}

impl Drop for Activated {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_entry_point_listens_on_the_socket_of_its_name() {
    let mut process = Activated::start("web", "{entryPoint: web}");
    // Its address is taken, by the very socket; so it serves on no other.
    assert_eq!(process.tells(), "READY=1");
    let mut client = Client::connect(process.address).expect("it listens");
    client.ask("/ping");
    assert_eq!(client.read().expect("an answer"), "200 OK");
    // It is well, and says so again and again.
    assert_eq!(process.tells(), "WATCHDOG=1");
    assert_eq!(process.tells(), "WATCHDOG=1");
    kill_process(Pid::from_child(&process.child), Signal::TERM).expect("the process runs");
    eventually("the announced end", || (process.tells() == "STOPPING=1").then_some(()));
    let status = eventually("the end", || process.child.try_wait().expect("a child"));
    assert_eq!(status.code(), Some(0));
}

#[test]
fn the_watchdog_starves_when_ping_does_not_answer() {
    // Nobody routes to it.
    let process = Activated::start("web", "{entryPoint: web, manualRouting: true}");
    assert_eq!(process.tells(), "READY=1");
    process.logs("the watchdog is not fed: bad healthcheck status: 404");
    process.manager.set_read_timeout(Some(Duration::from_millis(1))).expect("a socket");
    process.manager.recv(&mut [0; 64]).expect_err("nothing was told");
}

#[test]
fn a_socket_of_another_name_is_not_used() {
    let mut process = Activated::start("wbe", "{entryPoint: web}");
    // Its own it cannot have: the address is taken.
    let status = eventually("the end", || process.child.try_wait().expect("a child"));
    assert_eq!(status.code(), Some(1));
    let expected = format!("the address {} is already in use by another process", process.address);
    assert!(process.read("errors").contains(&expected), "{}", process.read("errors"));
    process.logs("systemd passed no TCP socket of this name; listening on");
    process.logs("no entry point has the name \"wbe\" of a socket from systemd");
}
