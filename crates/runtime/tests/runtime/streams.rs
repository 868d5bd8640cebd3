//! TCP and UDP routers become tables, and what did not change is taken over.

use std::sync::Arc;

use crate::support::{Control, Version};

const BASE: &str = "
tcp:
  routers:
    one: {rule: HostSNI(`one.test`), service: a, middlewares: [limit], tls: {}}
    two: {rule: HostSNI(`*`), service: both}
  services:
    a: {loadBalancer: {servers: [{address: '127.0.0.1:1'}]}}
    b: {loadBalancer: {servers: [{address: '127.0.0.1:2'}]}}
    both: {weighted: {services: [{name: a}, {name: b, weight: 2}]}}
  middlewares:
    limit: {inFlightConn: {amount: 2}}
udp:
  routers:
    dns: {service: d, entryPoints: [dns]}
  services:
    d: {loadBalancer: {servers: [{address: '127.0.0.1:53'}]}}
";

/// The names of the TCP routes on `web` that are the same objects in both.
fn kept(now: &Version, before: &Version) -> String {
    let before = before.tcp_routes(0);
    let routes = now.tcp_routes(0);
    let same = routes.iter().filter(|route| before.iter().any(|old| Arc::ptr_eq(old, route)));
    let mut names: Vec<&str> = same.map(|route| route.name.trim_end_matches("@file")).collect();
    names.sort_unstable();
    names.join(" ")
}

#[test]
fn what_did_not_change_is_kept() {
    let mut control = Control::new();
    let first = control.load(BASE);
    assert_eq!(first.problems, [""; 0]);
    assert_eq!(first.tcp_routes(0).len(), 2);
    assert!(first.tcp_routes(1).is_empty());
    for (from, to, expected) in [
        ("127.0.0.1:2", "127.0.0.1:3", "one"),
        ("127.0.0.1:1", "127.0.0.1:3", ""),
        ("amount: 2", "amount: 3", "two"),
        ("127.0.0.1:53", "127.0.0.1:54", "one two"),
        ("weight: 2", "weight: 3", "one"),
        ("one.test", "other.test", "two"),
    ] {
        let mut control = Control::new();
        let before = control.load(BASE);
        assert_eq!(kept(&control.load(BASE), &before), "one two");
        let after = control.load(&BASE.replace(from, to));
        assert_eq!(kept(&after, &before), expected, "{from} becomes {to}");
        let udp = |version: &Version| version.snapshot.udp[0].clone().expect("a service");
        let same = Arc::ptr_eq(&udp(&after), &udp(&before));
        assert_eq!(same, !to.contains(":54"), "{from} becomes {to}");
    }
}

#[test]
fn what_cannot_be_built_is_told() {
    let version = Control::new().load(
        "
tcp:
  routers:
    kind: {rule: HostSNI(`*`), service: none}
    list: {rule: HostSNI(`*`), service: s, middlewares: [bad]}
    options: {rule: HostSNI(`a.test`), service: s, tls: {options: missing}}
    ring: {rule: HostSNI(`*`), service: r1}
    transport: {rule: HostSNI(`*`), service: t}
    version: {rule: HostSNI(`*`), service: v}
    works: {rule: HostSNI(`*`), service: s}
  services:
    none: {}
    r1: {weighted: {services: [{name: r2}]}}
    r2: {weighted: {services: [{name: r1}]}}
    s: {loadBalancer: {servers: []}}
    t: {loadBalancer: {servers: [], serversTransport: missing}}
    v: {loadBalancer: {servers: [], serversTransport: bad}}
  middlewares:
    bad: {ipAllowList: {sourceRange: [x]}}
  serversTransports:
    bad: {proxyProtocol: {version: 3}}
udp:
  routers:
    a: {service: s, entryPoints: [dns]}
    b: {service: s, entryPoints: [dns]}
    c: {service: none, entryPoints: [dns]}
  services:
    none: {}
    s: {loadBalancer: {servers: []}}
",
    );
    let names: Vec<_> = version.tcp_routes(0).iter().map(|route| route.name.clone()).collect();
    assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), ["works@file", "options@file"]);
    let no_kind = "does not have any type defined; expected loadBalancer or weighted";
    let ring = "recursion detected in service:r1@file->r2@file->r1@file";
    let mut problems = version.problems;
    problems.sort();
    let expected = [
        format!("12:5: TCP service none@file: the service \"none@file\" {no_kind}"),
        format!("13:5: TCP service r1@file: service r2@file: {ring}"),
        format!("14:5: TCP service r2@file: {ring}"),
        "16:5: TCP service t@file: TCP servers transport not found missing@file".to_owned(),
        "17:5: TCP service v@file: unknown proxyProtocol version: 3, expected 1 or 2".to_owned(),
        "24:5: UDP router a@file: gets nothing, as its entry point has another router whose name is later in the \
         alphabet; expected one router for each UDP entry point"
            .to_owned(),
        format!("26:5: UDP router c@file: service none@file: the service \"none@file\" {no_kind}"),
        format!("28:5: UDP service none@file: the service \"none@file\" {no_kind}"),
        format!("4:5: TCP router kind@file: service none@file: the service \"none@file\" {no_kind}"),
        "5:5: TCP router list@file: middleware bad@file: invalid CIDR address: \"x\" is neither an IP address nor \
         a range like 10.0.0.0/8"
            .to_owned(),
        "6:5: TCP router options@file: unknown TLS options: missing@file; its connections are closed".to_owned(),
        format!("7:5: TCP router ring@file: service r1@file: service r2@file: {ring}"),
        "8:5: TCP router transport@file: service t@file: TCP servers transport not found missing@file".to_owned(),
        "9:5: TCP router version@file: service v@file: unknown proxyProtocol version: 3, expected 1 or 2".to_owned(),
    ];
    assert_eq!(problems, expected.map(|problem| format!("file.yml:{problem}")));
}
