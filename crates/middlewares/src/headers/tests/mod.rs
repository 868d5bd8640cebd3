mod cors;
mod custom;
mod secure;

use crate::testing::{check_problems, exchange, received};

/// Compares what the client gets: options, request, the server's response, expected.
fn check_received(cases: &[(&str, &str, &str, &str)]) {
    for (options, request, response, expected) in cases {
        let received = received(&format!("headers: {{{options}}}"), request, response);
        assert_eq!(received, *expected, "{request} and {response} through {options}");
    }
}

#[test]
fn something_must_be_set() {
    check_problems(&[
        ("headers: {frameDeny: false}", "headers configuration not valid"),
        ("headers: {accessControlAllowHeaders: []}", "headers configuration not valid"),
        ("headers: {sslRedirect: true}", "it can be built"),
        ("headers: {featurePolicy: a}", "it can be built"),
        ("headers: {isDevelopment: true}", "it can be built"),
    ]);
}

#[test]
fn the_outer_part_wins() {
    check_received(&[
        (
            "frameDeny: true, customResponseHeaders: {X-Frame-Options: mine}",
            "GET /",
            "200 | X-Frame-Options: theirs",
            "200 | X-Frame-Options: mine",
        ),
        (
            "accessControlAllowOriginList: ['*'], addVaryHeader: true, \
             customResponseHeaders: {Access-Control-Allow-Origin: mine, Vary: mine}",
            "GET /",
            "200 | Vary: theirs",
            "200 | Access-Control-Allow-Origin: * | Vary: mine,Origin",
        ),
        // A refused host is not seen by the inner part, but the outer ones complete the answer.
        (
            "allowedHosts: [foo.com], frameDeny: true, customResponseHeaders: {X-A: '1'}, accessControlAllowOriginList: ['*']",
            "GET http://evil.com/",
            "200",
            "500 | Access-Control-Allow-Origin: * | Content-Type: text/plain; charset=utf-8 | X-A: 1 \
             | X-Content-Type-Options: nosniff | \"Bad Host\\n\"",
        ),
        (
            "allowedHosts: [evil.com], customRequestHeaders: {Host: foo.com}",
            "GET http://evil.com/",
            "200",
            "500 | Content-Type: text/plain; charset=utf-8 | X-Content-Type-Options: nosniff | \"Bad Host\\n\"",
        ),
    ]);
}

#[test]
fn responses_of_inner_middlewares_are_completed() {
    let middlewares = "\
out: {headers: {customResponseHeaders: {X-Out: '1'}}}
deny: {ipAllowList: {sourceRange: [1.1.1.1]}}
cors: {headers: {accessControlAllowOriginList: [http://o], customResponseHeaders: {X-In: '1'}}}";
    let preflight = "OPTIONS / | Origin: http://o | Access-Control-Request-Method: PUT";
    for (names, request, expected) in [
        (["out", "deny"], "GET /", "403 | X-Out: 1 | \"Forbidden\""),
        (["deny", "out"], "GET /", "403 | \"Forbidden\""),
        (["out", "cors"], preflight, "200 | Access-Control-Allow-Origin: http://o | X-Out: 1"),
    ] {
        assert_eq!(exchange(middlewares, &names, request, "200").1, expected, "{names:?}");
    }
}
