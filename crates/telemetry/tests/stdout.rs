//! Both logs on the standard output, as a container has them: a pipe that the process shares between
//! them. Runs itself as the process that logs.

// A test without the test harness, which would write to the standard output itself.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Stdio};
use std::time::Duration;

use ferroway_telemetry::{AccessEvent, AccessLog, AccessLogOptions, LogOptions, init};
use serde_json::Value;

const CHILD: &str = "FERROWAY_TEST_STDOUT_CHILD";
const THREADS: u64 = 3;
const LINES: u64 = 2_000;

fn main() {
    if let Ok(format) = std::env::var(CHILD) {
        log_much(&format);
        return;
    }
    let json: Vec<Value> = run("json").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |key: &str| json.iter().filter(|line| line.get(key).is_some()).count() as u64;
    assert_eq!((count("ClientAddr"), count("number")), (THREADS * LINES, THREADS * LINES));

    let common = run("common");
    let program: Vec<&str> = common.lines().filter(|line| line.contains(" ERR ")).collect();
    assert_eq!((program.len() as u64, common.lines().count() as u64), (THREADS * LINES, 2 * THREADS * LINES));
    assert!(!common.contains('\x1b'), "colours in a pipe");
    assert!(program.iter().all(|line| line.contains(" ERR message number=") && line.ends_with(" thread=7")));
}

/// What the process wrote.
fn run(format: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.env(CHILD, format).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Both logs, from several threads at once.
fn log_much(format: &str) {
    init(&LogOptions { format: format.to_owned(), ..LogOptions::default() }).unwrap();
    let access =
        AccessLog::new(&AccessLogOptions { format: format.to_owned(), ..Default::default() }).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for number in 0..LINES {
                    access.log(&AccessEvent { client_addr: "127.0.0.1:1", ..AccessEvent::default() });
                    tracing::error!(target: "ferroway", number, thread = 7, "message");
                }
            });
        }
    });
    assert!(access.close(Duration::from_secs(10)));
}
