//! Single routers (specification sections 1.4, 1.6, 2.1, 2.4 and 2.9).

use ferroway_router::Syntax;

use crate::support::{check, context};

#[test]
fn defaults() {
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`), service: s}
            b: {rule: Host(`b`), service: s, entryPoints: [traefik, web, traefik]}
          services:
            s: {loadBalancer: {servers: [{url: 'http://a'}]}}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        a@file 9 -> s@file
          admin,web:
        b@file 9 -> s@file
          traefik,web:
        ",
    );
}

#[test]
fn unknown_entry_points() {
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`), service: s, entryPoints: [web, wbe]}
            b:
              rule: Host(`a`)
              service: s
              entryPoints: [x, y]
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        a@file 9 -> s@file
          web:
        b@file 9 -> s@file
        warning file.yml:3:5: router a@file: entryPoint \"wbe\" doesn't exist
        warning file.yml:4:5: router b@file: entryPoint \"x\" doesn't exist
        warning file.yml:4:5: router b@file: entryPoint \"y\" doesn't exist
        error file.yml:4:5: router b@file: no valid entryPoint for this router
        ",
    );
}

#[test]
fn rules_that_are_none() {
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`) &&, service: s}
            b: {service: s}
            c: {rule: 'Host(`c`, `d`)', service: s}
            d: {rule: 'Host(`c`, `d`)', service: s, ruleSyntax: v2}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    let plan = ferroway_control::Planner::new(context()).plan(crate::support::providers([("file", yaml)]));
    let enabled: Vec<_> = plan.routers().filter(|entry| entry.planned.is_enabled()).collect();
    assert_eq!(enabled.iter().map(|entry| &*entry.planned.name).collect::<Vec<_>>(), ["d@file"]);
    let errors: Vec<String> =
        plan.problems().iter().filter(|problem| problem.is_error()).map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    for (error, start) in errors.iter().zip([
        "file.yml:3:5: router a@file: rule \"Host(`a`) &&\": ",
        "file.yml:4:5: router b@file: rule \"\": ",
        "file.yml:5:5: router c@file: rule \"Host(`c`, `d`)\": ",
    ]) {
        assert!(error.starts_with(start) && error.len() > start.len() + 10, "{error}");
    }
}

#[test]
fn the_default_syntax_is_the_static_configurations() {
    let yaml = "
        http:
          routers:
            a: {rule: 'Host(`c`, `d`)', service: s}
            b: {rule: 'Host(`c`)', service: s, ruleSyntax: v3}
            c: {rule: 'Host(`c`)', service: s, ruleSyntax: v7}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    let mut context = context();
    context.default_syntax = Syntax::V2;
    let plan = ferroway_control::Planner::new(context).plan(crate::support::providers([("file", yaml)]));
    let syntaxes: Vec<_> =
        plan.routers().map(|entry| entry.planned.rule.as_ref().map(|rule| rule.syntax())).collect();
    assert_eq!(syntaxes, [Some(Syntax::V2), Some(Syntax::V3), Some(Syntax::V3)]);
}

#[test]
fn priorities() {
    // The highest that users may give is max int64 - 1000.
    let yaml = "
        http:
          routers:
            a: {rule: Host(`ab`) || Path(`/`), service: s, entryPoints: [web]}
            b: {rule: Host(`b`), service: s, entryPoints: [web], priority: -3}
            c: {rule: Host(`b`), service: s, entryPoints: [web], priority: 9223372036854774807}
            d: {rule: Host(`b`), service: s, entryPoints: [web], priority: 9223372036854774808}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        a@file 23 -> s@file
          web:
        b@file -3 -> s@file
          web:
        c@file 9223372036854774807 -> s@file
          web:
        d@file 9223372036854774808 -> s@file
        error file.yml:6:5: router d@file: the router priority 9223372036854774808 exceeds the max user-defined priority 9223372036854774807
        ",
    );
}

#[test]
fn references() {
    let file = "
        http:
          routers:
            a: {rule: Host(`a`), service: s, middlewares: [m, m@docker], entryPoints: [web]}
            b: {rule: Host(`b`), service: s@docker, entryPoints: [web]}
            c: {rule: Host(`c`), service: nowhere, middlewares: [m, lost, x@y], entryPoints: [web]}
            d: {rule: Host(`d`), service: nowhere@docker, entryPoints: [web]}
            e: {rule: Host(`e`), service: s@consul, entryPoints: [web]}
          middlewares:
            m: {addPrefix: {prefix: /m}}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    let docker = "
        http:
          middlewares:
            m: {addPrefix: {prefix: /m}}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context(),
        [("file", file), ("docker", docker)],
        "
        a@file 9 -> s@file
          web: m@file m@docker
        b@file 9 -> s@docker
          web:
        c@file 9 -> nowhere@file
        d@file 9 -> nowhere@docker
        e@file 9 -> s@consul
        error file.yml:5:5: router c@file: middleware \"lost@file\" does not exist
        error file.yml:5:5: router c@file: middleware \"x@y\" does not exist
        error file.yml:5:5: router c@file: the service \"nowhere@file\" does not exist
        error file.yml:6:5: router d@file: the service \"nowhere@docker\" does not exist
        error file.yml:7:5: router e@file: the service \"s@consul\" does not exist
        ",
    );
}

#[test]
fn internal_services() {
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`), service: ping@internal, entryPoints: [web]}
            b: {rule: Host(`b`), service: noop@internal, entryPoints: [web]}
            c: {rule: Host(`c`), service: api@internal, entryPoints: [web]}
            d: {rule: Host(`d`), service: pong@internal, entryPoints: [web]}
            e: {rule: Host(`e`), entryPoints: [web]}
    ";
    check(
        &context(),
        [("file", yaml)],
        "
        a@file 9 -> ping@internal
          web:
        b@file 9 -> noop@internal
          web:
        c@file 9 -> api@internal
        d@file 9 -> pong@internal
        e@file 9 -> -
        error file.yml:5:5: router c@file: api is not enabled
        error file.yml:6:5: router d@file: unknown internal service pong@internal
        error file.yml:7:5: router e@file: router has no service and no child routers
        ",
    );
}

