//! Tests of the decode layer: value types, sections, lists, messages.

use std::collections::BTreeMap;

use super::{Context, Decode, FileOrContent, FreeForm, Marks, Section, config, walk};
use crate::duration::Duration;
use crate::node::{Node, Scalar, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};
use crate::{Format, Severity};

config! {
    /// A section to test with.
    pub struct Everything: "*test.Everything" {
        /// A bool.
        "flag" flag: bool,
        /// A number.
        "count" count: i64 = 7,
        /// Text.
        "text" text: String = "x".to_owned(),
        /// A ratio.
        "ratio" ratio: f64 = 0.5,
        /// A time.
        "time" time: Duration = Duration::from_secs(5),
        /// Perhaps a bool.
        "maybe" maybe: Option<bool>,
        /// Words.
        "words" words: Vec<String>,
        /// Numbers.
        "numbers" numbers: Vec<i64> = vec![1],
        /// Text by name.
        "names" names: BTreeMap<String, String>,
        /// A file.
        "file" file: FileOrContent,
        /// Inner ones.
        "list" list: Vec<Inner>,
        /// One that may be empty.
        "switch" [allow_empty] switch: Option<Inner>,
        /// One that may not be empty.
        "inner" inner: Inner,
        /// Inner ones by name.
        "byName" by_name: BTreeMap<String, Inner>,
        /// Anything.
        "free" free: Option<FreeForm>,
        /// Too old.
        "old" [deprecated("use text")] old: String,
        /// Without use.
        "vain" [no_effect("it changes nothing")] vain: bool,
        /// Too new.
        "new" [planned] new: i64 = 3,
    }
    legacy { "gone" => Removed("use text"), "idle" => Ignored("it never did anything") }

    /// An inner section.
    pub struct Inner: "*test.Inner" {
        /// A.
        "a" a: i64 = 1,
        /// B.
        "b" b: String,
    }
}

/// Decodes YAML below a path that is not the root.
fn decode(yaml: &str) -> (Option<Everything>, Vec<Problem>) {
    let node = Format::Yaml.load(&Source::file("f", yaml)).unwrap_or_else(|e| panic!("{yaml}: {e:?}"));
    let mut cx = Context::at(&["x"]);
    let decoded = cx_decode(&node, &mut cx);
    (decoded, cx.finish().0)
}

fn cx_decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Everything> {
    Everything::decode(node, cx)
}

