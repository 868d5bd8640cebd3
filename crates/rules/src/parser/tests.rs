//! The grammar, the messages, and that nothing makes the parser panic.

use super::*;

static SIGNATURES: [Signature; 6] = [
    Signature { name: "Host", syntax: Syntax::V3, arguments: 1..=1, usage: "Host(`example.com`)" },
    Signature { name: "PathPrefix", syntax: Syntax::V3, arguments: 1..=1, usage: "PathPrefix(`/path`)" },
    Signature { name: "Header", syntax: Syntax::V3, arguments: 2..=2, usage: "Header(`name`, `value`)" },
    Signature { name: "Query", syntax: Syntax::V3, arguments: 1..=2, usage: "Query(`key`, `value`)" },
    Signature { name: "Host", syntax: Syntax::V2, arguments: 1..=usize::MAX, usage: "Host(`a`, `b`)" },
    Signature { name: "Headers", syntax: Syntax::V2, arguments: 2..=usize::MAX, usage: "Headers(`k`, `v`)" },
];

fn parsed(text: &str, syntax: Syntax) -> Result<Tree<Call>, RuleError> {
    parse(text, syntax, &Vocabulary::new(&SIGNATURES, &[]))
}

/// The tree as text: `&[…]`, `|[…]`, `!` and the calls with their values in quotes.
fn shape(tree: &Tree<Call>) -> String {
    let all = |children: &[Tree<Call>]| children.iter().map(shape).collect::<Vec<_>>().join(" ");
    match tree {
        Tree::And(children) => format!("&[{}]", all(children)),
        Tree::Or(children) => format!("|[{}]", all(children)),
        Tree::Leaf { negated, leaf } => {
            let values: Vec<&str> = leaf.arguments.iter().map(|argument| argument.value.as_str()).collect();
            let name = SIGNATURES[leaf.matcher].name;
            format!("{}{name}{values:?}", if *negated { "!" } else { "" })
        }
    }
}