#[test]
fn entry_points_with_middlewares_of_their_own_have_copies_of_their_own() {
    let mut context = context();
    context.entry_points[2].middlewares = vec!["first@file".to_owned(), "second@docker".to_owned()];
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`), service: s, middlewares: [m]}
            b: {rule: Host(`b`), service: s, entryPoints: [web]}
            c: {rule: Host(`c`), service: s, entryPoints: [web, traefik, admin], middlewares: [m]}
          middlewares:
            m: {addPrefix: {prefix: /m}}
            first: {addPrefix: {prefix: /f}}
          services:
            s: {loadBalancer: {servers: []}}
    ";
    check(
        &context,
        [("file", yaml)],
        "
        a@file 9 -> s@file
          admin: m@file
          web as web-a@file: first@file second@docker m@file
        b@file 9 -> s@file
          web: first@file second@docker
        c@file 9 -> s@file
          traefik,admin: m@file
          web as web-c@file: first@file second@docker m@file
        ",
    );
}

#[test]
fn ties_go_by_the_precedence_of_providers() {
    let yaml = "
        http:
          routers:
            a: {rule: Host(`a`), service: noop@internal}
    ";
    let mut context = context();
    let documents = || [("file", yaml), ("docker", yaml), ("zookeeper", yaml)];
    let ranks = |context: &ferroway_control::Context| {
        let plan =
            ferroway_control::Planner::new(context.clone()).plan(crate::support::providers(documents()));
        plan.routers.iter().map(|provider| (provider.provider.to_string(), provider.rank)).collect::<Vec<_>>()
    };
    let unlisted = u32::MAX;
    let named = |pairs: [(&str, u32); 3]| pairs.map(|(name, rank)| (name.to_owned(), rank)).to_vec();
    assert_eq!(ranks(&context), named([("docker", 0), ("file", 1), ("zookeeper", unlisted)]));
    context.precedence = vec!["Zookeeper".to_owned(), "FILE".to_owned()];
    assert_eq!(ranks(&context), named([("docker", unlisted), ("file", 1), ("zookeeper", 0)]));
}
