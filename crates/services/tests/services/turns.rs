//! Whose turn it is: exact over whole turns, smooth within them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_core::Terminal;
use ferroway_services::{RoundRobin, Server, Service, Weighted};
use ferroway_upstream::TransportOptions;

use crate::support::{exchange, leaf, load_balancer, request, run};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// The names of the services that answer so many requests, in order.
fn answering(service: &Service, requests: usize) -> String {
    run(async {
        let mut names = String::new();
        for _ in 0..requests {
            let mut exchange = exchange("192.0.2.1");
            service.call(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), &mut exchange).await;
            names.push_str(exchange.record.service.as_deref().unwrap_or("-"));
        }
        names
    })
}

fn weighted(weights: &[i64]) -> Service {
    let children = NAMES.into_iter().zip(weights).map(|(name, weight)| (leaf(name), *weight));
    Service::Weighted(Weighted::new(children.collect()))
}

#[test]
fn services_by_weight() {
    for (weights, requests, expected) in [
        (&[1, 1, 1][..], 6, "abcabc"),
        (&[3, 1], 8, "aaabaaab"),
        (&[2, 3, 5], 20, "cbcacbcabccbcacbcabc"),
        (&[10, 20, 30], 6, "cbcabc"),
        (&[0, 1, -5, 1], 4, "bdbd"),
        (&[7], 3, "aaa"),
    ] {
        let names = answering(&weighted(weights), requests);
        assert_eq!(names, expected, "{weights:?}");
    }
}

#[test]
fn trees_of_services() {
    let inner = Arc::new(weighted(&[1, 3]));
    let outer = Service::Weighted(Weighted::new(vec![(inner, 2), (leaf("x"), 1)]));
    let names = answering(&outer, 24);
    let counts = ["a", "b", "x"].map(|name| names.matches(name).count());
    assert_eq!(counts, [4, 12, 8], "{names}");
}

#[test]
fn servers_by_weight() {
    // A scheme that is not supported is answered without a server, and the record tells whose turn it was.
    let server = |(name, weight): (&str, &i64)| {
        let server = Server::new(&format!("ftp://{name}"), false, &TransportOptions::default(), None);
        (server.expect("a URL"), *weight)
    };
    let servers = NAMES.into_iter().zip(&[1, 2, 0, 1]).map(server).collect();
    let service = Service::LoadBalancer(load_balancer(servers, true));
    run(async {
        let mut counts = BTreeMap::new();
        for _ in 0..40 {
            let mut exchange = exchange("192.0.2.1");
            service.call(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), &mut exchange).await;
            *counts.entry(exchange.record.server_url.expect("a server").to_string()).or_insert(0) += 1;
        }
        let expected = [("ftp://a", 10), ("ftp://b", 20), ("ftp://d", 10)];
        assert_eq!(counts.iter().map(|(url, n)| (url.as_str(), *n)).collect::<Vec<_>>(), expected);
    });
}

#[test]
fn workers_share_a_turn() {
    const EACH: usize = 30_000;
    let turn = RoundRobin::new(&[1, 2, 3]);
    let counts = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut counts = [0; 3];
                    for _ in 0..EACH {
                        counts[turn.next(|_| true).expect("a target")] += 1;
                    }
                    counts
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"))
            .fold([0; 3], |sum, counts| std::array::from_fn(|target| sum[target] + counts[target]))
    });
    assert_eq!(counts, [20_000, 40_000, 60_000]);
}