#[test]
fn values() {
    type Check = fn(&Everything) -> bool;
    let cases: &[(&str, Check)] = &[
        ("{}", |e| *e == Everything::default() && e.count == 7 && e.text == "x"),
        ("{flag: true}", |e| e.flag),
        ("{flag: 1}", |e| e.flag),
        ("{FLAG: 't'}", |e| e.flag),
        ("{flag: F}", |e| !e.flag),
        ("{flag: }", |e| !e.flag),
        ("{count: -5}", |e| e.count == -5),
        ("{count: '5'}", |e| e.count == 5),
        ("{count: '+5'}", |e| e.count == 5),
        ("{count: 1.0}", |e| e.count == 1),
        ("{count: 1e3}", |e| e.count == 1000),
        ("{count: 0x10}", |e| e.count == 16),
        ("{count: }", |e| e.count == 7),
        ("{text: ''}", |e| e.text.is_empty()),
        ("{text: 5}", |e| e.text == "5"),
        ("{text: 1.10}", |e| e.text == "1.100000"),
        ("{text: ' a '}", |e| e.text == " a "),
        ("{ratio: 1}", |e| e.ratio == 1.0),
        ("{ratio: 0.1234567}", |e| e.ratio == 0.123_456_7),
        ("{ratio: '1e-3'}", |e| e.ratio == 0.001),
        ("{time: 10}", |e| e.time == Duration::from_secs(10)),
        ("{time: 1m}", |e| e.time == Duration::from_secs(60)),
        ("{time: -1s}", |e| e.time.is_negative()),
        ("{maybe: false}", |e| e.maybe == Some(false)),
        ("{words: [a, ' b ', 5]}", |e| e.words == ["a", "b", "5"]),
        ("{words: ['a,b']}", |e| e.words == ["a,b"]),
        ("{words: 'a, b,c'}", |e| e.words == ["a", "b", "c"]),
        ("{words: ''}", |e| e.words.is_empty()),
        ("{words: []}", |e| e.words.is_empty()),
        ("{words: {}}", |e| e.words.is_empty()),
        ("{numbers: '1, 2'}", |e| e.numbers == [1, 2]),
        ("{numbers: []}", |e| e.numbers.is_empty()),
        ("{names: {X-Y: 5, x-y: b, z: }}", |e| {
            e.names.len() == 2 && e.names["X-Y"] == "5" && e.names["x-y"] == "b"
        }),
        ("{file: a.pem}", |e| e.file.0 == "a.pem"),
        ("{list: [{a: 2}, {}, {b: x}]}", |e| e.list.iter().map(|i| i.a).eq([2, 1, 1])),
        ("{list: {k10: {a: 10}, k2: {a: 2}}}", |e| e.list.iter().map(|i| i.a).eq([10, 2])),
        ("{switch: {}}", |e| e.switch == Some(Inner::default())),
        ("{switch: true}", |e| e.switch.is_some()),
        ("{switch: True}", |e| e.switch.is_some()),
        ("{switch: ''}", |e| e.switch.is_some()),
        ("{switch: []}", |e| e.switch.is_some()),
        ("{switch: {a: }}", |e| e.switch.is_some()),
        ("{switch: false}", |e| e.switch.is_none()),
        ("{switch: no}", |e| e.switch.is_none()),
        ("{switch: }", |e| e.switch.is_none()),
        ("{inner: {b: y}}", |e| e.inner == Inner { a: 1, b: "y".into() }),
        ("{byName: {k: {}, l: true, m: , n: {a: 5}}}", |e| e.by_name.len() == 3 && e.by_name["n"].a == 5),
        ("{free: {a: [1, {b: 1.5}], c: }}", |e| {
            let text = |text: &str| FreeForm::Text(text.into());
            let inner = FreeForm::Map([("b".to_owned(), text("1.500000"))].into());
            e.free == Some(FreeForm::Map([("a".to_owned(), FreeForm::List(vec![text("1"), inner]))].into()))
        }),
        ("{new: 3}", |e| e.new == 3),
    ];
    for (yaml, check) in cases {
        let (decoded, problems) = decode(yaml);
        assert!(problems.is_empty(), "{yaml}: {problems:?}");
        assert!(decoded.as_ref().is_some_and(check), "{yaml}: {decoded:?}");
    }
}

