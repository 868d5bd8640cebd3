//! What a change rebuilds, and what stays the very same object.

use std::sync::Arc;

use crate::support::Control;

const BASE: &str = "\
http:
  routers:
    chained: {rule: Host(`a`), service: s1, middlewares: [both]}
    child: {rule: Host(`g`), service: s3}
    plain: {rule: Host(`b`), service: s1}
    prefixed: {rule: Host(`c`), service: s2, middlewares: [m1]}
    transported: {rule: Host(`d`), service: s4}
    twice: {rule: Host(`e`), service: s2, entryPoints: [admin, web], middlewares: [m2]}
    weighted: {rule: Host(`f`), service: w}
    wrapped: {rule: Host(`h`), service: s5}
  middlewares:
    both: {chain: {middlewares: [m1, m2]}}
    m1: {addPrefix: {prefix: /one}}
    m2: {addPrefix: {prefix: /two}}
    m3: {addPrefix: {prefix: /three}}
  services:
    s1: {loadBalancer: {servers: [{url: 'http://127.0.0.1:1'}]}}
    s2: {loadBalancer: {servers: [{url: 'http://127.0.0.1:2'}]}}
    s3: {loadBalancer: {servers: [{url: 'http://127.0.0.1:3'}]}}
    s4: {loadBalancer: {servers: [{url: 'http://127.0.0.1:4'}], serversTransport: t}}
    s5: {loadBalancer: {servers: [{url: 'http://127.0.0.1:5'}]}, middlewares: [m3]}
    w: {weighted: {services: [{name: s1}, {name: ww}]}}
    ww: {weighted: {services: [{name: s3, weight: 2}]}}
  serversTransports:
    t: {maxIdleConnsPerHost: 7}
";

const ALL: [&str; 8] =
    ["chained", "child", "plain", "prefixed", "transported", "twice", "weighted", "wrapped"];

/// The routes that a change of the base rebuilds.
fn rebuilt(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "{from} is not there");
    let mut control = Control::new();
    let before = control.load(BASE);
    assert_eq!((before.names(0), before.problems.len()), (ALL.join(" "), 0), "{:?}", before.problems);
    let after = control.load(&BASE.replace(from, to));
    assert_eq!(after.problems, [""; 0], "{to}");
    let kept = after.kept(&before);
    let kept: Vec<&str> = kept.split(' ').collect();
    let others: Vec<&str> = ALL.into_iter().filter(|name| !kept.contains(name)).collect();
    // A table is the same object exactly when all its routes are.
    for (number, (old, new)) in
        before.snapshot.entry_points.iter().zip(&after.snapshot.entry_points).enumerate()
    {
        let same_routes = before.routes(number).len() == after.routes(number).len()
            && before.routes(number).iter().zip(&after.routes(number)).all(|(a, b)| Arc::ptr_eq(a, b));
        assert_eq!(Arc::ptr_eq(old, new), same_routes, "{to}: table {number}");
    }
    others.join(" ")
}

#[test]
fn a_change_rebuilds_what_uses_it_and_nothing_else() {
    for (from, to, expected) in [
        ("http:\n", "# Lines move.\n\nhttp:\n", ""),
        ("Host(`b`)", "Host(`bb`)", "plain"),
        ("    plain:", "    more: {rule: Host(`x`), service: s1}\n    plain:", ""),
        ("    plain: {rule: Host(`b`), service: s1}\n", "", "plain"),
        // Middlewares: those that name them, and those that name chains that do.
        ("/one", "/uno", "chained prefixed"),
        ("/two", "/due", "chained twice"),
        ("[m1, m2]", "[m2, m1]", "chained"),
        ("    m1: {add", "    m0: {addPrefix: {prefix: /zero}}\n    m1: {add", ""),
        // A service's own middlewares.
        ("/three", "/tre", "wrapped"),
        // Services: those that lead to them, through whatever there is in between.
        ("127.0.0.1:1'", "127.0.0.1:11'", "chained plain weighted"),
        ("127.0.0.1:2'", "127.0.0.1:22'", "prefixed twice"),
        ("127.0.0.1:3'", "127.0.0.1:33'", "child weighted"),
        ("127.0.0.1:5'", "127.0.0.1:55'", "wrapped"),
        ("weight: 2", "weight: 3", "weighted"),
        (
            "    s1: {load",
            "    s0: {loadBalancer: {servers: [{url: 'http://127.0.0.1:9'}]}}\n    s1: {load",
            "",
        ),
        ("maxIdleConnsPerHost: 7", "maxIdleConnsPerHost: 8", "transported"),
        // What has a default and says it.
        ("s1: {loadBalancer: {", "s1: {loadBalancer: {passHostHeader: true, ", ""),
    ] {
        assert_eq!(rebuilt(from, to), expected, "{from:?} -> {to:?}");
    }
}

#[test]
fn the_same_again_is_the_same() {
    let mut control = Control::new();
    let first = control.load(BASE);
    // Another way to write it, which is read as a whole.
    let second = control.load(&BASE.replace("service: s1}", "service: \"s1\" }"));
    for (old, new) in first.snapshot.entry_points.iter().zip(&second.snapshot.entry_points) {
        assert!(Arc::ptr_eq(old, new));
    }
}

/// Trees of routers are made anew, routers beside them are not.
#[test]
fn trees_leave_the_others_alone() {
    let tree = "    p: {rule: Host(`p`)}\n    q: {rule: Path(`/`), parentRefs: [p], service: s1}\n    plain:";
    let with_tree = BASE.replace("    plain:", tree);
    let mut control = Control::new();
    let before = control.load(&with_tree);
    let after = control.load(&with_tree.replace("Path(`/`)", "Path(`/q`)"));
    assert_eq!(after.kept(&before), ALL.join(" "));
    assert_eq!(after.names(0).split(' ').count(), ALL.len() + 1);
}

#[test]
fn forth_and_back() {
    let mut control = Control::new();
    control.load(BASE);
    let without = control.load("http: {routers: {r: {rule: Host(`r`), service: noop@internal}}}\n");
    assert_eq!((without.names(0), without.names(1)), ("r".to_owned(), String::new()));
    let with = control.load(BASE);
    assert_eq!((with.names(0), with.names(1)), (ALL.join(" "), "twice".to_owned()));
    assert_eq!(with.problems, [""; 0]);
}
