//! Log files while a process runs.

use rustix::process::Signal;

use crate::support::{Process, Setup, all_to, eventually, server};

fn logging(more: &'static str) -> Process {
    let process = Process::start(&Setup { more, dynamic: all_to(server("s")), ..Setup::default() });
    process.answers("/ready", "418 ");
    process
}

#[test]
fn the_access_log_is_opened_anew() {
    let mut process = logging("accessLog: {filePath: access.log}\n");
    assert_eq!(process.get("/one"), "200 s");
    eventually("a line", || process.read("access.log").contains("GET /one HTTP/1.1").then_some(()));
    std::fs::rename(process.path("access.log"), process.path("access.log.1")).expect("a folder");
    assert_eq!(process.get("/two"), "200 s");
    eventually("a line in the old file", || process.read("access.log.1").contains("/two").then_some(()));
    process.signal(Signal::USR1);
    eventually("a new file", || process.path("access.log").exists().then_some(()));
    assert_eq!(process.get("/three"), "200 s");
    eventually("a line in the new file", || process.read("access.log").contains("/three").then_some(()));
    assert!(!process.read("access.log").contains("/two"), "{}", process.read("access.log"));
    assert!(!process.read("access.log.1").contains("/three"), "{}", process.read("access.log.1"));

    // The last lines are there when the process has ended, however many wait.
    let mut client = process.connect();
    for _ in 0..100 {
        client.ask("/last");
        assert_eq!(client.read().expect("an answer"), "200 s");
    }
    process.signal(Signal::TERM);
    assert!(process.ends().success());
    assert_eq!(process.read("access.log").matches("GET /last HTTP/1.1").count(), 100);
}

#[test]
fn lines_that_wait_are_written_in_the_end() {
    let mut process = logging("accessLog: {filePath: access.log, bufferingSize: 1000, format: json}\n");
    assert_eq!(process.get("/one"), "200 s");
    process.signal(Signal::TERM);
    assert!(process.ends().success());
    let log = process.read("access.log");
    let line = log.lines().find(|line| line.contains("\"RequestPath\":\"/one\"")).expect("a line");
    for part in ["\"RouterName\":\"all@file\"", "\"ServiceName\":\"s@file\"", "\"DownstreamStatus\":200"] {
        assert!(line.contains(part), "{line} without {part}");
    }
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_at_once() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for option in ["--log.filePath=/proc/no/such", "--accessLog.filePath=/proc/no/such"] {
        let said = crate::support::run(folder.path(), &["--entryPoints.web.address=127.0.0.1:0", option]);
        let path = option.split('=').nth(1).expect("a path");
        assert!(said.code == Some(1) && said.err.contains(path), "{option}: {:?} {}", said.code, said.err);
    }
}