#[test]
fn bad_values() {
    use ProblemKind::{BadValue, NotImplemented, Removed, Standalone, UnknownField};
    let cases: &[(&str, ProblemKind, &str, &str)] = &[
        (
            "{flag: yes}",
            BadValue,
            "f:1:8: invalid value \"yes\" for x.flag: expected a bool (true or false) (yes, no, on and off are plain text in YAML 1.2)",
            "strconv.ParseBool: parsing \"yes\": invalid syntax",
        ),
        (
            "{flag: tRUE}",
            BadValue,
            "f:1:8: invalid value \"tRUE\" for x.flag: expected a bool (true or false)",
            "ParseBool",
        ),
        ("{flag: ''}", BadValue, "invalid value \"\" for x.flag", "parsing \"\""),
        (
            "{count: 1.5}",
            BadValue,
            "invalid value \"1.5\" for x.count: expected an integer",
            "strconv.ParseInt: parsing \"1.500000\": invalid syntax",
        ),
        ("{count: 99999999999999999999}", BadValue, "expected an integer", "value out of range"),
        ("{count: 5k}", BadValue, "invalid value \"5k\"", "invalid syntax"),
        ("{count: [1]}", BadValue, "f:1:9: invalid value for x.count: expected an integer, found a list", ""),
        ("{count: {a: 1}}", BadValue, "found a map", ""),
        ("{text: [a]}", BadValue, "f:1:8: invalid value for x.text: expected text, found a list", ""),
        ("{text: {}}", BadValue, "expected text, found an empty map", ""),
        ("{ratio: x}", BadValue, "expected a number", "strconv.ParseFloat: parsing \"x\": invalid syntax"),
        (
            "{time: abc}",
            BadValue,
            "expected a duration (seconds, or a number with a unit such as 500ms, 10s, 1m30s)",
            "time: invalid duration \"abc\"",
        ),
        (
            "{time: 1.5}",
            BadValue,
            "invalid value \"1.5\" for x.time",
            "time: missing unit in duration \"1.500000\"",
        ),
        ("{words: {a: b}}", BadValue, "f:1:9: invalid value for x.words: expected a list, found a map", ""),
        ("{words: [[a]]}", BadValue, "f:1:10: invalid value for x.words[0]: expected text, found a list", ""),
        (
            "{words: [a, ~]}",
            BadValue,
            "f:1:13: invalid value for x.words[1]: expected a value, found null",
            "",
        ),
        (
            "{numbers: '1, b'}",
            BadValue,
            "invalid value \" b\" for x.numbers[1]: expected an integer",
            "parsing \"b\"",
        ),
        ("{names: {a: {b: c}}}", BadValue, "invalid value for x.names.a: expected text, found a map", ""),
        (
            "{names: {}}",
            Standalone,
            "f:1:2: x.names needs at least one name, found none; remove it or give it content",
            "names cannot be a standalone element",
        ),
        ("{names: 5}", Standalone, "x.names needs at least one name, found \"5\"", ""),
        ("{list: a}", BadValue, "invalid value for x.list: expected a list, found \"a\"", ""),
        (
            "{list: [a]}",
            BadValue,
            "f:1:9: invalid value for x.list[0]: expected a map of options, found \"a\"",
            "",
        ),
        ("{list: [{a: x}, {c: 1}]}", BadValue, "x.list[0].a", ""),
        (
            "{inner: {}}",
            Standalone,
            "f:1:2: x.inner needs at least one option",
            "inner cannot be a standalone element (type *test.Inner)",
        ),
        ("{inner: {a: }}", Standalone, "x.inner needs at least one option", ""),
        ("{inner: true}", Standalone, "x.inner needs at least one option, found \"true\"", ""),
        ("{inner: [a]}", BadValue, "f:1:9: invalid value for x.inner: expected a map, found a list", ""),
        ("{switch: [a]}", BadValue, "invalid value for x.switch: expected a map, found a list", ""),
        (
            "{byName: {k: y}}",
            BadValue,
            "invalid value for x.byName.k: expected a map of options, found \"y\"",
            "",
        ),
        (
            "{byName: {}}",
            Standalone,
            "x.byName needs at least one name",
            "byName cannot be a standalone element (type map[string]*test.Inner)",
        ),
        (
            "{flagg: true}",
            UnknownField,
            "f:1:2: unknown option \"flagg\" in x; did you mean \"flag\"? (accepted: flag, count, text,",
            "field not found, node: flagg",
        ),
        (
            "{inner: {zzz: 1}}",
            UnknownField,
            "f:1:10: unknown option \"zzz\" in x.inner (accepted: a, b)",
            "field not found, node: zzz",
        ),
        (
            "{gone: 1}",
            Removed,
            "f:1:2: the option x.gone no longer exists: use text",
            "field not found, node: gone",
        ),
        ("{new: 4}", NotImplemented, "f:1:2: x.new is not implemented yet in ferroway", ""),
        ("{text: a, TEXT: b}", BadValue, "f:1:11: the option \"TEXT\" is given twice in x", ""),
        ("[a]", BadValue, "f:1:1: invalid value for x: expected a map of options, found a list", ""),
    ];
    for &(yaml, kind, message, traefik) in cases {
        let (decoded, problems) = decode(yaml);
        assert!(decoded.is_none(), "{yaml}");
        let problem = problems.iter().find(|p| p.to_string().contains(message));
        let problem = problem.unwrap_or_else(|| panic!("{yaml}: {problems:#?}"));
        assert_eq!((problem.kind, problem.severity), (kind, Severity::Error), "{yaml}");
        assert!(problem.traefik.as_deref().unwrap_or_default().contains(traefik), "{yaml}: {problem:?}");
    }
}

