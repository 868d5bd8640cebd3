//! Connections are spread over the workers, also when there are few.

use std::fs;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Process, Setup, all_to, answer_all, eventually};

/// Connections of clients to this port that are open at this end.
fn open_connections(process: &Process) -> usize {
    let local = format!(":{:04X} ", process.address().port());
    let table = fs::read_to_string("/proc/net/tcp").expect("Linux");
    // Established, or closed by the client only.
    let open = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        format!("{} ", fields[1]).ends_with(&local) && matches!(fields[3], "01" | "08")
    };
    table.lines().skip(1).filter(open).count()
}

#[test]
fn each_worker_gets_its_share_of_few_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    answer_all(listener, "done", move || {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let process = Process::start(&Setup {
        dynamic: all_to(address),
        env: &[("FERROWAY_WORKERS", "4")],
        ..Setup::default()
    });
    process.answers("/ready", "418 ");
    // Those that were made to see whether it runs count until they are closed.
    eventually("no connection", || (open_connections(&process) == 0).then_some(()));
    let mut clients = Vec::new();
    for expected in [1, 2, 3, 4, 4, 4, 4, 4] {
        let mut client = process.connect();
        client.ask("/");
        assert_eq!(client.read().expect("an answer"), "200 done");
        clients.push(client);
        // Workers do not share connections to servers, so each that has a client now has made one.
        assert_eq!(
            connections.load(Ordering::Relaxed),
            expected,
            "workers with one of {} clients",
            clients.len()
        );
    }
}
