//! Configurations that change while requests come.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::process::Signal;

use crate::support::{Client, Process, Setup, all_to, server};

#[test]
fn a_changed_file_is_live() {
    let (a, b) = (server("a"), server("b"));
    let process = Process::start(&Setup { dynamic: all_to(a), ..Setup::default() });
    process.answers("/", "200 a");
    process.configure(&all_to(b));
    process.answers("/", "200 b");
}

#[test]
fn a_mistake_keeps_the_last_good_configuration_and_is_told() {
    let (a, b) = (server("a"), server("b"));
    let process = Process::start(&Setup { dynamic: all_to(a), ..Setup::default() });
    process.answers("/", "200 a");
    process.configure(&all_to(b).replace("rule:", "rulez:"));
    process.says("dynamic.yml:3:11: unknown option");
    assert_eq!(process.get("/"), "200 a");
    process.configure("http:\n  routers: [");
    process.says("dynamic.yml:2:");
    assert_eq!(process.get("/"), "200 a");
    process.configure(&all_to(b));
    process.answers("/", "200 b");
}

#[test]
fn a_router_with_a_mistake_leaves_the_others_alone() {
    let process = Process::start(&Setup { dynamic: all_to(server("a")), ..Setup::default() });
    process.answers("/", "200 a");
    let broken =
        all_to(server("b")).replace("routers:\n", "routers:\n    bad: {rule: Host(a), service: s}\n");
    process.configure(&broken);
    process.answers("/", "200 b");
    process.says("dynamic.yml:3:5: router bad@file: rule \"Host(a)\": ");
}

#[test]
fn a_file_that_comes_later_is_taken_over() {
    let process = Process::start(&Setup::default());
    assert_eq!(process.get("/"), "404 404 page not found\n");
    process.configure(&all_to(server("a")));
    process.answers("/", "200 a");
}

#[test]
fn a_signal_has_the_file_read_again() {
    let (a, b) = (server("a"), server("b"));
    let process = Process::start(&Setup { dynamic: all_to(a), watch: false, ..Setup::default() });
    process.answers("/", "200 a");
    process.configure(&all_to(b));
    assert_eq!(process.get("/"), "200 a", "nobody watches");
    process.signal(Signal::HUP);
    process.answers("/", "200 b");
}

const CHANGES: usize = 20;
const REQUESTS: usize = 1000;

/// Requests over connections that stay and over new ones, while the file changes again and again: other
/// servers, other middlewares, routers that come and go. No request is lost, and each is answered by one whole
/// version or another.
#[test]
fn no_request_is_lost_while_the_file_changes() {
    let servers = [server("even"), server("odd")];
    let version = |number: usize| {
        let mut yaml = all_to(servers[number % 2]);
        yaml = yaml.replace(
            "routers:\n",
            &format!("routers:\n    v: {{rule: Path(`/version-{number}`), service: noop@internal}}\n"),
        );
        for extra in 0..number {
            yaml = yaml.replace(
                "routers:\n",
                &format!("routers:\n    x{extra}: {{rule: Host(`x{extra}`), service: s}}\n"),
            );
        }
        yaml
    };
    let env = &[("FERROWAY_WORKERS", "2")];
    let process = Process::start(&Setup { dynamic: version(0), env, ..Setup::default() });
    process.answers("/version-0", "418 ");
    let (made, changed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let address = process.address();
    let client = |stays: bool| {
        let mut client = Client::connect(address).expect("it listens");
        while !changed.load(Ordering::Relaxed) || made.load(Ordering::Relaxed) < REQUESTS {
            if !stays {
                client = Client::connect(address).expect("it listens");
            }
            client.ask("/");
            let answer = client.read().expect("no request is lost");
            assert!(["200 even", "200 odd"].contains(&answer.as_str()), "{answer}");
            made.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> =
            [true, true, false, false].map(|stays| scope.spawn(move || client(stays))).into();
        for number in 1..=CHANGES {
            process.configure(&version(number));
            process.answers(&format!("/version-{number}"), "418 ");
        }
        changed.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("no request is lost");
        }
    });
    println!("{} requests during {CHANGES} changes", made.load(Ordering::Relaxed));
}
