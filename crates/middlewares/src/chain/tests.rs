use std::sync::Arc;

use crate::testing::{build, exchange};
use crate::{BuildContext, build_chain};

const MIDDLEWARES: &str = "\
a: {addPrefix: {prefix: /a}}
b: {addPrefix: {prefix: /b}}
ab: {chain: {middlewares: [a, b]}}
nested: {chain: {middlewares: [ab, a@file]}}
empty: {chain: {middlewares: []}}
missing: {chain: {middlewares: [a, nosuch]}}
self: {chain: {middlewares: [self]}}
ring-1: {chain: {middlewares: [a, ring-2]}}
ring-2: {chain: {middlewares: [ring-1]}}
two: {addPrefix: {prefix: /a}, stripPrefix: {prefixes: [/x]}}
later: {retry: {attempts: 2}}
guarded: {chain: {middlewares: [a, later, b]}}
bad: {addPrefix: {prefix: ''}}";

#[test]
fn chains_are_expanded_in_place() {
    for (names, expected) in [
        (&["a", "b"][..], "GET /b/a/x"),
        (&["b", "a"], "GET /a/b/x"),
        (&["a", "a"], "GET /a/a/x"),
        (&["a@file"], "GET /a/x"),
        (&["ab"], "GET /b/a/x"),
        (&["ab", "ab"], "GET /b/a/b/a/x"),
        (&["nested"], "GET /a/b/a/x"),
        (&["empty"], "GET /x"),
        (&[], "GET /x"),
    ] {
        assert_eq!(exchange(MIDDLEWARES, names, "GET /x", "200").0.unwrap(), expected, "{names:?}");
    }
}

#[test]
fn steps_carry_their_names() {
    let steps = build(MIDDLEWARES, &["ab"]).unwrap();
    let names: Vec<_> = steps.iter().map(|step| (&*step.name, step.kind)).collect();
    assert_eq!(names, [("a@file", "addPrefix"), ("b@file", "addPrefix")]);
}

#[test]
fn what_cannot_be_built_is_named() {
    for (name, at_fault, problem) in [
        ("missing", "nosuch@file", "middleware \"nosuch@file\" does not exist"),
        ("nosuch", "nosuch@file", "middleware \"nosuch@file\" does not exist"),
        ("a@docker", "a@docker", "middleware \"a@docker\" does not exist"),
        ("A", "A@file", "middleware \"A@file\" does not exist"),
        (
            "self",
            "self@file",
            "recursion detected in self@file->self@file, expected a chain without itself among its middlewares",
        ),
        (
            "ring-1",
            "ring-1@file",
            "recursion detected in ring-1@file->ring-2@file->ring-1@file, expected a chain without itself among its middlewares",
        ),
        (
            "two",
            "two@file",
            "cannot create middleware: multi-types middleware not supported, expected exactly one type",
        ),
        ("bad", "bad@file", "prefix cannot be empty"),
    ] {
        let Err(error) = build(MIDDLEWARES, &[name]) else { panic!("{name} can be built") };
        assert_eq!((&*error.middleware, error.to_string().as_str()), (at_fault, problem), "{name}");
    }
}

#[test]
fn what_ferroway_does_not_have_answers_in_its_place() {
    let (server, client) = exchange(MIDDLEWARES, &["guarded"], "GET /x", "200");
    assert_eq!(server, None, "nothing gets past it");
    assert!(client.starts_with("503 | "), "{client}");
}

#[test]
fn a_definition_has_a_kind() {
    let cx = BuildContext { definitions: &|_| Some(Arc::default()), unavailable: &|_, _| {} };
    let Err(error) = build_chain(&["m".to_owned()], "docker", &cx) else { panic!("it can be built") };
    assert!(error.to_string().starts_with("invalid middleware \"m@docker\" configuration: "), "{error}");
}
