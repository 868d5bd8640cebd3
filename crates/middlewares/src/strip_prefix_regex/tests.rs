use crate::testing::{BAD_REQUEST, check_problems, check_sent};

fn check(cases: &[(&str, &str, &str)]) {
    for (regex, request, expected) in cases {
        check_sent(&format!("stripPrefixRegex: {{regex: {regex}}}"), &[(request, expected)]);
    }
}

#[test]
fn the_first_match_at_the_start_is_taken_off() {
    check(&[
        ("[/a/api/]", "GET /a/api/test", "GET /test | X-Forwarded-Prefix: /a/api/"),
        ("[/a/api/]", "GET /a/api/test/", "GET /test/ | X-Forwarded-Prefix: /a/api/"),
        ("['/b/([a-z0-9]+)/']", "GET /b/api/", "GET / | X-Forwarded-Prefix: /b/api/"),
        ("['/b/([a-z0-9]+)/']", "GET /b/api", "GET /b/api"),
        ("['/b/([a-z0-9]+)/']", "GET /b/ap%69/a%2Fb", "GET /a%2Fb | X-Forwarded-Prefix: /b/api/"),
        ("['/c/[a-z0-9]+/[0-9]+/']", "GET /c/api/123", "GET /c/api/123"),
        ("['/t /test']", "GET /t%20/test/a%2Fb", "GET /a%2Fb | X-Forwarded-Prefix: /t /test"),
        ("[/api]", "GET /v1/api/x", "GET /v1/api/x"),
        ("[/api]", "GET /api/x?y", "GET /x?y | X-Forwarded-Prefix: /api"),
        ("['^/v[0-9]+']", "GET /v12/x", "GET /x | X-Forwarded-Prefix: /v12"),
        ("[/x, /y+]", "GET /yy/z", "GET /z | X-Forwarded-Prefix: /yy"),
        ("['/z?', /x]", "GET /x/y", "GET /x/y | X-Forwarded-Prefix: /"),
        ("[' /a ']", "GET /a/b", "GET /b | X-Forwarded-Prefix: /a"),
        ("[^]", "GET /a", "GET /a"),
        ("['']", "GET /a", "GET /a"),
        ("[]", "GET /a", "GET /a"),
    ]);
}

#[test]
fn expressions_see_the_decoded_path() {
    check(&[
        ("['/.*b']", "GET /a%2Fb/c", "GET /c | X-Forwarded-Prefix: /a/b"),
        ("['/.*b']", "GET /%C3%A9b/c", "GET /c | X-Forwarded-Prefix: /éb"),
        ("['/.*b']", "GET /a%FFb/c", "GET /c | X-Forwarded-Prefix: /a\u{fffd}b"),
        ("['/.*b']", "GET /a%0Ab/c", "GET /a%0Ab/c"),
        ("['^/.']", "GET /%FFx", "GET /x | X-Forwarded-Prefix: /\u{fffd}"),
        ("['^/.']", "GET /%C3%A9x", "GET /x | X-Forwarded-Prefix: /é"),
        ("['^/.']", "GET /%C3x", "GET /x | X-Forwarded-Prefix: /\u{fffd}"),
        ("['^/.']", "GET /%EF%BF%BDx", "GET /x | X-Forwarded-Prefix: /\u{fffd}"),
        ("['^/..']", "GET /%E2%82x", "GET /x | X-Forwarded-Prefix: /\u{fffd}"),
        ("[^/api]", "GET /api%2Fx", "GET /x | X-Forwarded-Prefix: /api"),
    ]);
}

/// CVE-2026-40912: the decoded and the escaped path agree.
#[test]
fn what_is_left_is_clean() {
    check(&[
        ("[/api]", "GET /api../foo", BAD_REQUEST),
        ("['/spr/[a-z0-9]+']", "GET /spr/x%2e%2e/admin", BAD_REQUEST),
        ("['/spr/[a-z0-9]+']", "GET /spr/x/../../admin", "GET /admin"),
        ("[^/api]", "GET /api%2F..%2Fx", BAD_REQUEST),
        ("['/.*b']", "GET /b/../c | @raw: 1", BAD_REQUEST),
        ("['/.*b']", "GET /b//c | @raw: 1", BAD_REQUEST),
        ("['(?s)/.*b']", "GET /a%0Ab/c", BAD_REQUEST),
    ]);
}

#[test]
fn bad_expressions() {
    check_problems(&[(
        "stripPrefixRegex: {regex: ['(/a']}",
        "error parsing regexp: missing closing ): `(/a`",
    )]);
}
