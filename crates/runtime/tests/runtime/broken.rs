//! Broken objects: each disables its routers, says where it is, and leaves the others alone.

use crate::support::Control;

const REST: &str = "
    fine: {rule: Host(`fine`), service: fine}
";

/// A configuration with these routers, and a service `fine` and these others.
fn configuration(routers: &str, others: &str) -> String {
    let services = "  services:\n    fine: {loadBalancer: {servers: [{url: 'http://127.0.0.1:1'}]}}\n";
    format!("http:\n  routers:\n    {}{routers}{services}{others}", REST.trim_start())
}

#[test]
fn what_is_broken_is_told_and_left_out() {
    let router = "    r: {rule: Host(`r`), service: s}\n";
    let filtered = "    r: {rule: Host(`r`), service: fine, middlewares: [m]}\n";
    for (routers, others, problems) in [
        (
            router,
            "    s: {loadBalancer: {servers: [{url: '127.0.0.1'}]}}\n",
            &[
                "file.yml:7:5: service s@file: server URL \"127.0.0.1\": no scheme; expected scheme://host[:port][/path]",
            ][..],
        ),
        (
            router,
            "    s: {loadBalancer: {strategy: random, servers: []}}\n",
            &[
                "file.yml:7:5: service s@file: unsupported load-balancer strategy \"random\"; expected wrr, p2c, hrw or leasttime",
            ],
        ),
        (
            router,
            "    s: {loadBalancer: {strategy: p2c, servers: []}}\n",
            &["file.yml:7:5: service s@file: strategy p2c is not implemented yet"],
        ),
        (
            router,
            "    s: {loadBalancer: {servers: [], sticky: {cookie: {}}}}\n",
            &["file.yml:7:5: service s@file: loadBalancer.sticky is not implemented yet"],
        ),
        (
            router,
            "    s: {mirroring: {service: fine}}\n",
            &["file.yml:7:5: service s@file: mirroring is not implemented yet"],
        ),
        (
            router,
            "    s: {loadBalancer: {servers: [], serversTransport: t}}\n",
            &["file.yml:7:5: service s@file: servers transport not found t@file"],
        ),
        (
            router,
            "    s: {loadBalancer: {servers: []}, weighted: {services: []}}\n",
            &[
                "file.yml:7:5: service s@file: cannot create service: multi-types service not supported, consider \
                  declaring two different pieces of service instead",
            ],
        ),
        (
            router,
            "    s: {weighted: {services: [{name: lost}]}}\n",
            &["file.yml:7:5: service s@file: the service \"lost@file\" does not exist"],
        ),
        (
            router,
            "    s: {weighted: {services: [{name: s}]}}\n",
            &[
                "file.yml:7:5: service s@file: could not instantiate service s@file: recursion detected in service:s@file->s@file",
            ],
        ),
        (
            router,
            "    s: {weighted: {services: [{name: t}]}}\n    t: {weighted: {services: [{name: s}]}}\n",
            &[
                "file.yml:7:5: service s@file: service t@file: could not instantiate service s@file: recursion \
                  detected in service:s@file->t@file->s@file",
                "file.yml:8:5: service t@file: could not instantiate service s@file: recursion detected in \
                  service:s@file->t@file->s@file",
            ],
        ),
        (
            router,
            "    s: {loadBalancer: {servers: []}, middlewares: [lost]}\n",
            &["file.yml:7:5: service s@file: middleware \"lost@file\" does not exist"],
        ),
        (
            filtered,
            "  middlewares:\n    m: {redirectRegex: {regex: '(', replacement: x}}\n",
            &["file.yml:4:5: router r@file: middleware m@file: "],
        ),
        (
            filtered,
            "  middlewares:\n    m: {chain: {middlewares: [m]}}\n",
            &["file.yml:4:5: router r@file: middleware m@file: "],
        ),
        (
            filtered,
            "  middlewares:\n    m: {chain: {middlewares: [lost]}}\n",
            &["file.yml:4:5: router r@file: middleware \"lost@file\" does not exist"],
        ),
        (
            "    p: {rule: Host(`p`)}\n    r: {rule: Host(`r`), parentRefs: [p], service: s}\n",
            "    s: {mirroring: {service: fine}}\n",
            &[
                "file.yml:8:5: service s@file: mirroring is not implemented yet",
                "file.yml:4:5: router p@file: no child router can answer",
                "file.yml:5:5: router r@file: service s@file: mirroring is not implemented yet",
            ],
        ),
        (
            "    p: {rule: Host(`p`)}\n    r: {rule: Host(`r`), parentRefs: [p], service: fine, middlewares: [m]}\n",
            "  middlewares:\n    m: {redirectRegex: {regex: '(', replacement: x}}\n",
            &[
                "file.yml:4:5: router p@file: no child router can answer",
                "file.yml:5:5: router r@file: middleware m@file: ",
            ],
        ),
    ] {
        let mut control = Control::new();
        let version = control.load(&configuration(routers, others));
        assert_eq!(version.names(0), "fine", "{others}");
        // Routers repeat what is wrong with their service; that is looked at below.
        let is_repeated = |told: &str| told.contains("router r@file: service s@file");
        let told: Vec<&String> = version.problems.iter().filter(|told| !is_repeated(told)).collect();
        let expected: Vec<&&str> = problems.iter().filter(|told| !is_repeated(told)).collect();
        assert_eq!(told.len(), expected.len(), "{others}: {:?}", version.problems);
        for (told, start) in told.iter().zip(expected) {
            assert!(told.starts_with(*start), "{others}:\n     got {told}\nexpected {start}");
        }
        // Whoever looks for the router finds why it does not answer.
        let of_router = |told: &String| told.contains("router r@file: ");
        assert!(version.problems.iter().any(of_router), "{others}: {:?}", version.problems);
        // And what is mended answers.
        let mended = control.load(&configuration("    r: {rule: Host(`r`), service: fine}\n", ""));
        assert_eq!(
            (mended.names(0), mended.problems.len()),
            ("fine r".to_owned(), 0),
            "{:?}",
            mended.problems
        );
    }
}

/// A service that others lead to changes from good to broken and back.
#[test]
fn what_leads_to_a_broken_service_is_broken_as_long() {
    let weighted = "    a: {loadBalancer: {servers: [{url: 'http://127.0.0.1:1'}]}}\n    w: {weighted: {services: [{name: a}]}}\n";
    let routers = "    r: {rule: Host(`r`), service: w}\n";
    let mut control = Control::new();
    let good = configuration(routers, weighted);
    assert_eq!(control.load(&good).names(0), "fine r");
    let bad = good.replace("a: {loadBalancer: {servers", "a: {loadBalancer: {strategy: x, servers");
    assert_eq!(control.load(&bad).names(0), "fine");
    assert_eq!(control.load(&good).names(0), "fine r");
}

/// A tree of routers lives without its broken branches.
#[test]
fn parents_live_with_the_children_that_are_good() {
    let routers = "    p: {rule: Host(`p`)}
    c1: {rule: Path(`/1`), parentRefs: [p], service: fine}
    c2: {rule: Path(`/2`), parentRefs: [p], service: broken}
";
    let version = Control::new().load(&configuration(routers, "    broken: {mirroring: {service: fine}}\n"));
    assert_eq!(version.names(0), "fine p");
    assert_eq!(version.problems.len(), 2, "{:?}", version.problems);
    let child = "file.yml:6:5: router c2@file: service broken@file: mirroring is not implemented yet";
    assert!(version.problems.iter().any(|told| told == child), "{:?}", version.problems);
}
