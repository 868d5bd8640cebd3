//! Tests of the loaders.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::Format;
use crate::node::{Node, ScalarKind, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::Source;

fn load(format: Format, text: &str) -> Result<Node, Vec<Problem>> {
    format.load(&Source::file("f", text))
}

/// A tree in one line: text in quotes, numbers and bools bare, with places if asked for.
fn shown(node: &Node, places: bool) -> String {
    let mut out = String::new();
    if places {
        let _ = write!(out, "@{}:{} ", node.span.line, node.span.column);
    }
    match &node.value {
        Value::Null => out.push('~'),
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Text => drop(write!(out, "{:?}", scalar.text)),
        Value::Scalar(scalar) => drop(write!(out, "{}", scalar.to_text())),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item, places)).collect();
            let _ = write!(out, "[{}]", items.join(", "));
        }
        Value::Map(map) => {
            let entries =
                map.entries.iter().map(|entry| format!("{}: {}", entry.key, shown(&entry.value, places)));
            let _ = write!(out, "{{{}}}", entries.collect::<Vec<_>>().join(", "));
        }
    }
    out
}

#[test]
fn yaml_values() {
    let cases = [
        ("", "~"),
        ("---\n", "~"),
        ("# c\n", "~"),
        ("a:\nb: ~\nc: null\nd: ''", "{a: ~, b: ~, c: ~, d: \"\"}"),
        ("{\"a\": [1, true, \"x\"]}", "{a: [1, true, \"x\"]}"),
        ("- yes\n- No\n- on\n- True\n- FALSE\n- tRUE", "[\"yes\", \"No\", \"on\", true, false, \"tRUE\"]"),
        ("[0, -0, +5, 010, 0o17, 0x1F, 0b11, 1_000, -0x10, 08]", "[0, 0, 5, 8, 15, 31, 3, 1000, -16, 8]"),
        (
            "[9223372036854775807, 9223372036854775808, 99999999999999999999]",
            "[9223372036854775807, 9223372036854775808, 100000000000000000000]",
        ),
        (
            "[1.10, 1., .5, 1e3, -2.5E-1, .inf, -.INF, .nan]",
            "[1.100000, 1, 0.500000, 1000, -0.250000, +Inf, -Inf, NaN]",
        ),
        (
            "[1.2.3, 1e, 0x, 0o8, '-', 12:30, 2020-01-01, _1, +, 1 2, .]",
            "[\"1.2.3\", \"1e\", \"0x\", \"0o8\", \"-\", \"12:30\", \"2020-01-01\", \"_1\", \"+\", \"1 2\", \".\"]",
        ),
        (
            "[\"1\", '2', !!str 3, !!int \"4\", !!null x, !custom 5, ! 6]",
            "[\"1\", \"2\", \"3\", 4, ~, \"5\", \"6\"]",
        ),
        ("5: a\ntrue: b\n1.5: c", "{5: \"a\", true: \"b\", 1.5: \"c\"}"),
        ("a: >-\n  x\n  y\nb: |\n  z\n", "{a: \"x y\", b: \"z\\n\"}"),
        ("a: 'it''s'\nb: \"q\\\"\\u00e9\"", "{a: \"it's\", b: \"q\\\"é\"}"),
        ("a: [\n  x\n]\n", "{a: [\"x\"]}"),
        ("a: &x {b: 1}\nc: *x", "{a: {b: 1}, c: {b: 1}}"),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", "{a: {b: 1, c: 2}, d: {c: 3, b: 1}}"),
        (
            "a: &x {b: 1}\ny: &y {b: 2, c: 3}\nd: {<<: [*x, *y]}",
            "{a: {b: 1}, y: {b: 2, c: 3}, d: {b: 1, c: 3}}",
        ),
        ("a: {\"<<\": 1}", "{a: {<<: 1}}"),
        ("&k a: 1\nb: *k", "{a: 1, b: \"a\"}"),
        ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"),
        ("\u{feff}a: 1", "{a: 1}"),
    ];
    for (text, expected) in cases {
        let node = load(Format::Yaml, text).unwrap_or_else(|e| panic!("{text:?}: {e:?}"));
        assert_eq!(shown(&node, false), expected, "{text:?}");
    }
}

