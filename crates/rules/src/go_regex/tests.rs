//! Each difference between Go's syntax and Rust's; the expected values are what Go 1.26 answers.

use super::*;

#[track_caller]
fn compiled(pattern: &str) -> GoRegex {
    GoRegex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

#[test]
fn matches() {
    for (pattern, matching, other) in [
        // Unanchored, leftmost-first.
        ("b", &["abc", "b"][..], &["", "a"][..]),
        ("^a$", &["a"], &["a\n", "\na", "ab"]),
        // Perl classes and word boundaries are ASCII.
        (r"^\d+$", &["09"], &["٣", ""]),
        (r"^\w$", &["a", "_", "9"], &["é", "ſ"]),
        (r"^\W$", &["é", "-"], &["a"]),
        (r"^\s$", &["\t", "\x0c"], &["\x0b", "\u{a0}"]),
        (r"^[\d\S]$", &["5", "x", "\u{a0}"], &[" "]),
        (r"\bé", &["aé"], &["é", " é"]),
        (r"^\Bé\B$", &["é"], &["a"]),
        // Case folding is Unicode's, also of ASCII classes.
        ("(?i)^k$", &["k", "K", "\u{212a}"], &["c"]),
        (r"(?i)^\w$", &["ſ", "\u{212a}"], &["é"]),
        ("(?i)^[a-c]É$", &["Bé", "cÉ"], &["d"]),
        ("^a(?i)b(?-i)c$", &["abc", "aBc"], &["Abc", "abC"]),
        ("^(?i:a)b$", &["Ab"], &["AB"]),
        // Literals that Rust gives a meaning.
        (r"^\<a\>$", &["<a>"], &["a"]),
        (r"^\Qa.b\E+$", &["a.b", "a.bb"], &["axb", "a.ba.b"]),
        (r"\Q(", &["("], &[""]),
        (r"^\_\-\ \#\/\&\~$", &["_- #/&~"], &[]),
        ("^a{,5}$", &["a{,5}"], &["a", "aaa"]),
        ("^{a}{x}{1x}{02}$", &["{a}{x}{1x}{02}"], &[]),
        ("^]}$", &["]}"], &[]),
        // Escapes.
        (r"^\101\0\x41\x{e9}\a\f\n\r\t\v$", &["A\0Aé\x07\x0c\n\r\t\x0b"], &[]),
        (r"^\x{d800}$", &[], &["\u{fffd}", ""]),
        // Brackets hold no sets.
        ("^[a&&b]+$", &["a&b"], &["c"]),
        ("^[!--~~]+$", &["#-~"], &["b"]),
        ("^[[a]+$", &["[a"], &["]"]),
        ("^[]a]+$", &["]a"], &["["]),
        ("^[^]a]$", &["b", "\n", "é"], &["]", "a"]),
        ("^[a-]+$", &["a-"], &["b"]),
        (r"^[\]\\\x{e9}-\x{eb}#]+$", &[r"]\éêë#"], &["f"]),
        ("^[[:alpha:][:^ascii:]]+$", &["aé"], &["1"]),
        (r"^[^\x00-\x{10FFFF}]$", &[], &["a", "\u{10ffff}"]),
        (r"^[\x{d800}-\x{e000}]$", &["\u{e000}"], &["\u{d7ff}"]),
        (r"^[^\x{d900}]$", &["a"], &[""]),
        (r"^[\d-z]+$", &["1-z"], &["a"]),
        // Unicode classes: categories, scripts, aliases, loose names.
        (r"^\pL\PL\p{^L}\p{Greek}$", &["a11α"], &["aa1α"]),
        (r"^\p{lu}\p{Letter}[\p{Any}]$", &["Aa\n"], &["aa1"]),
        (r"(?i)^\p{Lu}$", &["a"], &["1"]),
        // Flags.
        ("^a.b$", &["a\u{fffd}b", "aéb"], &["a\nb", "ab"]),
        ("(?s)^a.b$", &["a\nb"], &["ab"]),
        ("(?m)^a$", &["b\na\nc"], &["ba"]),
        (r"(?m)\Aa\z", &["a"], &["b\na"]),
        ("(?)a(?-i)b", &["ab"], &["AB"]),
        // Repetition: flags are no operand, and do not part an operator from its operand.
        ("^a(?i)*$", &["", "aa"], &["A"]),
        ("^a*(?i)*$", &["aa"], &["b"]),
        ("^(a{10}){100}$", &[&"a".repeat(1000)], &[&"a".repeat(999)]),
        ("^*a", &["a"], &["b"]),
        ("a||b|", &["", "x"], &[]),
        // Groups may have any name, also the same.
        ("^(?P<1>a)(?<x>b)(?P<x>c)$", &["abc"], &[]),
    ] {
        let regex = compiled(pattern);
        for text in matching {
            assert!(regex.is_match(text), "{pattern:?} must match {text:?}");
        }
        for text in other {
            assert!(!regex.is_match(text), "{pattern:?} must not match {text:?}");
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_match_as_one_character_each() {
    let regex = compiled("^b.c$");
    for (text, expected) in
        [(&b"b\xffc"[..], true), (b"b\xc3\xa9c", true), (b"b\xe2\x82c", false), (b"bc", false)]
    {
        assert_eq!(regex.is_match_bytes(text), expected, "{text:x?}");
    }
}

#[test]
fn errors_are_those_of_go() {
    for (pattern, expected) in [
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("b[]", "missing closing ]: `[]`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("(?i)*?", "missing argument to repetition operator: `*?`"),
        ("a|+", "missing argument to repetition operator: `+`"),
        ("(?:{2})", "missing argument to repetition operator: `{2}`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("xa+?*", "invalid nested repetition operator: `+?*`"),
        ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}?", "invalid repeat count: `{2,1}`"),
        ("a{99999999999}", "invalid repeat count: `{99999999999}`"),
        ("(a{10}){101}", "invalid repeat count: `{101}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<!a)", "invalid named capture: `(?<!a)`"),
        ("(?P=n)", "invalid or unsupported Perl syntax: `(?P`"),
        ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
        ("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<n m>a)", "invalid named capture: `(?P<n m>`"),
        (r"\1", r"invalid escape sequence: `\1`"),
        (r"a\Z", r"invalid escape sequence: `\Z`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"\é", r"invalid escape sequence: `\é`"),
        (r"\x4é", r"invalid escape sequence: `\x4é`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
        (r"\x{}", r"invalid escape sequence: `\x{}`"),
        (r"[\b]", r"invalid escape sequence: `\b`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
        (r"\p{Alphabetic}", r"invalid character class range: `\p{Alphabetic}`"),
        (r"\p{gc=L}", r"invalid character class range: `\p{gc=L}`"),
        (r"\pX", r"invalid character class range: `\pX`"),
    ] {
        let error = GoRegex::new(pattern).expect_err(pattern);
        assert_eq!(error.to_string(), format!("error parsing regexp: {expected}"), "{pattern:?}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    for (pattern, expected) in [
        ("(".repeat(100_000), "expression nests too deeply"),
        ("(?:".repeat(101) + &")".repeat(101), "expression nests too deeply"),
        ("(?:".repeat(51) + "a" + &")*".repeat(51), "expression nests too deeply"),
        ("a*".to_owned() + &"(?i)*".repeat(100), "expression nests too deeply"),
        (r"\pL{500}".to_owned(), "expression too large"),
        ("a".repeat(300_000) + "[", "missing closing ]"),
    ] {
        let error = GoRegex::new(&pattern).unwrap_err().to_string();
        assert!(error.contains(expected) && error.len() < 400, "{error}");
    }
    let deep = format!("{}a{}", "(b|c".repeat(50).replace("b|c", "a|b"), ")+".repeat(50));
    assert!(compiled(&deep).is_match("aaa"));
}

#[test]
fn replacement_templates() {
    let cases = [
        ("(a)(?P<name>b)?", "xabya", "[$1]", "x[a]y[a]"),
        ("(a)(?P<name>b)?", "xabya", "[$name]", "x[b]y[]"),
        ("(a)(?P<name>b)?", "ab", "${name}$0$$1", "bab$1"),
        // The longest name: no group is called 1x.
        ("(a)", "ab", "$1x", "b"),
        ("(a)", "ab", "${1}x", "axb"),
        ("(a)", "ab", "$1é$1-$2", "a-b"),
        // What is no reference stays.
        ("(a)", "ab", "$ $", "$ $b"),
        ("(a)", "ab", "${1", "${1b"),
        ("(a)", "ab", "${}${-}", "${}${-}b"),
        ("(a)", "ab", "$01$9$-", "$-b"),
        ("(?P<n>a)|(?P<n>b)", "ab", "<$n>", "<a><b>"),
        // An empty match right behind a match is none.
        ("a*", "baaac", "X", "XbXcX"),
        ("", "aé", "-", "-a-é-"),
        ("^/foo(.*)$", "/foo/bar", "/x$1?y=$1", "/x/bar?y=/bar"),
        ("^http://(?P<h>[^/]+)/(.*)", "http://a.b/c?d", "https://${h}:8443/$2", "https://a.b:8443/c?d"),
        ("x", "abc", "$0", "abc"),
    ];
    for (pattern, text, template, expected) in cases {
        assert_eq!(
            compiled(pattern).replace_all(text, &Replacement::parse(template)),
            expected,
            "{pattern} {text} {template}"
        );
    }
    assert!(matches!(compiled("x").replace_all("abc", &Replacement::parse("y")), Cow::Borrowed(_)));
    assert_eq!(compiled("b+").find("abbc"), Some(1..3));
    assert_eq!(compiled("x").find("abbc"), None);
}

#[test]
fn literals() {
    let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    for (pattern, expected) in [
        ("^/api", Literals::Prefix(bytes(&["/api"]))),
        ("^/(css|js)", Literals::Prefix(bytes(&["/css", "/js"]))),
        (r"^/users/\d+$", Literals::Prefix(bytes(&["/users/"]))),
        (r"^foo\.com$", Literals::Exact(bytes(&["foo.com"]))),
        (r"^(a|b)\.com$", Literals::Exact(bytes(&["a.com", "b.com"]))),
        (r"^[a-z0-9-]+\.example\.com$", Literals::Suffix(bytes(&[".example.com"]))),
        (r"\.(png|jpg)$", Literals::Suffix(bytes(&[".png", ".jpg"]))),
        ("(?i)^/ab", Literals::Prefix(bytes(&["/AB", "/Ab", "/aB", "/ab"]))),
        ("^.*$", Literals::Any),
        ("^(|a)$", Literals::Any),
        ("(?m)^a$", Literals::Any),
        ("^a|b", Literals::Any),
        ("api", Literals::Any),
    ] {
        assert_eq!(compiled(pattern).literals(), expected, "{pattern}");
    }
}
