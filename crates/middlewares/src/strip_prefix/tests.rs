use crate::testing::{BAD_REQUEST, check_problems, check_sent, exchange};

#[test]
fn a_prefix_is_taken_off_once() {
    check_sent(
        "stripPrefix: {prefixes: [/stat]}",
        &[
            ("GET /stat", "GET / | X-Forwarded-Prefix: /stat"),
            ("GET /stat/", "GET / | X-Forwarded-Prefix: /stat"),
            ("GET /stat/us", "GET /us | X-Forwarded-Prefix: /stat"),
            ("GET /status", "GET /us | X-Forwarded-Prefix: /stat"),
            ("GET /stat/stat", "GET /stat | X-Forwarded-Prefix: /stat"),
            ("GET /STAT/a", "GET /STAT/a"),
            ("GET /x/stat", "GET /x/stat"),
            ("GET //stat/a", "GET /a | X-Forwarded-Prefix: /stat"),
            ("GET /stat/%20x", "GET /%20x | X-Forwarded-Prefix: /stat"),
            ("GET /stat/a%3Fb?c=d", "GET /a%3Fb?c=d | X-Forwarded-Prefix: /stat"),
            ("GET /stat?b=/stat", "GET /?b=/stat | X-Forwarded-Prefix: /stat"),
            ("GET /stat;x=1/b", "GET /;x=1/b | X-Forwarded-Prefix: /stat"),
            ("GET /stat!x", "GET /!x | X-Forwarded-Prefix: /stat"),
            ("GET /stat%00", "GET /%00 | X-Forwarded-Prefix: /stat"),
            ("GET /stat%ffx", "GET /%FFx | X-Forwarded-Prefix: /stat"),
            ("GET /stat%5C..", "GET /%5C.. | X-Forwarded-Prefix: /stat"),
            ("GET /stat%252Fx", "GET /%252Fx | X-Forwarded-Prefix: /stat"),
            (
                "GET /stat/b | X-Forwarded-Prefix: /old",
                "GET /b | X-Forwarded-Prefix: /old | X-Forwarded-Prefix: /stat",
            ),
        ],
    );
}

#[test]
fn the_first_prefix_in_order_wins() {
    for (prefixes, request, expected) in [
        ("[/stat, /stat/us]", "GET /stat/us", "GET /us | X-Forwarded-Prefix: /stat"),
        ("[/stat/us, /stat]", "GET /stat/us", "GET / | X-Forwarded-Prefix: /stat/us"),
        ("[/mismatch, /stat]", "GET /stat", "GET / | X-Forwarded-Prefix: /stat"),
        ("[/]", "GET /a/b?x=1", "GET /a/b?x=1 | X-Forwarded-Prefix: /"),
        ("[/stat/]", "GET /status", "GET /status"),
        ("[/stat/]", "GET /stat/", "GET / | X-Forwarded-Prefix: /stat/"),
        ("[' /stat ']", "GET /stat/x", "GET /x | X-Forwarded-Prefix: /stat"),
        ("[stat]", "GET /stat/x", "GET /stat/x"),
        ("['']", "GET /stat/x", "GET /stat/x | X-Forwarded-Prefix: "),
        ("[]", "GET /a", "GET /a"),
    ] {
        check_sent(&format!("stripPrefix: {{prefixes: {prefixes}}}"), &[(request, expected)]);
    }
}

#[test]
fn prefixes_match_decoded_paths() {
    for (prefix, request, expected) in [
        ("/a b", "GET /a%20b/c%2Fd", "GET /c%2Fd | X-Forwarded-Prefix: /a b"),
        ("/é", "GET /%C3%A9/x", "GET /x | X-Forwarded-Prefix: /é"),
        ("/a%20b", "GET /a%20b/c", "GET /a%20b/c"),
        ("/a%20b", "GET /a%2520b/c", "GET /c | X-Forwarded-Prefix: /a%20b"),
        ("/a/b", "GET /a%2Fb/c", "GET /c | X-Forwarded-Prefix: /a/b"),
        ("/a/b", "GET /a%2Fb%2Fc", "GET /c | X-Forwarded-Prefix: /a/b"),
        ("/a%2Fb", "GET /a%2Fb/c", "GET /a%2Fb/c"),
        ("/a", "GET /a%2Fx", "GET /x | X-Forwarded-Prefix: /a"),
        ("/a", "GET /a%2Fx%2Fy", "GET /x/y | X-Forwarded-Prefix: /a"),
    ] {
        check_sent(&format!("stripPrefix: {{prefixes: ['{prefix}']}}"), &[(request, expected)]);
    }
}

/// CVE-2026-48020: what is left must not lead out of where the rule looked.
#[test]
fn what_is_left_is_clean() {
    check_sent(
        "stripPrefix: {prefixes: [/api]}",
        &[
            ("GET /api../foo", BAD_REQUEST),
            ("GET /api.", BAD_REQUEST),
            ("GET /api..", BAD_REQUEST),
            ("GET /api./x", BAD_REQUEST),
            ("GET /api%2e%2e/foo", BAD_REQUEST),
            ("GET /api%2F..%2Fx", BAD_REQUEST),
            ("GET /api%2f/x", BAD_REQUEST),
            ("GET /api//x | @raw: 1", BAD_REQUEST),
            ("GET /api/../x | @raw: 1", BAD_REQUEST),
            ("GET /api/x/../y | @raw: 1", BAD_REQUEST),
            ("GET /api// | @raw: 1", BAD_REQUEST),
            ("GET //api/x | @raw: 1", "GET //api/x"),
            ("GET /api/%2e%2e/foo", "GET /foo"),
            ("GET /api.foo", "GET /.foo | X-Forwarded-Prefix: /api"),
            ("GET /api/a%2F..%2Fb", "GET /a%2F..%2Fb | X-Forwarded-Prefix: /api"),
            ("GET /api/a%2F%2Fb", "GET /a%2F%2Fb | X-Forwarded-Prefix: /api"),
        ],
    );
}

#[test]
fn force_slash() {
    for (force, expected) in [(true, "GET /a/"), (false, "GET /a")] {
        let middlewares = format!(
            "strip: {{stripPrefix: {{prefixes: [/stat], forceSlash: {force}}}}}\nadd: {{addPrefix: {{prefix: /a}}}}"
        );
        let (server, _) = exchange(&middlewares, &["strip", "add"], "GET /stat", "200");
        assert_eq!(server.unwrap(), format!("{expected} | X-Forwarded-Prefix: /stat"), "forceSlash {force}");
    }
}

#[test]
fn bad_prefixes() {
    check_problems(&[("stripPrefix: {prefixes: [\"/a\\x01\"]}", "prefixes: \"/a\\u{1}\" has characters")]);
}
