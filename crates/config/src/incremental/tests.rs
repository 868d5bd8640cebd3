//! Holds the incremental load equal to the full one.

use std::sync::Arc;

use proptest::prelude::*;

use super::IncrementalYaml;
use crate::dynamic::{Dynamic, Object, decode_dynamic};
use crate::{Format, Problem, Source};

type Loaded = Result<(Dynamic, Vec<Problem>), Vec<Problem>>;

fn full(source: &Arc<Source>) -> Loaded {
    Format::Yaml.load(source).map(|node| decode_dynamic(&node))
}

/// Loads a version and compares it with the full load, places included.
fn check(incremental: &mut IncrementalYaml, text: &str) -> Loaded {
    let source = Source::file("dyn.yml", text);
    let (fast, slow) = (incremental.load(&source), full(&source));
    assert_eq!(fast, slow, "\n{text}");
    if let (Ok((fast, _)), Ok((slow, _))) = (&fast, &slow) {
        assert_eq!(places(fast), places(slow), "\n{text}");
    }
    fast
}

fn places(dynamic: &Dynamic) -> Vec<(String, u32, u32)> {
    fn of<T>(
        map: &std::collections::BTreeMap<String, Object<T>>,
    ) -> impl Iterator<Item = (String, u32, u32)> {
        map.iter().map(|(name, object)| (name.clone(), object.origin.line, object.origin.column))
    }
    let http = &dynamic.http;
    of(&http.routers)
        .chain(of(&http.services))
        .chain(of(&http.middlewares))
        .chain(of(&dynamic.tcp.routers))
        .collect()
}

