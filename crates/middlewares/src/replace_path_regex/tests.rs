use crate::testing::{BAD_REQUEST, check_problems, check_sent};

fn check(cases: &[(&str, &str, &str, &str)]) {
    for (regex, replacement, request, expected) in cases {
        let middleware = format!("replacePathRegex: {{regex: '{regex}', replacement: '{replacement}'}}");
        check_sent(&middleware, &[(request, expected)]);
    }
}

#[test]
fn matches_are_replaced() {
    check(&[
        ("^/whoami/(.*)", "/who-am-i/$1", "GET /whoami", "GET /whoami"),
        (
            "^/whoami/(.*)",
            "/who-am-i/$1",
            "GET /whoami/a?x=1",
            "GET /who-am-i/a?x=1 | X-Replaced-Path: /whoami/a",
        ),
        ("/whoami", "/x", "GET /whoami/and/whoami", "GET /x/and/x | X-Replaced-Path: /whoami/and/whoami"),
        ("/whoami", "", "GET /whoami", "GET / | X-Replaced-Path: /whoami"),
        ("/whoami", " ", "GET /whoami", "GET / | X-Replaced-Path: /whoami"),
        (" ^/foo$ ", " /bar ", "GET /foo", "GET /bar | X-Replaced-Path: /foo"),
        ("^/foo$", "/foo", "GET /foo", "GET /foo | X-Replaced-Path: /foo"),
        ("^/foo$", "/bar/", "GET /foo", "GET /bar/ | X-Replaced-Path: /foo"),
        ("^(?i)/d/([^/]+)/([^/]+)$", "/d/$1-$2", "GET /D/a/b", "GET /d/a-b | X-Replaced-Path: /D/a/b"),
        ("^/(?P<word>[a-z]+)$", "/x-${word}-y", "GET /abc", "GET /x-abc-y | X-Replaced-Path: /abc"),
        ("^/([a-z]+)$", "/$1x", "GET /abc", "GET / | X-Replaced-Path: /abc"),
        ("^/a$", "/$$", "GET /a", "GET /$ | X-Replaced-Path: /a"),
        ("/$", "", "GET /a/", "GET /a | X-Replaced-Path: /a/"),
        ("^/a(.*)$", "/b$1", "GET /a?x=/a", "GET /b?x=/a | X-Replaced-Path: /a"),
    ]);
}

#[test]
fn expressions_see_the_escaped_path() {
    check(&[
        ("^/w/(.*)", "/v/$1", "GET /w/a%20b", "GET /v/a%20b | X-Replaced-Path: /w/a%20b"),
        ("/aaa%2Fbbb", "/foo/bar", "GET /aaa/bbb", "GET /aaa/bbb"),
        ("/aaa%2Fbbb", "/foo/bar", "GET /aaa%2fbbb", "GET /foo/bar | X-Replaced-Path: /aaa%2Fbbb"),
        ("/aaa/bbb", "/foo%2Fbar", "GET /aaa/bbb", "GET /foo%2Fbar | X-Replaced-Path: /aaa/bbb"),
        ("^/foo/(.*)", "/$1", "GET /foo/%08bar", "GET /%08bar | X-Replaced-Path: /foo/%08bar"),
        ("^/a/(.*)$", "/b?id=$1", "GET /a/7?x=1", "GET /b%3Fid=7?x=1 | X-Replaced-Path: /a/7"),
        ("^/(.*)$", "/é b/$1#h", "GET /x", "GET /%C3%A9%20b/x%23h | X-Replaced-Path: /x"),
        ("^/a/(.*)$", "/b%$1", "GET /a/2Fx", "GET /b%2Fx | X-Replaced-Path: /a/2Fx"),
        ("^/a%(.*)$", "/b$1", "GET /a%2Fx", "GET /b2Fx | X-Replaced-Path: /a%2Fx"),
    ]);
}

/// CVE-2026-65600: the released Traefik still forwards `x` and `%2Fx` as they are.
#[test]
fn the_result_is_clean() {
    check(&[
        ("^/foo(.*)", "/$1", "GET /foo../bar", BAD_REQUEST),
        ("^/foo(.*)", "$1", "GET /foo..", BAD_REQUEST),
        ("^/foo(.*)", "$1", "GET /foo%2e%2e/bar", BAD_REQUEST),
        ("^/foo(.*)", "$1", "GET /foox", BAD_REQUEST),
        ("^/foo(.*)", "$1", "GET /foo%2Fx", BAD_REQUEST),
        ("^/foo(.*)", "$1", "GET /foo/x", "GET /x | X-Replaced-Path: /foo/x"),
        ("^/foo(.*)", "$1", "GET /foo", "GET / | X-Replaced-Path: /foo"),
        ("^/foo(.*)", "$1", "GET /foo/a%2F..%2Fb", "GET /a%2F..%2Fb | X-Replaced-Path: /foo/a%2F..%2Fb"),
        ("^/foo(.*)", "$1", "GET /foo//x", "GET /x | X-Replaced-Path: /foo/x"),
        ("^/foo(.*)", "$1", "GET /foo//x | @raw: 1", BAD_REQUEST),
        ("^/foo(.*)", "$1", "GET /foo/../x | @raw: 1", BAD_REQUEST),
        ("^/(.*)$", "//$1", "GET /a", BAD_REQUEST),
        ("^/a/(.*)$", "/b/%2$1/c", "GET /a/e%252e", "GET /b/.%252e/c | X-Replaced-Path: /a/e%252e"),
        ("^/a/(.*)$", "/b/%2$1%2$1/c", "GET /a/e", BAD_REQUEST),
        ("", "/x", "GET /a", BAD_REQUEST),
    ]);
}

#[test]
fn broken_escapes_are_answered() {
    for (request, escape) in [("GET /a/zz", "%zz"), ("GET /a/2", "%2")] {
        let text = "Content-Type: text/plain; charset=utf-8 | X-Content-Type-Options: nosniff";
        let expected = format!("500 | {text} | \"invalid URL escape \\\"{escape}\\\"\\n\"");
        check(&[("^/a/(.*)$", "/b%$1", request, &expected)]);
    }
}

#[test]
fn bad_expressions() {
    check_problems(&[(
        "replacePathRegex: {regex: '^(?err)/x', replacement: /y}",
        "error parsing regexp: invalid or unsupported Perl syntax: `(?e`",
    )]);
}
