//! TCP and UDP routers (specification section 2.8).

use crate::support::{check, context};

#[test]
fn tcp_routers() {
    let yaml = "
        tcp:
          routers:
            all: {rule: HostSNI(`*`), service: s}
            named:
              rule: HostSNI(`a.example.com`)
              service: s@docker
              entryPoints: [web, web, traefik]
              middlewares: [m]
              tls: {options: strict}
            through: {rule: HostSNI(`b.example.com`), service: s, priority: 5, tls: {passthrough: true, options: x}}
            v2: {rule: 'HostSNI(`c`, `d`)', ruleSyntax: v2, service: s, tls: {}}
          services:
            s: {loadBalancer: {servers: []}}
          middlewares:
            m: {inFlightConn: {amount: 1}}
    ";
    let docker = "
        tcp:
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("docker", docker), ("file", yaml)],
        r#"
        tcp all@file -1 -> s@file
          admin,web: None
        tcp named@file 24 -> s@docker
          web,traefik: m@file Terminated("strict@file")
        tcp through@file 5 -> s@file
          admin,web: Passthrough
        tcp v2@file 17 -> s@file
          admin,web: Terminated("default")
        "#,
    );
}

#[test]
fn tcp_routers_that_cannot_work() {
    let yaml = "
        tcp:
          routers:
            entry: {rule: HostSNI(`*`), service: s, entryPoints: [dns]}
            middleware: {rule: HostSNI(`*`), service: s, middlewares: [m]}
            nothing: {}
            plain: {rule: HostSNI(`a`), service: s}
            priority: {rule: HostSNI(`*`), service: s, priority: 9223372036854775807}
            rule: {rule: HostSN(`a`), service: t}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", yaml)],
        r#"
        tcp entry@file -1 -> s@file
          : None
        tcp middleware@file -1 -> s@file
          : m@file None
        tcp nothing@file 0 -> 
          : None
        tcp plain@file 12 -> s@file
          : None
        tcp priority@file 9223372036854775807 -> s@file
          : None
        tcp rule@file 0 -> t@file
          : None
        warning file.yml:3:5: TCP router entry@file: entryPoint "dns" doesn't exist
        error file.yml:3:5: TCP router entry@file: no valid entryPoint for this router
        error file.yml:4:5: TCP router middleware@file: middleware "m@file" does not exist
        error file.yml:5:5: TCP router nothing@file: the service is missing on the router
        error file.yml:5:5: TCP router nothing@file: router has no rule
        error file.yml:6:5: TCP router plain@file: invalid rule: "HostSNI(`a`)" , has HostSNI matcher, but no TLS on router
        error file.yml:7:5: TCP router priority@file: the router priority 9223372036854775807 exceeds the max user-defined priority 9223372036854774807
        error file.yml:8:5: TCP router rule@file: the service "t@file" does not exist
        error file.yml:8:5: TCP router rule@file: rule "HostSN(`a`)": 1:1: unknown matcher HostSN; did you mean HostSNI(`example.com`)?
        "#,
    );
}

#[test]
fn udp_routers() {
    let yaml = "
        udp:
          routers:
            all: {service: s}
            missing: {service: t, entryPoints: [dns]}
            nothing: {}
            one: {service: s, entryPoints: [syslog, web]}
            web: {service: s, entryPoints: [web]}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", yaml)],
        r#"
        udp all@file dns,syslog -> s@file
        udp missing@file  -> t@file
        udp nothing@file  -> 
        udp one@file syslog -> s@file
        udp web@file  -> s@file
        error file.yml:4:5: UDP router missing@file: the service "t@file" does not exist
        error file.yml:5:5: UDP router nothing@file: the service is missing on the udp router
        warning file.yml:6:5: UDP router one@file: entryPoint "web" doesn't exist
        warning file.yml:7:5: UDP router web@file: entryPoint "web" doesn't exist
        error file.yml:7:5: UDP router web@file: no valid entryPoint for this router
        "#,
    );
}
