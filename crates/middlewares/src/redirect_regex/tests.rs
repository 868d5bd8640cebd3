use crate::testing::{check_problems, check_sent, exchange};

fn check(cases: &[(&str, &str, &str, &str)]) {
    for (regex, replacement, request, expected) in cases {
        let middleware = format!("redirectRegex: {{regex: '{regex}', replacement: \"{replacement}\"}}");
        check_sent(&middleware, &[(request, expected)]);
    }
}

#[test]
fn expressions_see_the_whole_url() {
    const OLD: &str = "^http://([^/]+)/old(.*)$";
    const NEW: &str = "https://$1/new$2";
    check(&[
        (OLD, NEW, "GET http://foo/old", "302 | Location: https://foo/new | \"Found\""),
        (OLD, NEW, "GET http://foo/old/x?y=1", "302 | Location: https://foo/new/x?y=1 | \"Found\""),
        (OLD, NEW, "GET http://foo/old%2Fx", "302 | Location: https://foo/new%2Fx | \"Found\""),
        (OLD, NEW, "GET http://a:80/old", "302 | Location: https://a:80/new | \"Found\""),
        (OLD, NEW, "GET http://[::1]:80/old", "302 | Location: https://[::1]:80/new | \"Found\""),
        (OLD, NEW, "GET http://A.B/old", "302 | Location: https://A.B/new | \"Found\""),
        (OLD, NEW, "POST http://foo/old", "307 | Location: https://foo/new | \"Temporary Redirect\""),
        (OLD, NEW, "GET http://foo/other", "GET /other | Host: foo"),
        (OLD, NEW, "GET https://foo/old", "GET /old | Host: foo"),
        // What a proxy says of the scheme does not count here.
        (
            OLD,
            NEW,
            "GET http://foo/old | X-Forwarded-Proto: https",
            "302 | Location: https://foo/new | \"Found\"",
        ),
        ("^http://foo:80/", "http://port/", "GET http://foo:80/", "302 | Location: http://port/ | \"Found\""),
        ("^(.*)$", "$1", "GET http://foo/", "GET / | Host: foo"),
        ("o", "0", "GET http://foo/o", "302 | Location: http://f00/0 | \"Found\""),
        (
            r"^(?:http?:\/\/)(foo)(\.com)(:\d+)(.*)$",
            "https://${1}bar$2:443$4",
            "GET http://foo.com:80/",
            "302 | Location: https://foobar.com:443/ | \"Found\"",
        ),
        (
            "^http://(?P<h>[^/]+)/(?P<p>.*)$",
            "https://${h}/v2/${p}",
            "GET http://foo/a/b?c",
            "302 | Location: https://foo/v2/a/b?c | \"Found\"",
        ),
    ]);
}

#[test]
fn permanent() {
    check_sent(
        "redirectRegex: {regex: '^http://', replacement: 'https://$1', permanent: true}",
        &[
            ("GET http://foo/a?b=c", "301 | Location: https://foo/a?b=c | \"Moved Permanently\""),
            ("POST http://foo/", "308 | Location: https://foo/ | \"Permanent Redirect\""),
        ],
    );
}

#[test]
fn locations_are_urls() {
    for (replacement, expected) in [
        ("/new", "302 | Location: /new | \"Found\""),
        ("http://foo/caf\u{e9}", "302 | Location: http://foo/caf%C3%A9 | \"Found\""),
        ("http://foo/#frag", "302 | Location: http://foo/#frag | \"Found\""),
        ("HTTPS://foo/a b", "302 | Location: https://foo/a%20b | \"Found\""),
        ("", "302 | Location:  | \"Found\""),
        ("http://192.168.0.%31/", "502 | \"Bad Gateway\""),
        ("http://a b/", "502 | \"Bad Gateway\""),
        ("http://foo/%zz", "502 | \"Bad Gateway\""),
        ("http://foo/\\r\\nX: y", "502 | \"Bad Gateway\""),
    ] {
        check(&[("^http://.*$", replacement, "GET http://foo/x", expected)]);
    }
}

#[test]
fn an_emptied_path_is_a_slash() {
    let middlewares = "strip: {stripPrefix: {prefixes: [/api]}}\n\
                       redirect: {redirectRegex: {regex: '^http://a.test/$', replacement: 'http://b/'}}";
    let (_, client) = exchange(middlewares, &["strip", "redirect"], "GET /api", "200");
    assert_eq!(client, "302 | Location: http://b/ | \"Found\"");
}

#[test]
fn bad_expressions() {
    check_problems(&[(
        "redirectRegex: {regex: '^(.*', replacement: $1}",
        "error parsing regexp: missing closing ): `^(.*`",
    )]);
}
