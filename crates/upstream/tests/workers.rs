//! The number of workers is a matter of the whole process, so this has one of its own.

use ferroway_upstream::{TransportOptions, set_workers};
use support::{Answer, Request, Server, ask, get, head, read, run};

#[path = "send/support.rs"]
#[expect(dead_code, unused_imports, reason = "one test needs little of it")]
mod support;

#[test]
fn workers_share_the_idle_connections_that_may_be_kept() {
    set_workers(2);
    run(async {
        const TWICE: &[support::Act] = &[Request, Answer, Request, Answer];
        let server = Server::start([TWICE, TWICE, TWICE]).await;
        // Three for two workers: two for each, rather than one.
        let endpoint = server.endpoint(TransportOptions { max_idle: 3, ..TransportOptions::default() });
        let mut answers = Vec::new();
        for target in ["/1", "/2", "/3"] {
            answers.push(
                ask(&endpoint, &head("GET", target, &[]), ferroway_core::Body::Empty)
                    .await
                    .expect("an answer"),
            );
        }
        for answer in answers {
            read(answer).await;
        }
        server.log.until("3: end").await;
        get(&endpoint, "GET", "/4").await;
        assert_eq!(server.log.lines(), ["1: GET /1", "2: GET /2", "3: GET /3", "3: end", "2: GET /4"]);
    });
}