#[test]
fn places() {
    let yaml = "http:\n  routers:\n    é: {rule: 'x', \"q\": [a]}\n    b:\n      - 1\n";
    assert_eq!(
        shown(&load(Format::Yaml, yaml).unwrap(), true),
        "@1:1 {http: @2:3 {routers: @3:5 {é: @3:8 {rule: @3:15 \"x\", q: @3:25 [@3:26 \"a\"]}, b: @5:7 [@5:9 1]}}}"
    );
    let toml = "[a]\nb = 'é'\n[a.c]\nd = [1, 0x1F]\n[[e]]\nf.g = true\n";
    assert_eq!(
        shown(&load(Format::Toml, toml).unwrap(), true),
        "@1:1 {a: @1:1 {b: @2:5 \"é\", c: @3:1 {d: @4:5 [@4:6 1, @4:9 31]}}, e: @5:1 [@5:1 {f: @6:1 {g: @6:7 true}}]}"
    );
}

#[test]
fn toml_values() {
    let cases = [
        ("", "~"),
        ("# c\n", "~"),
        (
            "a = 1_000\nb = 1.10\nc = inf\nd = -5\ne = 1979-05-27",
            "{a: 1000, b: 1.100000, c: +Inf, d: -5, e: \"1979-05-27\"}",
        ),
        ("z = 1\na = 2\n[m]\ny = 1\nb = 2", "{z: 1, a: 2, m: {y: 1, b: 2}}"),
        ("a = { b = 'c' }", "{a: {b: \"c\"}}"),
    ];
    for (text, expected) in cases {
        let node = load(Format::Toml, text).unwrap_or_else(|e| panic!("{text:?}: {e:?}"));
        assert_eq!(shown(&node, false), expected, "{text:?}");
    }
}

#[test]
fn syntax_errors_have_places() {
    let cases = [
        (Format::Yaml, "a: [1,\nb: 2\n", "f:1:4: invalid YAML: unclosed bracket '['"),
        (Format::Yaml, "a: 'x", "f:1:"),
        (Format::Yaml, "a:\n\t- b", "f:2:2: invalid YAML: tabs disallowed"),
        (Format::Yaml, "a: 1\n b: 2", "f:2:"),
        (Format::Yaml, "a: *x", "f:1:4: invalid YAML: "),
        (Format::Yaml, "a: &x [*x]", "f:1:8: the alias stands inside the value that it repeats"),
        (Format::Yaml, "a: {<<: 5}", "f:1:9: the merge key << needs a map or a list of maps"),
        (Format::Yaml, "[a]: 1", "f:1:1: a key must be text, not a list or map"),
        (Format::Yaml, "~: 1", "f:1:1: a key is missing here"),
        (Format::Yaml, "a: !!binary eA==", "f:1:13: binary values are not supported"),
        (Format::Yaml, "a: 1\n---\nb: 2\n", "f:3:1: a second document in one file; only one is allowed"),
        (Format::Toml, "[http", "f:1:6: invalid TOML: "),
        (Format::Toml, "a = 1\na = 2\n", "f:2:1: invalid TOML: duplicate key"),
        (Format::Toml, "a = yes\n", "f:1:5: invalid TOML: "),
    ];
    for (format, text, start) in cases {
        let problems = load(format, text).expect_err(text);
        assert_eq!(problems[0].kind, ProblemKind::Syntax);
        let message = problems[0].to_string();
        assert!(message.starts_with(start), "{text:?}: {message:?}");
    }
}

#[test]
fn every_duplicate_key_is_named() {
    let problems = load(Format::Yaml, "a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n").unwrap_err();
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "f:2:17: the key \"c\" is already defined at line 2",
            "f:3:1: the key \"a\" is already defined at line 1"
        ]
    );
    // The same in a map that is not searched pair by pair.
    let mut text: String = (0..100).fold(String::new(), |text, i| format!("{text}k{i}: 1\n"));
    text.push_str("k50: 1\n");
    let problems = load(Format::Yaml, &text).unwrap_err();
    assert_eq!(problems[0].to_string(), "f:101:1: the key \"k50\" is already defined at line 51");
}

