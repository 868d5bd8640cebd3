//! The orderly end (specification section 9), and the one that is not waited for.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Client, Process, Server, Setup, all_to};

/// Far less than the times that are cut short below, and far more than cutting takes.
const SOON: Duration = Duration::from_secs(10);

/// A process with these grace times and one request under way, which the server does not answer yet.
fn busy(life_cycle: &'static str, server: &Server) -> (Process, Client) {
    let process = Process::start(&Setup {
        entry_point: life_cycle,
        dynamic: all_to(server.address),
        more: "ping: {entryPoint: web}\n",
        ..Setup::default()
    });
    process.answers("/ready", "418 ");
    let mut client = process.connect();
    client.ask("/");
    server.came();
    (process, client)
}

#[test]
fn what_is_under_way_is_finished() {
    for signal in [Signal::TERM, Signal::INT] {
        let server = Server::waiting("done");
        let (mut process, mut client) = busy("", &server);
        let mut idle = process.connect();
        idle.ask("/ready");
        assert_eq!(idle.read().expect("an answer"), "418 ");
        process.signal(signal);
        process.refuses();
        assert!(idle.is_ended(), "idle connections are closed");
        server.answer();
        assert_eq!(client.read().expect("an answer"), "200 done (last)");
        assert!(client.is_ended());
        assert_eq!(process.ends().code(), Some(0));
    }
}

#[test]
fn a_second_signal_cuts_what_is_under_way() {
    let server = Server::waiting("never");
    let (mut process, mut client) = busy("    transport: {lifeCycle: {graceTimeOut: 600s}}\n", &server);
    process.signal(Signal::TERM);
    process.refuses();
    let start = Instant::now();
    process.signal(Signal::TERM);
    client.read().expect_err("no answer");
    assert_eq!(process.ends().code(), Some(0));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn the_grace_time_has_an_end() {
    let server = Server::waiting("never");
    let (mut process, mut client) = busy("    transport: {lifeCycle: {graceTimeOut: 100ms}}\n", &server);
    process.signal(Signal::TERM);
    client.read().expect_err("no answer");
    assert_eq!(process.ends().code(), Some(0));
}

#[test]
fn requests_are_accepted_a_while_longer() {
    let server = Server::waiting("done");
    let times = "    transport: {lifeCycle: {requestAcceptGraceTimeout: 600s, graceTimeOut: 600s}}\n";
    let (mut process, mut client) = busy(times, &server);
    assert_eq!(process.get("/ping"), "200 OK");
    process.signal(Signal::TERM);
    process.answers("/ping", "503 Service Unavailable");
    // New connections, old connections, and what is under way: all as ever.
    assert_eq!(process.get("/ready"), "418 ");
    server.answer();
    assert_eq!(client.read().expect("an answer"), "200 done");
    client.ask("/ready");
    assert_eq!(client.read().expect("an answer"), "418 ");
    // Nobody wants to wait that long.
    process.signal(Signal::TERM);
    assert_eq!(process.ends().code(), Some(0));
}

#[test]
fn after_that_while_the_rest_is_finished() {
    let server = Server::waiting("done");
    let times = "    transport: {lifeCycle: {requestAcceptGraceTimeout: 100ms, graceTimeOut: 600s}}\n";
    let (mut process, mut client) = busy(times, &server);
    process.signal(Signal::TERM);
    process.refuses();
    server.answer();
    assert_eq!(client.read().expect("an answer"), "200 done (last)");
    assert_eq!(process.ends().code(), Some(0));
}

#[test]
fn an_idle_process_ends_at_once() {
    let mut process = Process::start(&Setup {
        entry_point: "    transport: {lifeCycle: {graceTimeOut: 600s}}\n",
        ..Setup::default()
    });
    let start = Instant::now();
    process.signal(Signal::TERM);
    assert_eq!(process.ends().code(), Some(0));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}
