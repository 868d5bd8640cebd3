//! What constructors refuse and warn of. What matchers match is in `tests/recorded.rs` and `tests/index.rs`.

use ferroway_rules::Syntax;

use crate::CompiledRule;

#[track_caller]
fn refused(rule: &str, syntax: Syntax) -> String {
    CompiledRule::compile(rule, syntax).map(|_| ()).expect_err(rule).to_string()
}

#[test]
fn errors_v3() {
    for (rule, expected) in [
        (
            "Host(`münchen.de`)",
            "1:6: host \"münchen.de\" is not ASCII; write international names in their xn-- form",
        ),
        ("HostRegexp(`é`)", "1:12: host \"é\" is not ASCII; write international names in their xn-- form"),
        ("HostRegexp(`(a`)", "1:12: error parsing regexp: missing closing ): `(a`"),
        ("Path(`a`)", "1:6: path \"a\" does not start with a '/'; write `/a`"),
        ("PathPrefix(`*`)", "1:12: path \"*\" does not start with a '/'; write `/*`"),
        ("PathRegexp(`a**`)", "1:12: error parsing regexp: invalid nested repetition operator: `**`"),
        (
            "HeaderRegexp(`X-A`, `(?=a)`)",
            "1:21: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
        ),
        ("QueryRegexp(`q`, `[`)", "1:18: error parsing regexp: missing closing ]: `[`"),
        (
            "ClientIP(`10.0.0.0/33`)",
            "1:10: \"10.0.0.0/33\" is neither an IP address nor a range of them; \
             write `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`",
        ),
        (
            "Headers(`a`, `b`)",
            "1:1: unknown matcher Headers; Headers belongs to the v2 rule syntax, in v3 write Header(`name`, `value`)",
        ),
        (
            "HostHeader(`a`)",
            "1:1: unknown matcher HostHeader; HostHeader belongs to the v2 rule syntax, in v3 write Host(`example.com`)",
        ),
        ("HostSNI(`a`)", "1:1: unknown matcher HostSNI; did you mean Host(`example.com`)?"),
        (
            "PathPrefixRegexp(`a`)",
            "1:1: unknown matcher PathPrefixRegexp; did you mean PathRegexp(`^/regexp$`)?",
        ),
        ("Host(`a`, `b`)", "1:1: Host takes 1 argument, not 2; Host(`a`) || Host(`b`)"),
        ("Path(`/`) && Host(`a`) && Path(`b`)", "1:32: path \"b\" does not start with a '/'; write `/b`"),
    ] {
        assert_eq!(refused(rule, Syntax::V3), expected, "{rule}");
    }
}

#[test]
fn errors_v2() {
    for (rule, expected) in [
        ("Path(`/a`, `b`)", "1:12: path \"b\" does not start with a '/'; write `/b`"),
        ("Path(`/{x`)", "1:6: unbalanced braces in \"/{x\""),
        ("PathPrefix(`/x}`)", "1:12: unbalanced braces in \"/x}\""),
        ("Path(`/{}`)", "1:6: missing name or pattern in {}"),
        ("HostRegexp(`{x:}`)", "1:12: missing name or pattern in {x:}"),
        ("HostRegexp(`{x:a)(b}`)", "1:12: error parsing regexp: unexpected ): `^a)(b$`"),
        ("Headers(`a`)", "1:1: arguments must come in pairs of name and value, not 1"),
        ("HeadersRegexp(`a`, `(`)", "1:20: error parsing regexp: missing closing ): `(`"),
        ("Query(`a`)", "1:7: parameter \"a\" has no value; write Query(`key=value`)"),
        ("Query(`a=b`, `c`)", "1:14: parameter \"c\" has no value; write Query(`key=value`)"),
        ("Query(`a={x}`, `b={x:c}`)", "1:16: duplicated variable \"x\""),
        ("Query(`a={`)", "1:7: unbalanced braces in \"a={\""),
        (
            "PathRegexp(`a`)",
            "1:1: unknown matcher PathRegexp; PathRegexp belongs to the v3 rule syntax, this is v2",
        ),
    ] {
        assert_eq!(refused(rule, Syntax::V2), expected, "{rule}");
    }
}

#[test]
fn warnings() {
    const TEMPLATE: &str = "v3 has no templates, braces are plain text here";
    for (rule, expected) in [
        ("Host(`http://a.com`)", "1:6: no host contains a slash, this never matches"),
        ("Host(`a.com:80`)", "1:6: the port is not part of the host that rules see, this never matches"),
        ("Host(`{x}.a.com`)", "1:6: v3 has no templates, this never matches"),
        ("Host(`*.*.com`)", "1:6: a wildcard stands for the whole first label only, this never matches"),
        ("Host(`*a.com`)", "1:6: a wildcard stands for the whole first label only, this never matches"),
        ("Host(`a.*.com`)", "1:6: a wildcard stands for the whole first label only, this never matches"),
        ("HostRegexp(`{x:[a-z]+}.com`)", &format!("1:12: {TEMPLATE}")),
        ("Path(`/users/{id}`)", &format!("1:6: {TEMPLATE}")),
        ("Path(`/a`) || PathPrefix(`/{x}`)", &format!("1:26: {TEMPLATE}")),
        ("PathRegexp(`/{id:[0-9]+}`)", &format!("1:12: {TEMPLATE}")),
        ("Path(`/a?b=c`)", "1:6: the query is not part of the path, this never matches"),
        ("Path(`/a%20b`)", "1:6: paths are compared in their decoded form, this never matches"),
        ("Path(`/a%2fb`)", "1:6: paths are compared in their decoded form, this never matches"),
        ("Query(`a=b`)", "1:7: this asks for a parameter with = in its name, that is the v2 syntax"),
        ("Header(`Host`, `a`)", "1:8: Host is not among the headers, this never matches"),
        ("HeaderRegexp(`x a`, `a`)", "1:14: no header can have this name, this never matches"),
    ] {
        let compiled = CompiledRule::compile(rule, Syntax::V3).expect(rule);
        let [warning] = compiled.warnings() else { panic!("{rule} has {:?}", compiled.warnings()) };
        assert!(warning.help.is_some(), "{rule}");
        assert_eq!(format!("{}: {}", warning.position, warning.message), expected, "{rule}");
    }
}

#[test]
fn no_warnings() {
    for rule in [
        "Host(`::1`) || Host(`fe80::1:80`) || Host(`*.a.com`) || Host(`*`)",
        r"PathRegexp(`^/\p{Greek}+\x{e9}a{2}$`) || HostRegexp(`^[a-z]{2,3}\.com$`)",
        "Path(`/a%2Fb/100%25`) || PathPrefix(`/a b/{`) || Query(`a`, `b=c`) || Path(`/%zz`)",
        "Header(`x-a`, `b`)",
    ] {
        let compiled = CompiledRule::compile(rule, Syntax::V3).expect(rule);
        assert_eq!(compiled.warnings(), [], "{rule}");
    }
    let compiled = CompiledRule::compile("Path(`/{x}`) && Query(`a=b`)", Syntax::V2).unwrap();
    assert_eq!(compiled.warnings(), []);
}
