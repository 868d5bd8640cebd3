//! Routers that divide the requests of others (specification section 2.6).

use crate::support::{check, context};

#[test]
fn trees() {
    let yaml = "
        http:
          routers:
            api: {rule: PathPrefix(`/api`), entryPoints: [web], middlewares: [m]}
            v1: {rule: PathPrefix(`/api/v1`), parentRefs: [api], service: s, middlewares: [m]}
            v2: {rule: PathPrefix(`/api/v2`), parentRefs: [api@file, other], priority: 7}
            v2a: {rule: Path(`/api/v2/a`), parentRefs: [v2], service: s}
            other: {rule: Host(`b`), entryPoints: [web]}
          middlewares:
            m: {addPrefix: {prefix: /m}}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        api@file 18 -> -
          web: m@file
          child v1@file
          child v2@file
        other@file 9 -> -
          web:
          child v2@file
        v1@file 21 -> s@file
        v2@file 7 -> -
          child v2a@file
        v2a@file 17 -> s@file
        ",
    );
}

#[test]
fn what_parents_and_children_must_not_have() {
    let yaml = "
        http:
          routers:
            p: {rule: Host(`a`), entryPoints: [web], service: s}
            c1: {rule: Host(`b`), parentRefs: [p], service: s}
            c2: {rule: Host(`b`), parentRefs: [p], service: s, tls: {}}
            c3: {rule: Host(`b`), parentRefs: [p], service: s, entryPoints: [web]}
            c4: {rule: Host(`b`), parentRefs: [p], service: s, observability: {accessLogs: false}}
            c5: {rule: Host(`b`), parentRefs: [p, lost], service: s}
            c6: {rule: Host(`b`), parentRefs: [p]}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        c1@file 9 -> s@file
        c2@file 9 -> s@file
        c3@file 9 -> s@file
        c4@file 9 -> s@file
        c5@file 9 -> s@file
        c6@file 9 -> -
        p@file 9 -> -
          child c1@file
        error file.yml:5:5: router c2@file: non-root router cannot have TLS configuration
        error file.yml:6:5: router c3@file: non-root router cannot have Entrypoints configuration
        error file.yml:7:5: router c4@file: non-root router cannot have Observability configuration
        error file.yml:8:5: router c5@file: parent router \"lost@file\" does not exist
        error file.yml:9:5: router c6@file: router has no service and no child routers
        error file.yml:3:5: router p@file: router has both a service and is referenced as a parent by other routers
        ",
    );
}

#[test]
fn across_providers() {
    let docker = "
        http:
          routers:
            child: {rule: Path(`/a`), parentRefs: [parent@file], service: noop@internal}
    ";
    let file = "
        http:
          routers:
            parent: {rule: Host(`a`), entryPoints: [web]}
    ";
    check(
        &context(),
        [("docker", docker), ("file", file)],
        "
        child@docker 10 -> noop@internal
        parent@file 9 -> -
          web:
          child child@docker
        ",
    );
}

#[test]
fn cycles() {
    let yaml = "
        http:
          routers:
            root: {rule: Host(`a`), entryPoints: [web]}
            a: {rule: Host(`a`), parentRefs: [root, b]}
            b: {rule: Host(`a`), parentRefs: [a]}
            leaf: {rule: Host(`a`), parentRefs: [b], service: noop@internal}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        a@file 9 -> -
          child b@file
        b@file 9 -> -
          child a@file
          child leaf@file
        leaf@file 9 -> noop@internal
        root@file 9 -> -
          web:
          child a@file
        warning file.yml:5:5: router b@file: cyclic reference detected in router tree: a@file -> b@file -> a@file
        ",
    );
}

#[test]
fn routers_that_no_request_can_reach() {
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`), parentRefs: [b]}
            b: {rule: Host(`a`), parentRefs: [a]}
            self: {rule: Host(`a`), parentRefs: [self]}
            below: {rule: Host(`a`), parentRefs: [b], service: noop@internal}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        a@file 9 -> -
        b@file 9 -> -
        below@file 9 -> noop@internal
        self@file 9 -> -
        error file.yml:3:5: router a@file: router is not reachable
        error file.yml:4:5: router b@file: router is not reachable
        error file.yml:6:5: router below@file: router is not reachable
        error file.yml:5:5: router self@file: router is not reachable
        ",
    );
}