#[test]
fn grammar() {
    let (a, b, c) = (r#"Host["a"]"#, r#"Host["b"]"#, r#"Host["c"]"#);
    for (text, expected) in [
        ("Host(`a`)", a.to_owned()),
        ("  HOST ( \"a\" , )  ", a.to_owned()),
        ("((host(`a`)))", a.to_owned()),
        ("Host(\n`a`,\n)\n\n", a.to_owned()),
        ("Host(`a`) // the a", a.to_owned()),
        ("/* two */ Host(`a`) &&\n\n Host(`b`)", format!("&[{a} {b}]")),
        ("Host(`a`)&&Host(`b`)||Host(`c`)", format!("|[&[{a} {b}] {c}]")),
        ("Host(`a`)||Host(`b`)&&Host(`c`)", format!("|[{a} &[{b} {c}]]")),
        ("(Host(`a`)||Host(`b`))&&Host(`c`)", format!("&[|[{a} {b}] {c}]")),
        ("Host(`a`)||(Host(`b`)||Host(`c`))", format!("|[{a} {b} {c}]")),
        ("!Host(`a`)&&Host(`b`)", format!("&[!{a} {b}]")),
        ("!!Host(`a`)", a.to_owned()),
        ("!(Host(`a`) && !Host(`b`) || Host(`c`))", format!("&[|[!{a} {b}] !{c}]")),
        ("!(Host(`a`)&&Host(`b`))||Host(`c`)", format!("|[!{a} !{b} {c}]")),
        ("Header(`X-A`,\"\\\"\\x41\")||Query(`k`)", "|[Header[\"X-A\", \"\\\"A\"] Query[\"k\"]]".to_owned()),
    ] {
        assert_eq!(parsed(text, Syntax::V3).map(|tree| shape(&tree)), Ok(expected), "{text:?}");
    }
    let v2 = parsed("Host(`a`,`b`)&&headers(`k`,`v`)", Syntax::V2).map(|tree| shape(&tree));
    assert_eq!(v2.as_deref(), Ok(r#"&[Host["a", "b"] Headers["k", "v"]]"#));
}

#[test]
fn spans_cover_call_and_arguments() {
    let text = "Query(`a`) && Query( `k`, \"v\" )";
    let Ok(Tree::And(children)) = parsed(text, Syntax::V3) else { panic!("not a conjunction") };
    let Tree::Leaf { leaf, .. } = &children[1] else { panic!("not a leaf") };
    assert_eq!(leaf.span.of(text), "Query( `k`, \"v\" )");
    let arguments: Vec<&str> = leaf.arguments.iter().map(|argument| argument.span.of(text)).collect();
    assert_eq!(arguments, ["`k`", "\"v\""]);
}

#[test]
fn errors_name_position_text_and_the_valid_form() {
    for (text, expected) in [
        ("", "1:1: rule is empty"),
        (" \n", "2:1: rule is empty"),
        (
            "rulewithnotmatcher",
            "1:1: rulewithnotmatcher is not a matcher call; known matchers: Host, PathPrefix, Header, Query",
        ),
        ("Host", "1:1: expected ( after Host; Host(`example.com`)"),
        ("Host `a`", "1:1: expected ( after Host; Host(`example.com`)"),
        (
            "Host:a.com",
            "1:5: expected ( after Host; this is the syntax of Traefik v1, write Host(`example.com`)",
        ),
        ("`a`", "1:1: a string alone is not a rule; put it into a matcher, such as Host(`a`)"),
        ("Hots(`a`)", "1:1: unknown matcher Hots; did you mean Host(`example.com`)?"),
        ("pathPrefix(`/a`)", "1:1: unknown matcher pathPrefix; write PathPrefix"),
        (
            "Headers(`a`, `b`)",
            "1:1: unknown matcher Headers; Headers belongs to the v2 rule syntax, in v3 write Header(`name`, `value`)",
        ),
        ("Host(example.com)", "1:6: argument is not a quoted string; Host(`example.com`)"),
        ("Host('example.com')", "1:6: argument is not a quoted string; Host(`example.com`)"),
        ("PathPrefix(/css)", "1:12: argument is not a quoted string; PathPrefix(`/css`)"),
        ("Header(X-A, `b`)", "1:8: argument is not a quoted string; Header(`X-A`, `b`)"),
        ("Header(`X-A`, ^(a|b)$ )", "1:15: argument is not a quoted string; Header(`X-A`, `^(a|b)$`)"),
        ("Host(1)", "1:6: argument is not a quoted string; Host(`1`)"),
        ("Host(,`a`)", "1:6: argument is not a quoted string; Host(``, `a`)"),
        (
            "Host(Host(`a`))",
            "1:6: argument is not a quoted string; an argument is one string; matchers cannot be nested",
        ),
        (
            "Host((`a`))",
            "1:6: argument is not a quoted string; an argument is one string; matchers cannot be nested",
        ),
        ("Host()", "1:1: Host takes 1 argument, not 0; Host(`example.com`)"),
        ("Host(`a`, \"b\")", "1:1: Host takes 1 argument, not 2; Host(`a`) || Host(\"b\")"),
        ("Header(`a`)", "1:1: Header takes 2 arguments, not 1; Header(`name`, `value`)"),
        ("Query(`a`,`b`,`c`)", "1:1: Query takes 1 or 2 arguments, not 3; Query(`key`, `value`)"),
        ("Host(``)", "1:6: Host has an empty argument"),
        ("Query(`a`, \"\")", "1:12: Query has an empty argument"),
        ("Host(`a`) & Host(`b`)", "1:11: expected && or ||, found &; write &&"),
        ("Host(`a`) | Host(`b`)", "1:11: expected && or ||, found |; write ||"),
        ("Host(`a`) AND Host(`b`)", "1:11: expected && or ||, found AND; write &&"),
        ("Host(`a`) or Host(`b`)", "1:11: expected && or ||, found or; write ||"),
        (
            "Host(`a`) == Host(`b`)",
            "1:11: expected && or ||, found ==; rules know the operators &&, || and !",
        ),
        ("Host(`a`), Host(`b`)", "1:10: expected && or ||, found ,"),
        ("Host(`a`) Host(`b`)", "1:11: expected && or ||, found Host"),
        ("Host(`a`);", "1:10: expected && or ||, found ;; rules know the operators &&, || and !"),
        ("not Host(`a`)", "1:1: expected a matcher, found not; write !"),
        ("&& Host(`a`)", "1:1: expected a matcher, found &&"),
        ("Host(`a`) ||", "1:13: rule ends where a matcher is expected"),
        ("-Host(`a`)", "1:1: expected a matcher, found -"),
        ("Host(`a`))", "1:10: parenthesis was never opened"),
        ("(Host(`a`)", "1:1: parenthesis is not closed"),
        ("Host(`a`", "1:5: parenthesis is not closed; add the closing )"),
        ("Host(", "1:5: parenthesis is not closed; add the closing )"),
        ("Host(`a", "1:6: string is not closed; add the closing back-quote"),
        ("Host(\"\\d\")", "1:7: unknown escape sequence; in back-quotes nothing needs to be escaped"),
        (
            "Host(`a` || `b`)",
            "1:10: || stands inside the arguments of Host; operators join matchers: Host(…) || Host(…)",
        ),
        ("Host(`a` + `b`)", "1:10: expected , or ), found +; an argument is one string in back-quotes"),
        (
            "Host(`a`\n)",
            "1:9: expected , or ) before the end of the line; close the parenthesis on this line, or put a comma behind the argument",
        ),
        (
            "Host(`a`)\n&& Host(`b`)",
            "1:10: the rule ends with this line, but there is more; put the operator at the end of the line, not at the start of the next",
        ),
        (
            "(Host(`a`)\n)",
            "1:11: the rule ends with this line, but there is more; put the operator at the end of the line, not at the start of the next",
        ),
        ("a.Host(`b`)", "1:1: a is not a matcher call; known matchers: Host, PathPrefix, Header, Query"),
        ("Host(`a`)(`b`)", "1:10: expected && or ||, found ("),
    ] {
        assert_eq!(
            parsed(text, Syntax::V3).map(|tree| shape(&tree)).map_err(|error| error.to_string()),
            Err(expected.to_owned()),
            "{text:?}"
        );
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let nested = |depth: usize| format!("{}Host(`a`){}", "(".repeat(depth), ")".repeat(depth));
    assert!(parsed(&nested(MAX_DEPTH), Syntax::V3).is_ok());
    for text in [nested(MAX_DEPTH + 1), "(".repeat(MAX_LENGTH), "!(".repeat(MAX_LENGTH / 2), nested(400_000)]
    {
        let error = parsed(&text, Syntax::V3).unwrap_err();
        assert_eq!(error.message, "more than 200 nested parentheses");
    }
    let error = parsed(&" ".repeat(MAX_LENGTH + 1), Syntax::V3).unwrap_err();
    assert_eq!(error.message, "rule has 1048577 bytes, more than 1048576");

    let negated = format!("{}Host(`a`)", "!".repeat(MAX_LENGTH - 9));
    assert_eq!(parsed(&negated, Syntax::V3).map(|tree| shape(&tree)).as_deref(), Ok(r#"!Host["a"]"#));
    let long = vec!["Host(`a`)"; 80_000].join("||");
    assert!(matches!(parsed(&long, Syntax::V3), Ok(Tree::Or(children)) if children.len() == 80_000));
    let many = format!("Host({})", "`a`,".repeat(250_000));
    assert!(parsed(&many, Syntax::V2).is_ok());
    assert!(parsed(&many, Syntax::V3).unwrap_err().help.unwrap().ends_with("Host(`a`) || …"));
}

#[test]
fn mutated_rules_never_panic() {
    let seeds = [
        "Host(`example.com`) && (PathPrefix(`/api`) || !Query(`k`, \"v\\n\"))",
        "Header(`X-A`, \"\\u00e9\\x41\") /* c */ ||\n Host(`é`) // d",
        "!(Host(`a`) && !PathPrefix(`/b`))\n&& Host('x', 1)",
    ];
    let pieces = [
        "`", "\"", "(", ")", "\\", "!", "&", "||", ",", "\n", "//", "/*", "*/", "é", "\0", "'", "Host",
        "\u{2028}", "9",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut accepted = 0;
    for round in 0..100_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..=random(4) {
            let (at, other) = (random(text.len()), random(text.len()));
            match random(3) {
                0 => drop(text.remove(at)),
                1 => drop(text.splice(at..at, pieces[random(pieces.len())].chars())),
                _ => text.swap(at, other),
            }
        }
        let text: String = text.into_iter().collect();
        for syntax in [Syntax::V2, Syntax::V3] {
            match parsed(&text, syntax) {
                Ok(_) => accepted += 1,
                Err(error) => assert!(error.render(&text).contains('^')),
            }
        }
    }
    assert!(accepted > 1000, "only {accepted} mutants were rules: the mutations are too wild to test much");
}
