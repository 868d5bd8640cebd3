//! The language and its functions against the real Traefik's answers, and errors and bounds of our own.

use std::fmt::Write as _;

use super::render;

/// One row a line: a template, a tab, and what Traefik 3.7.15 made of it in the zone America/New_York: a JSON text,
/// or `error`.
const FACTS: &str = include_str!("facts.tsv");

#[test]
fn facts() {
    let mut report = String::new();
    let mut rows = 0;
    for (template, expected) in FACTS.lines().filter_map(|line| line.rsplit_once('\t')) {
        rows += 1;
        let got = render(template);
        let right = match expected {
            "error" => got.is_err(),
            json => got.as_deref() == Ok(&serde_json::from_str::<String>(json).unwrap()),
        };
        if !right {
            writeln!(report, "{template}\n  expected {expected}\n  got      {got:?}").unwrap();
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(rows > 400, "{rows} rows");
}

/// Every function stands in a fact, so that none is there untried.
#[test]
fn every_function_has_a_fact() {
    let words: std::collections::HashSet<&str> =
        FACTS.split(|c: char| c != '_' && !c.is_alphanumeric()).collect();
    let untried: Vec<&str> = super::funcs::names().filter(|name| !words.contains(name)).collect();
    // What needs the environment, and what is not supported, has tests below.
    let elsewhere = [
        "env",
        "expandenv",
        "bcrypt",
        "htpasswd",
        "derivePassword",
        "genPrivateKey",
        "buildCustomCert",
        "genCA",
        "genCAWithKey",
        "genSelfSignedCert",
        "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey",
        "encryptAES",
        "decryptAES",
    ];
    assert_eq!(untried.iter().filter(|name| !elsewhere.contains(name)).count(), 0, "{untried:?}");
}

/// Where we differ from Traefik on purpose: the template, Traefik's answer and ours.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    // A computed integer is as good as a literal.
    (r#"{{ trunc (add 1 2) "abcdef" }}"#, "error", "abc"),
    // sprig takes bytes for characters here.
    (r#"{{ nospace "äö ü" }}"#, "Ã¤Ã¶Ã¼", "äöü"),
    // Go cuts between bytes.
    (r#"{{ trunc 2 "äö" }}{{ trunc 3 "äö" }}"#, "ä?", "ää"),
    // The library doubles the last connector.
    (r#"{{ camelcase "__" }}"#, "___", "__"),
    // Maps are not shared between variables.
    (r#"{{ $a := dict "x" 1 }}{{ $b := $a }}{{ $_ := set $b "y" 2 }}{{ $a }}"#, "map[x:1 y:2]", "map[x:1]"),
];

#[test]
fn differences() {
    for (template, traefik, ours) in DIFFERENCES {
        assert_ne!(traefik, ours);
        assert_eq!(render(template).as_deref(), Ok(*ours), "{template}");
    }
}

#[test]
fn a_text_without_actions_is_not_copied() {
    assert!(matches!(render("rule: Host(`a`) } }"), Ok(std::borrow::Cow::Borrowed(_))));
}

#[test]
fn environment() {
    // Cargo sets this one for every test.
    let name = "CARGO_PKG_NAME";
    let value = std::env::var(name).unwrap();
    let template = format!("{{{{ env {name:?} }}}}[{{{{ env \"NO_SUCH_VARIABLE\" }}}}]{{{{ env \"a=b\" }}}}");
    assert_eq!(render(&template).unwrap(), format!("{value}[]"));
    for (text, expected) in [
        (format!("a ${name} ${{{name}}}b $NO_SUCH_VARIABLE."), format!("a {value} {value}b .")),
        ("$$ 5$ ${} $1x ${unclosed".to_owned(), " 5$  x unclosed".to_owned()),
    ] {
        assert_eq!(render(&format!("{{{{ expandenv {text:?} }}}}")).unwrap(), expected, "{text}");
    }
}

/// The place and the words of an error.
#[test]
fn errors() {
    for (template, expected) in [
        ("a\nb: {{ .X }}", "2:7: false of type bool has no field X"),
        ("é {{ nope 1 }}", "1:6: function \"nope\" is not defined"),
        ("{{ trunc 3 }}", "1:4: trunc: expected 2 arguments, got 1"),
        ("{{ upper 3 }}", "1:4: upper: expected text, got 3"),
        ("{{ upper nil }}", "1:4: upper: expected text, got nil"),
        ("{{ first 5 }}", "1:4: first: expected a list, got 5"),
        ("{{ fail \"boom\" }}", "1:4: fail: boom"),
        (
            "{{ genCA \"x\" 1 }}",
            "1:4: genCA: not supported by ferroway; make the value outside of the template and read it with env",
        ),
        ("{{ if true }}\n{{ range list }}{{ end }}", "1:4: this block has no end"),
        ("x\n{{ end }}", "2:4: unexpected end or else, no block is open here"),
        ("{{ \"abc }}", "1:4: unterminated text, expected another \""),
        ("{{ 1", "1:5: unclosed action"),
        ("{{/* a", "1:1: unclosed comment"),
        ("{{ $x }}", "1:4: undefined variable $x"),
        ("{{ template \"t\" }}", "1:13: template \"t\" is not defined"),
        (
            "{{ mustRegexMatch \"[\" \"a\" }}",
            "1:4: mustRegexMatch: expected a regular expression, got \"[\": unclosed character class",
        ),
        (
            "{{ $_ := set (dict) \"a\" 1 }}",
            "1:10: set changes its first argument, which must be a variable here, such as $map",
        ),
        ("{{ lt 1 \"a\" }}", "1:4: lt: 1 and \"a\" cannot be compared"),
        ("{{ index (list 1) 3 }}", "1:4: index: index 3 is out of range, there are 1 elements"),
    ] {
        assert_eq!(render(template).unwrap_err().to_string(), expected, "{template}");
    }
}

/// Each of these would end the process or run for ever without a bound.
#[test]
fn bounds() {
    let nested_blocks = format!("{}{}", "{{ if true }}".repeat(5000), "{{ end }}".repeat(5000));
    let nested_parentheses = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    let define_calls =
        "{{ define \"r\" }}{{ with 1 }}{{ template \"r\" }}{{ end }}{{ end }}{{ template \"r\" }}";
    for (template, expected) in [
        (&*nested_blocks, "nested more than"),
        (&nested_parentheses, "nested more than"),
        (define_calls, "nested more than"),
        ("{{ range 1000000000 }}{{ end }}", "calls and iterations"),
        ("{{ $s := \"xxxxxxxx\" }}{{ range 40 }}{{ $s = print $s $s }}{{ end }}", "too large"),
        ("{{ $x := list }}{{ range 100000 }}{{ $x = list $x }}{{ end }}", "nested too deep"),
        ("{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}", "too large"),
        ("{{ $m := dict }}{{ range 100000 }}{{ $_ := set $m \"m\" $m }}{{ end }}", "nested too deep"),
        ("{{ until 999999999999 }}", "more than the"),
        ("{{ repeat 999999999999 \"ab\" }}", "more than the"),
        ("{{ indent 999999999999 \"ab\" }}", "more than the"),
        ("{{ randAlpha 999999999999 }}", "more than the"),
        ("{{ printf \"%1000000d\" (until 100000) }}", "too large"),
        ("{{ range 100000 }}{{ repeat 100000 \"x\" }}{{ end }}", "output passes"),
    ] {
        let error = render(template).unwrap_err();
        assert!(error.message.contains(expected), "{:.60}: {error}", template);
    }
}

/// No text makes the parser or the executor panic: every fact with one character changed or everything behind cut.
#[test]
fn damaged_templates_do_not_panic() {
    const DAMAGES: [&str; 8] = ["", "}}", "\"", "(", "-", "$", "é", "|"];
    for (template, _) in FACTS.lines().filter_map(|line| line.rsplit_once('\t')) {
        for ((at, c), damage) in template.char_indices().zip(DAMAGES.iter().cycle()) {
            let (before, behind) = (&template[..at], &template[at + c.len_utf8()..]);
            let _ = super::parse::parse(&format!("{before}{damage}{behind}"));
            let _ = super::parse::parse(before);
        }
    }
}
