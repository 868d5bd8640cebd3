//! What of a plan is kept when the configuration changes, and that nothing stale is.

use std::sync::Arc;

use ferroway_control::{Plan, Planner};

use crate::support::{File, context, render};

const FIRST: &str = "
    http:
      routers:
        a: {rule: Host(`a`), service: s}
        b: {rule: Host(`b`), service: s, middlewares: [m]}
      middlewares:
        m: {addPrefix: {prefix: /m}}
      services:
        s: {loadBalancer: {servers: [{url: 'http://a'}]}}
";

/// The names of the routers that are the same objects in both plans.
fn kept(first: &Plan, second: &Plan) -> String {
    let same = |name: &str| {
        let find = |plan: &Plan| {
            plan.routers().find(|entry| &*entry.planned.name == name).map(|e| e.planned.clone())
        };
        find(first).zip(find(second)).is_some_and(|(a, b)| Arc::ptr_eq(&a, &b))
    };
    let names = second.routers().map(|entry| &*entry.planned.name).filter(|name| same(name));
    names.collect::<Vec<_>>().join(" ")
}

/// Plans the first version, and this change of it: what is kept. Planning it alone gives the same plan.
fn change(from: &str, to: &str) -> String {
    let second = FIRST.replace(from, to);
    assert_ne!(second, FIRST, "{from} is not there");
    let mut file = File::default();
    let mut planner = Planner::new(context());
    let old = planner.plan(file.load(FIRST));
    let new = planner.plan(file.load(&second));
    let alone = Planner::new(context()).plan(File::default().load(&second));
    assert_eq!(render(&context(), &new), render(&context(), &alone), "{to}");
    kept(&old, &new)
}

#[test]
fn what_did_not_change_is_the_same_object() {
    for (from, to, kept) in [
        // Only lines move.
        ("    http:", "    # A comment.\n    http:", "a@file b@file"),
        ("rule: Host(`a`)", "rule: Host(`aa`)", "b@file"),
        // Neither a service's nor a middleware's content concerns the plan of a router.
        ("http://a", "http://aa", "a@file b@file"),
        ("prefix: /m", "prefix: /n", "a@file b@file"),
        ("        a: {rule", "        a0: {rule: Host(`a0`), service: s}\n        a: {rule", "a@file b@file"),
        ("        a: {rule: Host(`a`), service: s}\n", "", "b@file"),
    ] {
        assert_eq!(change(from, to), kept, "{from} -> {to}");
    }
}

#[test]
fn names_that_come_and_go_are_noticed() {
    for (from, to, kept) in [
        // The service that both name is gone, or another one comes.
        ("        s: {load", "        t: {load", ""),
        ("        m: {add", "        n: {add", "a@file"),
        ("        m: {add", "        n: {addPrefix: {prefix: /n}}\n        m: {add", "a@file b@file"),
        // A router becomes a parent, whose service is too much.
        (
            "        a: {rule",
            "        a0: {rule: Host(`a0`), service: s, parentRefs: [a]}\n        a: {rule",
            "b@file",
        ),
    ] {
        assert_eq!(change(from, to), kept, "{from} -> {to}");
    }
}

#[test]
fn a_rule_is_compiled_once() {
    let mut file = File::default();
    let mut planner = Planner::new(context());
    let old = planner.plan(file.load(FIRST));
    // The service is gone: routers are something else now, their rules are not.
    let new = planner.plan(file.load(&FIRST.replace("        s: {load", "        t: {load")));
    assert_eq!(kept(&old, &new), "");
    for (old, new) in old.routers().zip(new.routers()) {
        let rules = old.planned.rule.as_ref().zip(new.planned.rule.as_ref());
        assert!(rules.is_some_and(|(old, new)| Arc::ptr_eq(old, new)), "{}", new.planned.name);
    }
}

#[test]
fn a_provider_that_comes_later_mends_what_refers_to_it() {
    let yaml = FIRST.replace("service: s}", "service: s@docker}");
    let mut planner = Planner::new(context());
    let mut providers = File::default().load(&yaml);
    let without = planner.plan(providers.clone());
    assert_eq!(without.problems().len(), 1, "{:?}", without.problems());
    providers.0.insert("docker".into(), crate::support::decode("docker", FIRST));
    let with = planner.plan(providers);
    assert_eq!(with.problems(), []);
}