#[test]
fn all_problems_are_collected() {
    let (_, problems) = decode("{count: a, list: [{a: b}, {a: c, d: 1}], words: [[x], [y]], flag: z}");
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        ["x.count", "x.list[0].a", "x.list[1].a", "x.list[1]", "x.words[0]", "x.words[1]", "x.flag"]
    );
}

#[test]
fn warnings_do_not_fail() {
    for (yaml, message) in [
        ("{old: a}", "f:1:2: x.old is deprecated: use text"),
        ("{vain: true}", "f:1:2: x.vain has no effect: it changes nothing"),
        ("{idle: a}", "f:1:2: the option x.idle has no effect: it never did anything"),
    ] {
        let (decoded, problems) = decode(yaml);
        assert!(decoded.is_some(), "{yaml}");
        let [problem] = &problems[..] else { panic!("{yaml}: {problems:?}") };
        assert_eq!((problem.severity, problem.to_string().as_str()), (Severity::Warning, message), "{yaml}");
    }
}

/// Labels, key/value stores, flags and variables have no lists: names of elements stand for them.
#[test]
fn keyed_lists_outside_of_files() {
    let span = Span::whole(&Source::other("label a.b of container c"));
    let text = |text: &str| Node::text(text, span.clone());
    let map = |entries: Vec<(&str, Node)>| {
        let entry =
            |(key, value): (&str, Node)| crate::Entry { key: key.into(), key_span: span.clone(), value };
        Node::new(Value::Map(crate::Map { entries: entries.into_iter().map(entry).collect() }), span.clone())
    };
    let node = map(vec![
        ("words", map(vec![("1", text("b")), ("0", text(" a ")), ("10", text("c"))])),
        ("list", map(vec![("[1]", map(vec![("a", text("5"))])), ("[0]", map(vec![("A", text("4"))]))])),
        ("switch", text("true")),
        ("numbers", text("4, 5")),
    ]);
    let mut cx = Context::at(&["x"]);
    let decoded = cx_decode(&node, &mut cx).unwrap();
    assert_eq!(decoded.words, ["a", "b", "c"]);
    assert!(decoded.list.iter().map(|inner| inner.a).eq([4, 5]));
    assert_eq!((decoded.numbers, decoded.switch), (vec![4, 5], Some(Inner::default())));
    let bad = map(vec![("count", text("y"))]);
    let mut cx = Context::at(&["x"]);
    assert!(cx_decode(&bad, &mut cx).is_none());
    let shown = cx.finish().0[0].to_string();
    assert_eq!(shown, "label a.b of container c: invalid value \"y\" for x.count: expected an integer");
    assert_eq!(Scalar::text("x").to_text(), "x");
}

#[test]
fn the_description_is_complete() {
    const SECTION: &Section = Everything::SECTION;
    let mut lines = Vec::new();
    walk(SECTION, &mut |visit| {
        lines.push(format!("{}={}", visit.path, (visit.field.default)()));
    });
    assert_eq!(
        lines,
        [
            "flag=false",
            "count=7",
            "text=x",
            "ratio=0.500000",
            "time=5",
            "maybe=",
            "words=",
            "numbers=1",
            "names.<name>=",
            "file=",
            "list=",
            "list[n].a=1",
            "list[n].b=",
            "switch=",
            "switch.a=1",
            "switch.b=",
            "inner=",
            "inner.a=1",
            "inner.b=",
            "byName.<name>=",
            "byName.<name>.a=1",
            "byName.<name>.b=",
            "free=",
            "old=",
            "vain=false",
            "new=3",
        ]
    );
    let (_, field) = SECTION.field("NEW").unwrap();
    assert_eq!(field.marks, Marks::NONE.planned());
    assert_eq!(field.doc.trim(), "Too new.");
    assert_eq!((SECTION.type_name, SECTION.doc.trim()), ("*test.Everything", "A section to test with."));
}
