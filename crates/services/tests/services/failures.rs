//! Answers in place of a server's (specification section 3.11).

use ferroway_core::{Reason, Terminal};
use ferroway_services::{Server, Service, Weighted};
use ferroway_upstream::TransportOptions;

use crate::support::{USUAL, exchange, load_balancer, pass, request, run, view};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn servers_that_do_not_answer() {
    for (answer, expected, reason) in [
        ("", "502 Bad Gateway", Reason::UpstreamClosed),
        ("HTTP/1.1 2", "502 Bad Gateway", Reason::UpstreamClosed),
        ("SSH-2.0\r\n", "500 Internal Server Error", Reason::UpstreamMalformed),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "500 Internal Server Error",
            Reason::UpstreamMalformed,
        ),
    ] {
        run(async {
            let mut outcome = pass(USUAL, GET, answer.as_bytes()).await;
            assert_eq!(view(&mut outcome.response).await, expected, "{answer:?}");
            assert_eq!(outcome.response.reason, Some(reason), "{answer:?}");
            let status = outcome.exchange.record.origin_status.map(|status| status.as_u16());
            assert_eq!(status, Some(outcome.response.head.status.as_u16()), "{answer:?}");
            assert!(outcome.exchange.record.detail.is_some(), "{answer:?}");
        });
    }
}

#[test]
fn servers_that_cannot_be_reached() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let refusing = format!("http://{}", unused.local_addr().expect("bound"));
    drop(unused);
    let nowhere = format!("http://{}.test", "a".repeat(64));
    for (url, expected, reason) in [
        (refusing.as_str(), "502 Bad Gateway", Reason::ConnectFailed),
        (nowhere.as_str(), "502 Bad Gateway", Reason::DnsFailed),
        ("ftp://127.0.0.1", "500 Internal Server Error", Reason::UpstreamScheme),
    ] {
        let server = Server::new(url, false, &TransportOptions::default(), None).expect("a URL");
        let service = Service::LoadBalancer(load_balancer(vec![(server, 1)], true));
        run(async {
            let mut exchange = exchange("192.0.2.1");
            let mut response = service.call(request(GET), &mut exchange).await;
            assert_eq!(view(&mut response).await, expected, "{url}");
            assert_eq!(response.reason, Some(reason), "{url}");
            assert_eq!(exchange.record.server_url.as_deref(), Some(url));
        });
    }
}

#[test]
fn services_without_servers() {
    let group = |weights: &[i64]| {
        let server =
            || Server::new("http://127.0.0.1:1", false, &TransportOptions::default(), None).expect("a URL");
        let servers = weights.iter().map(|weight| (server(), *weight)).collect();
        Service::LoadBalancer(load_balancer(servers, true))
    };
    let expected = "503 [content-type: text/plain; charset=utf-8] [x-content-type-options: nosniff] \
                    no available server\\n";
    for service in [
        group(&[]),
        group(&[0, -1]),
        Service::Weighted(Weighted::new(Vec::new())),
        Service::Weighted(Weighted::new(vec![(crate::support::leaf("a"), 0)])),
        Service::Weighted(Weighted::new(vec![(group(&[]).into(), 1)])),
    ] {
        run(async {
            let mut response = service.call(request(GET), &mut exchange("192.0.2.1")).await;
            assert_eq!(view(&mut response).await, expected);
            assert_eq!(response.reason, Some(Reason::NoServer));
        });
    }
}
