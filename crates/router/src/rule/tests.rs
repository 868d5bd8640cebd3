//! Explaining, and that no rule makes compiling panic.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::Query;
use ferroway_core::HeaderList;

fn explained(rule: &CompiledRule, host: &str, path: &str) -> Vec<String> {
    let headers = HeaderList::new();
    let request = RequestView {
        host,
        path,
        method: "GET",
        headers: &headers,
        query: Query::new(None),
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    match rule.explain(&request) {
        Outcome::Match => {
            assert!(rule.matches(&request));
            Vec::new()
        }
        Outcome::NoMatch(mismatches) => {
            assert!(!rule.matches(&request) && !mismatches.is_empty());
            let show = |it: &Mismatch<'_>| {
                format!("{} {}{}", it.position, if it.negated { "!" } else { "" }, it.matcher)
            };
            mismatches.iter().map(show).collect()
        }
    }
}

#[test]
fn explanations_name_the_first_mismatch_of_each_alternative() {
    let rule = "(Host(`a`) && Path(`/x`)) ||\n Host( `b` ) && !PathPrefix(`/y`)";
    let rule = CompiledRule::compile(rule, Syntax::V3).unwrap();
    for (host, path, expected) in [
        ("a", "/x", &[][..]),
        ("b", "/", &[]),
        ("c", "/x", &["1:2 Host(`a`)", "2:2 Host( `b` )"]),
        ("a", "/", &["1:15 Path(`/x`)", "2:2 Host( `b` )"]),
        ("b", "/yz", &["1:2 Host(`a`)", "2:18 !PathPrefix(`/y`)"]),
    ] {
        assert_eq!(explained(&rule, host, path), expected, "{host} {path}");
    }
}

/// Nothing takes more than linear time in the length of the rule, or it would show here.
#[test]
fn long_rules_compile() {
    let hosts = |n: usize| (0..n).map(|n| format!("Host(`h{n}`)")).collect::<Vec<_>>();
    let v3 = [
        hosts(50_000).join("||"),
        hosts(50_000).join("&&"),
        format!("({}) && Path(`/`)", hosts(2000).join("||")),
        vec!["Path(`/{x}`)"; 50_000].join("||"),
    ];
    for rule in v3 {
        let rule = CompiledRule::compile(&rule, Syntax::V3).expect("it is a rule");
        assert!(rule.warnings().len() <= 20);
    }
    let headers: Vec<String> = (0..30_000).map(|n| format!("`x-{n}`,`{n}`")).collect();
    let rule =
        CompiledRule::compile(&format!("Headers({})", headers.join(",")), Syntax::V2).expect("it is a rule");
    assert_ne!(explained(&rule, "", "/"), Vec::<String>::new());
}

#[test]
fn priority_is_the_length_in_bytes() {
    for (rule, expected) in [("Path(`/`)", 9), (" Path(`/`) \n", 12), ("PathPrefix(`/é`)", 17)] {
        assert_eq!(CompiledRule::compile(rule, Syntax::V3).unwrap().default_priority(), expected, "{rule:?}");
    }
}

#[test]
fn mutated_rules_never_panic() {
    let seeds = [
        (
            Syntax::V3,
            "HostRegexp(`^[a-z]+\\.a\\.com$`) && (PathRegexp(`^/(a|b){2,3}x?`) || !Query(`k`, \"v\"))",
        ),
        (
            Syntax::V3,
            "Header(`X-A`, `b`) || ClientIP(`10.0.0.0/8`) && HeaderRegexp(`X-B`, `\\p{Greek}[[:alpha:]-é]`)",
        ),
        (Syntax::V2, "Path(`/a/{id:[0-9]+}/{b}`) || HostRegexp(`{s}.a.com`) && Query(`a=b{x}`, `c=`)"),
        (Syntax::V2, "Headers(`a`, `b`, `c`, `d`) && !ClientIP(`::1/64`, `1.2.3.4`) || Path(`/%2f?{`)"),
    ];
    let pieces = [
        "{", "}", "(", ")", "[", "]", "\\", "*", "?", "`", "%", "/", "^", "é", "9", "{9,}", ":", "-", "\\x",
        "(?i",
    ];
    let mut state = 42_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut accepted = 0;
    for round in 0..10_000 {
        let (syntax, seed) = seeds[round % seeds.len()];
        let mut text: Vec<char> = seed.chars().collect();
        for _ in 0..=random(3) {
            let at = random(text.len());
            match random(2) {
                0 => drop(text.remove(at)),
                _ => drop(text.splice(at..at, pieces[random(pieces.len())].chars())),
            }
        }
        let text: String = text.into_iter().collect();
        match CompiledRule::compile(&text, syntax) {
            Ok(rule) => {
                accepted += 1;
                explained(&rule, "x.a.com", "/a/7/é");
            }
            Err(error) => assert!(error.render(&text).contains('^')),
        }
    }
    assert!(accepted > 1000, "only {accepted} mutants were rules: the mutations are too wild to test much");
}