#[test]
fn rendered_with_line_and_caret() {
    let problem = &load(Format::Yaml, "a: 1\n~: 1\n").unwrap_err()[0];
    assert_eq!(problem.render(), "f:2:1: a key is missing here\n     2 | ~: 1\n       | ^");
    let long = format!("{}: [~: 1, {{~: 2}}]", "x".repeat(300));
    let rendered = load(Format::Yaml, &format!("a: 1\n{long}")).unwrap_err()[0].render();
    let lines: Vec<&str> = rendered.lines().collect();
    let caret = lines[2].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[1].chars().nth(caret), Some('~'), "{rendered}");
    assert!(lines[1].chars().count() < 120, "{rendered}");
}

#[test]
fn bombs_and_towers_end_soon() {
    let laughs = (0..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, i| {
        format!("{text}a{}: &a{} [{}]\n", i + 1, i + 1, vec![format!("*a{i}"); 9].join(", "))
    });
    let tower = (0..5000)
        .fold("a0: &a0 [x]\n".to_owned(), |text, i| format!("{text}a{}: &a{} [*a{i}]\n", i + 1, i + 1));
    let cases: Vec<(&str, String)> = vec![
        ("laughs", laughs),
        ("tower of aliases", tower),
        ("open lists", "[".repeat(100_000)),
        ("open maps", "{a: ".repeat(50_000)),
        ("dashes", "- ".repeat(50_000)),
        ("keys", "? ".repeat(50_000)),
        ("colons", "a: ".repeat(50_000)),
        ("indents", (0..1000).map(|i| format!("{}a:\n", " ".repeat(i))).collect()),
        ("anchors", "&a ".repeat(50_000)),
        ("tags", "!!a ".repeat(50_000)),
        ("quotes", "\"a\" ".repeat(50_000)),
        ("commas", format!("[{}]", ",".repeat(100_000))),
        ("long scalar", "x".repeat(1_000_000)),
        ("long key", format!("{}: 1", "x".repeat(1_000_000))),
        ("blank lines", "\n".repeat(200_000)),
        ("spaces", " ".repeat(200_000)),
        ("comments", "#\n".repeat(100_000)),
        ("block scalar", format!("a: |\n{}", "\n".repeat(100_000))),
        ("merges", format!("a: &a {{b: 1}}\nc:\n{}", "  <<: *a\n".repeat(5000))),
        ("documents", "---\n".repeat(50_000)),
        ("many keys", (0..50_000).map(|i| format!("k{i}: v\n")).collect()),
        ("many equal keys", "k: v\n".repeat(3000)),
    ];
    for (name, text) in &cases {
        let start = Instant::now();
        let _ = load(Format::Yaml, text);
        assert!(start.elapsed() < Duration::from_secs(20), "YAML {name}: {:?}", start.elapsed());
    }
    for (name, text) in [
        ("open lists", format!("a = {}", "[".repeat(100_000))),
        ("open maps", format!("a = {}", "{a=".repeat(50_000))),
        ("dots", format!("{}a = 1", "a.".repeat(5_000))),
        ("tables", (0..20_000).map(|i| format!("[t{i}]\n")).collect()),
        ("equal tables", "[t]\n".repeat(5000)),
        ("arrays of tables", "[[t]]\n".repeat(20_000)),
    ] {
        let start = Instant::now();
        let _ = load(Format::Toml, &text);
        assert!(start.elapsed() < Duration::from_secs(20), "TOML {name}: {:?}", start.elapsed());
    }
}

#[test]
fn names_of_files() {
    let cases = [
        ("a.yml", Some(Format::Yaml)),
        ("/x/a.YAML", Some(Format::Yaml)),
        ("a.b.toml", Some(Format::Toml)),
        ("a.json", None),
        ("yml", None),
        ("a.yml.bak", None),
    ];
    for (name, expected) in cases {
        assert_eq!(Format::of_file_name(name), expected, "{name}");
    }
}
