//! A change among very many routers.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use ferroway_runtime::{Publisher, Snapshot};

use crate::support::Control;

const ROUTERS: usize = 10_000;

/// Far more than it takes, even without optimisation and beside other work: a matter of milliseconds.
const BOUND: Duration = Duration::from_secs(2);

fn configuration(changed: &str) -> String {
    let mut out = String::from("http:\n  routers:\n");
    for number in 0..ROUTERS {
        let host = if number == ROUTERS / 2 { changed } else { "host" };
        writeln!(out, "    r{number:05}:\n      rule: \"Host(`{host}{number}.test`) && PathPrefix(`/api`)\"\n      service: s{:02}\n      middlewares:\n        - m{}", number % 100, number % 10).expect("a string");
    }
    out.push_str("  middlewares:\n");
    for number in 0..10 {
        writeln!(out, "    m{number}:\n      addPrefix:\n        prefix: /m{number}").expect("a string");
    }
    out.push_str("  services:\n");
    for number in 0..100 {
        writeln!(
            out,
            "    s{number:02}:\n      loadBalancer:\n        servers:\n          - url: http://127.0.0.1:{}",
            10_000 + number
        )
        .expect("a string");
    }
    out
}

#[test]
fn one_of_many_routers_changes() {
    let (first, second) = (configuration("old"), configuration("new"));
    let mut control = Control::new();
    let publisher = Publisher::new(Snapshot::empty(2, 0));
    let start = Instant::now();
    let before = control.load(&first);
    publisher.publish(before.snapshot.clone());
    let whole = start.elapsed();
    assert_eq!(before.problems, [""; 0]);
    assert_eq!(before.routes(0).len(), ROUTERS);
    let start = Instant::now();
    let after = control.load(&second);
    publisher.publish(after.snapshot.clone());
    let change = start.elapsed();
    println!("{ROUTERS} routers: {whole:?} from text to live, then {change:?} for one that changed");
    assert_eq!(after.problems, [""; 0]);
    let kept = after.kept(&before);
    assert_eq!(kept.split(' ').count(), ROUTERS - 1);
    assert!(!kept.contains("r05000"));
    assert!(change < BOUND, "{change:?}");
}
