//! Which connections are kept, and which of them is taken.

use ferroway_core::Body;
use ferroway_upstream::TransportOptions;

use crate::support::{Answer, Request, Server, Write, ask, get, head, later, read, run};

const TWICE: &[crate::support::Act] = &[Request, Answer, Request, Answer];

fn keeping(max_idle: usize) -> TransportOptions {
    TransportOptions { max_idle, ..TransportOptions::default() }
}

#[test]
fn a_connection_carries_one_request_after_the_other() {
    run(async {
        let server = Server::start([TWICE]).await;
        let endpoint = server.endpoint(keeping(200));
        assert_eq!(get(&endpoint, "GET", "/1").await, "200 ok");
        assert_eq!(get(&endpoint, "POST", "/2").await, "200 ok");
        assert_eq!(server.log.lines(), ["1: GET /1", "1: POST /2"]);
    });
}

#[test]
fn the_connection_that_was_used_last_is_taken_first() {
    run(async {
        let server = Server::start([TWICE, TWICE]).await;
        let endpoint = server.endpoint(keeping(200));
        let first = ask(&endpoint, &head("GET", "/1", &[]), Body::Empty).await.expect("an answer");
        let second = ask(&endpoint, &head("GET", "/2", &[]), Body::Empty).await.expect("an answer");
        read(second).await;
        read(first).await;
        get(&endpoint, "GET", "/3").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "2: GET /2", "1: GET /3"]);
    });
}

#[test]
fn no_more_are_kept_than_may_be() {
    for (max_idle, ended) in [(2, &[][..]), (1, &["2: end"]), (0, &["1: end", "2: end"])] {
        run(async {
            let server = Server::start([TWICE, TWICE]).await;
            let endpoint = server.endpoint(keeping(max_idle));
            let first = ask(&endpoint, &head("GET", "/1", &[]), Body::Empty).await.expect("an answer");
            let second = ask(&endpoint, &head("GET", "/2", &[]), Body::Empty).await.expect("an answer");
            read(first).await;
            read(second).await;
            for line in ended {
                server.log.until(line).await;
            }
            let ends = server.log.lines().iter().filter(|line| line.ends_with(": end")).count();
            assert_eq!(ends, ended.len(), "{max_idle}: {:?}", server.log.lines());
        });
    }
}

#[test]
fn idle_connections_end_after_their_time() {
    let transport = TransportOptions {
        idle_timeout: Some(std::time::Duration::from_secs(90)),
        ..TransportOptions::default()
    };
    run(async {
        let server = Server::start([TWICE, TWICE]).await;
        let endpoint = server.endpoint(transport);
        get(&endpoint, "GET", "/1").await;
        later(80).await;
        get(&endpoint, "GET", "/2").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "1: GET /2"], "still there after 80 s");
        later(93).await;
        server.log.until("1: end").await;
        get(&endpoint, "GET", "/3").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "1: GET /2", "1: end", "2: GET /3"]);
    });
}

#[test]
fn idle_connections_last_where_nothing_ends_them() {
    let transport = TransportOptions { idle_timeout: None, ..TransportOptions::default() };
    run(async {
        let server = Server::start([TWICE]).await;
        let endpoint = server.endpoint(transport);
        get(&endpoint, "GET", "/1").await;
        later(1000).await;
        get(&endpoint, "GET", "/2").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "1: GET /2"]);
    });
}

#[test]
fn connections_go_with_the_last_configuration_that_names_their_server() {
    run(async {
        let server = Server::start([TWICE, TWICE]).await;
        let endpoint = server.endpoint(keeping(200));
        let again = server.endpoint(keeping(200));
        get(&endpoint, "GET", "/1").await;
        drop(endpoint);
        get(&again, "GET", "/2").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "1: GET /2"], "another snapshot, the same connections");
        drop(again);
        later(3).await;
        server.log.until("1: end").await;
    });
}

#[test]
fn a_connection_whose_server_is_not_configured_any_more_is_not_kept() {
    run(async {
        let server = Server::start([TWICE]).await;
        let endpoint = server.endpoint(keeping(200));
        let answer = ask(&endpoint, &head("GET", "/1", &[]), Body::Empty).await.expect("an answer");
        drop(endpoint);
        later(3).await;
        assert_eq!(server.log.lines(), ["1: GET /1"], "what is in flight is not cut");
        assert_eq!(read(answer).await, "200 ok");
        server.log.until("1: end").await;
    });
}

#[test]
fn other_options_of_a_transport_have_other_connections() {
    run(async {
        let server = Server::start([TWICE, TWICE]).await;
        get(&server.endpoint(keeping(200)), "GET", "/1").await;
        get(&server.endpoint(keeping(100)), "GET", "/2").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "2: GET /2"]);
    });
}

#[test]
fn a_connection_with_bytes_that_nobody_asked_for_is_not_used() {
    run(async {
        let server = Server::start([&[Request, Answer, Write("HTTP/1.1 200 OK\r\n\r\n")][..], TWICE]).await;
        let endpoint = server.endpoint(keeping(200));
        get(&endpoint, "GET", "/1").await;
        // The housekeeping finds it at the latest.
        later(3).await;
        server.log.until("1: end").await;
        get(&endpoint, "GET", "/2").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "1: end", "2: GET /2"]);
    });
}