#[test]
fn unchanged_entries_keep_their_objects() {
    let first = "# head
http:
  routers:
    a: {rule: Path(`/a`), service: s}
    b:
      rule: Path(`/b`)

      service: s  # comment
    # between
    c: {rule: \"Path(`/c`)\", service: s}
  services:
    s: {loadBalancer: {servers: [{url: http://a}]}}
tcp:
  routers:
    t: {rule: HostSNI(`*`), service: x}
";
    let mut incremental = IncrementalYaml::new();
    let (before, _) = check(&mut incremental, first).unwrap();
    assert_eq!(incremental.reused(), 0);
    let edits = [
        ("nothing", first.to_owned(), 4),
        ("a router changed", first.replace("`/a`", "`/x`"), 3),
        ("a line added in front", format!("#\n{first}"), 4),
        ("an entry added", first.replace("    b:", "    new: {rule: Path(`/n`), service: s}\n    b:"), 4),
        ("an entry removed", first.replace("    a: {rule: Path(`/a`), service: s}\n", ""), 3),
        (
            "entries swapped",
            first
                .replace("    a: {rule: Path(`/a`), service: s}\n", "")
                .replace("  services:", "    a: {rule: Path(`/a`), service: s}\n  services:"),
            4,
        ),
        ("a section renamed in case", first.replace("  services:", "  Services:"), 4),
        ("the tcp part changed", first.replace("HostSNI(`*`)", "HostSNI(`a`)"), 4),
    ];
    for (what, text, reused) in edits {
        let mut again = IncrementalYaml::new();
        let (before, _) = check(&mut again, first).unwrap();
        let (after, _) = check(&mut again, &text).unwrap();
        assert_eq!(again.reused(), reused, "{what}");
        assert!(Arc::ptr_eq(&before.http.routers["c"].value, &after.http.routers["c"].value), "{what}");
    }
    drop(before);
}

#[test]
fn a_broken_version_in_between_does_not_forget() {
    let good = "http:\n  routers:\n    a: {rule: x, service: s}\n    b: {rule: y, service: s}\n";
    let mut incremental = IncrementalYaml::new();
    let (before, _) = check(&mut incremental, good).unwrap();
    assert!(check(&mut incremental, "http: [").is_err());
    let (_, problems) = check(&mut incremental, &good.replace("rule: y", "rulez: y")).unwrap();
    assert_eq!(problems.len(), 1);
    let (after, _) = check(&mut incremental, good).unwrap();
    assert!(Arc::ptr_eq(&before.http.routers["a"].value, &after.http.routers["a"].value));
}

/// Versions of a file, one after another, that could be taken for what they are not.
#[test]
fn versions_that_mislead() {
    let cases: &[&[&str]] = &[
        // A text that looks like a section, then a change in it.
        &[
            "http:\n  routers:\n    r: {rule: \"a\n  services:\n    # \"}\n    s: {rule: b, service: c}\n",
            "http:\n  routers:\n    r: {rule: \"a\n  services:\n    # x\"}\n    s: {rule: b, service: c}\n",
        ],
        // A text that looks like an entry.
        &[
            "http:\n  routers:\n    r:\n      rule: \"a\n    s: b\"\n      service: c\n",
            "http:\n  routers:\n    r:\n      rule: \"a\n    s: x\"\n      service: c\n",
        ],
        &[
            "http:\n  routers:\n    r:\n      rule: |\n        a\n        b:\n      service: c\n",
            "http:\n  routers:\n    r:\n      rule: |\n        a\n       b:\n      service: c\n",
        ],
        &[
            "http:\n  routers:\n    r: {service: c, rule: \"a\n    s: {rule: b, service: d}\n    # \"}\n",
            "http:\n  routers:\n    r: {service: c, rule: \"a\n    s: {rule: x, service: d}\n    # \"}\n",
        ],
        &[
            "http:\n  routers:\n    r: {service: c, rule: \"a\n  services:\n    s: {weighted: {services: [{name: b}]}}\n    # \"}\n",
            "http:\n  routers:\n    r: {service: c, rule: \"a\n  services:\n    s: {weighted: {services: [{name: x}]}}\n    # \"}\n",
        ],
        &[
            "http:\n  routers:\n    r: {service: c, rule: \"a\ntcp:\n  routers:\n    s: {rule: b, service: d}\n    # \"}\n",
            "http:\n  routers:\n    r: {service: c, rule: \"a\ntcp:\n  routers:\n    s: {rule: x, service: d}\n    # \"}\n",
        ],
        // Anchors across entries.
        &[
            "http:\n  routers:\n    r: &x {rule: a, service: c}\n    s: *x\n",
            "http:\n  routers:\n    r: {rule: a, service: c}\n    s: *x\n",
        ],
        &[
            "http:\n  routers:\n    r: &x {rule: a, service: c}\n    s: *x\n",
            "http:\n  routers:\n    r: &x {rule: b, service: c}\n    s: *x\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a, service: c}\n    s: {rule: a, service: c}\n",
            "http:\n  routers:\n    r: &x {rule: b, service: c}\n    s: *x\n",
            "http:\n  routers:\n    r: &x {rule: d, service: c}\n    s: *x\n",
        ],
        // Names given twice, in one case or two.
        &[
            "http:\n  routers:\n    r: {rule: a, service: c}\n    s: {rule: a, service: c}\n",
            "http:\n  routers:\n    r: {rule: a, service: c}\n    r: {rule: a, service: c}\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a, service: c}\n",
            "http:\n  routers:\n    r: {rule: a, service: c}\n  Routers:\n    s: {rule: a, service: c}\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a, service: c}\n",
            "http:\n  routers:\n    r: {rule: a, service: c}\nHTTP:\n  routers:\n    s: {rule: a, service: c}\n",
        ],
        // Names without values, and nothing else.
        &[
            "http:\n  routers:\n    r: {rule: a, service: c}\n",
            "http:\n  routers:\n    r:\n",
            "http:\n  routers:\n",
            "http:\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a, service: c}\n    s:\n",
            "http:\n  routers:\n    r: {rule: b, service: c}\n    s:\n",
        ],
        // Warnings keep coming, with their new places.
        &[
            "http:\n  routers:\n    r: {rule: a, service: c, ruleSyntax: v2}\n    s: {rule: a, service: c}\n",
            "#\nhttp:\n  routers:\n    r: {rule: a, service: c, ruleSyntax: v2}\n    s: {rule: b, service: c}\n",
            "#\n#\nhttp:\n  routers:\n    r: {rule: a, service: c, ruleSyntax: v2}\n    s: {rule: b, service: c}\n",
        ],
        // Other top-level keys, documents, tabs, line ends.
        &[
            "http:\n  routers:\n    r: {rule: a}\n",
            "x: 1\nhttp:\n  routers:\n    r: {rule: a}\n",
            "http:\n  routers:\n    r: {rule: b}\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a}\n",
            "---\nhttp:\n  routers:\n    r: {rule: a}\n",
            "http:\n  routers:\n    r: {rule: a}\n---\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a}\n",
            "http:\n  routers:\n    r: {rule:\ta}\n",
            "http:\r\n  routers:\r\n    r: {rule: a}\r\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a}",
            "http:\n  routers:\n    r: {rule: a}\n",
            "http:\n  routers:\n    r: {rule: b}",
        ],
        &[
            "http:\n  routers:\n    r:\n      rule: |+\n        a\n\n\n    s: {rule: b}\n",
            "http:\n  routers:\n    r:\n      rule: |+\n        a\n\n    s: {rule: b}\n",
        ],
        // Indentation.
        &[
            "http:\n routers:\n  r: {rule: a}\n",
            "http:\n routers:\n   r: {rule: a}\n",
            "http:\n  routers:\n   r: {rule: a}\n   s: {rule: a}\n",
        ],
        &[
            "http:\n routers:\n  r: {rule: a}\n  s: {rule: a}\n",
            "http:\n routers:\n  r: {rule: a}\n   s: {rule: a}\n",
        ],
        &[
            "http:\n  routers:\n    r:\n      rule: a\n",
            "http:\n  routers:\n    r:\n    rule: a\n",
            "http:\n  routers:\n  r:\n    rule: a\n",
        ],
        &[
            "http:\n  routers:\n    null: {rule: a}\n    r: {rule: a}\n",
            "http:\n  routers:\n    r: {rule: a}\n    null: {rule: a}\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a}\n",
            "http:\n  routers:\n    <<: {r: {rule: b}}\n    r: {rule: a}\n",
        ],
        &[
            "http:\n  routers:\n    r: {rule: a}\n",
            "http:\n  routers:\n    r: {rule: a}\n    - b\n",
            "http:\n  routers:\n    r: {rule: a}\n    ? s\n    : {rule: b}\n",
        ],
    ];
    for versions in cases {
        let mut incremental = IncrementalYaml::new();
        for text in versions.iter().chain(versions.iter().rev()) {
            let _ = check(&mut incremental, text);
        }
    }
}

/// Lines that documents are made of, the usual ones more often.
fn line() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a", "b", "c-1", "d.e", "Z", "5", "true", "null", "~", "\"q\"", "x y", "r@f",
    ]);
    let rule = prop::sample::select(vec![
        "Path(`/a`)",
        "\"Host(`h`) && Path(`/b`)\"",
        "'it''s'",
        "[x]",
        "{y: z}",
        "\"open",
        "&n v",
        "*n",
        "|",
        ">-",
        "!!str 5",
        "",
    ]);
    let extra = prop::sample::select(vec![
        "",
        ", ruleSyntax: v2",
        ", priority: x",
        ", rulez: y",
        ", tls: {}",
        "}",
        " # c",
    ]);
    prop_oneof![
        8 => (name.clone(), rule.clone(), extra).prop_map(|(n, r, e)| format!("    {n}: {{rule: {r}, service: s{e}}}")),
        3 => name.clone().prop_map(|n| format!("    {n}:")),
        3 => rule.prop_map(|r| format!("      rule: {r}")),
        2 => Just("      service: s".to_owned()),
        2 => prop::sample::select(vec!["  routers:", "  services:", "  middlewares:", "  Routers:", "  serversTransports:", "  x:"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["http:", "tcp:", "tls:", "HTTP:", "---", "...", "%YAML 1.2", "other: 1", "http: {}"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["", "# c", "    # c", "      text", "  \"}", "      - x", "\t", "    - y", "}"]).prop_map(str::to_owned),
        1 => (0usize..8, "[a-c:{}\\[\\]\"'#&*|>,\\- ]{0,12}").prop_map(|(n, s)| format!("{}{s}", " ".repeat(n))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_versions_are_as_the_full_load_says(
        start in prop::collection::vec(line(), 0..6),
        plain in 1usize..6,
        edits in prop::collection::vec((any::<prop::sample::Index>(), line(), 0..4), 1..8),
    ) {
        let mut lines: Vec<String> = vec!["http:".into(), "  routers:".into()];
        lines.extend((0..plain).map(|i| format!("    r{i}: {{rule: x{i}, service: s}}")));
        lines.extend(["  services:".to_owned(), "    s: {loadBalancer: {passHostHeader: true}}".to_owned()]);
        lines.extend(start);
        let mut incremental = IncrementalYaml::new();
        let _ = check(&mut incremental, &lines.join("\n"));
        for (index, line, action) in edits {
            let at = index.index(lines.len().max(1));
            match action {
                0 => lines.insert(at.min(lines.len()), line),
                1 if !lines.is_empty() => drop(lines.remove(at)),
                2 if !lines.is_empty() => lines[at] = line,
                // One change inside of a line.
                _ if !lines.is_empty() => lines[at] = lines[at].replacen('x', "y", 1),
                _ => {}
            }
            let _ = check(&mut incremental, &lines.join("\n"));
        }
    }
}
