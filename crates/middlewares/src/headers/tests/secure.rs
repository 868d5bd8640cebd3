use super::check_received;
use crate::testing::{check_problems, check_sent, received};

const BAD_HOST: &str =
    "500 | Content-Type: text/plain; charset=utf-8 | X-Content-Type-Options: nosniff | \"Bad Host\\n\"";

#[test]
fn fixed_fields() {
    for (options, expected) in [
        ("frameDeny: true", "X-Frame-Options: DENY"),
        ("frameDeny: true, customFrameOptionsValue: SAMEORIGIN", "X-Frame-Options: SAMEORIGIN"),
        ("customFrameOptionsValue: SAMEORIGIN", "X-Frame-Options: SAMEORIGIN"),
        ("contentTypeNosniff: true", "X-Content-Type-Options: nosniff"),
        ("browserXssFilter: true", "X-Xss-Protection: 1; mode=block"),
        ("browserXssFilter: true, customBrowserXSSValue: 1; report=x", "X-Xss-Protection: 1; report=x"),
        ("contentSecurityPolicy: \"default-src 'self'\"", "Content-Security-Policy: default-src 'self'"),
        ("contentSecurityPolicy: \"a;\\nb\\n\"", "Content-Security-Policy: a; b"),
        ("contentSecurityPolicyReportOnly: none", "Content-Security-Policy-Report-Only: none"),
        ("referrerPolicy: same-origin", "Referrer-Policy: same-origin"),
        ("permissionsPolicy: camera=()", "Permissions-Policy: camera=()"),
    ] {
        check_received(&[(options, "GET /", "200 | X-Frame-Options: x", &{
            let name = expected.split(':').next().unwrap();
            let kept = if name == "X-Frame-Options" { "" } else { " | X-Frame-Options: x" };
            let mut fields = [format!(" | {expected}"), kept.to_owned()];
            fields.sort();
            format!("200{}", fields.concat())
        })]);
    }
}

#[test]
fn options_without_effect() {
    for options in [
        "featurePolicy: a",
        "publicKey: a",
        "sslRedirect: true, sslTemporaryRedirect: true, sslHost: a, sslForceHost: true",
        "hostsProxyHeaders: [X-H]",
        "sslProxyHeaders: {X-P: https}",
        "stsIncludeSubdomains: true, stsPreload: true, forceSTSHeader: true",
    ] {
        check_received(&[(options, "GET /", "200 | X-A: b", "200 | X-A: b")]);
    }
}

#[test]
fn strict_transport_security() {
    const SENT: &str = "200 | Strict-Transport-Security: max-age=100";
    check_received(&[
        (
            "stsSeconds: 100",
            "GET /",
            "200 | Strict-Transport-Security: x",
            "200 | Strict-Transport-Security: x",
        ),
        ("stsSeconds: 100", "GET https://a.test/", "200 | Strict-Transport-Security: x", SENT),
        ("stsSeconds: 100, forceSTSHeader: true", "GET /", "200", SENT),
        ("stsSeconds: 100, forceSTSHeader: true, isDevelopment: true", "GET /", "200", "200"),
        ("stsSeconds: 100, sslProxyHeaders: {X-Proto: https}", "GET /", "200", "200"),
        ("stsSeconds: 100, sslProxyHeaders: {X-Proto: https}", "GET / | X-Proto: https", "200", SENT),
        ("stsSeconds: 100, sslProxyHeaders: {X-Proto: https}", "GET / | X-Proto: HTTPS", "200", "200"),
        ("stsSeconds: 100, sslProxyHeaders: {X-Proto: https}", "GET / | X_Proto: https", "200", "200"),
        (
            "stsSeconds: 100, sslProxyHeaders: {X-Proto: https}",
            "GET / | X-Proto: a | X-Proto: https",
            "200",
            "200",
        ),
        (
            "stsSeconds: 100, sslProxyHeaders: {X-Proto: https}, customRequestHeaders: {X-Proto: https}",
            "GET /",
            "200",
            SENT,
        ),
        (
            "stsSeconds: 31536000, stsIncludeSubdomains: true, stsPreload: true",
            "GET https://a.test/",
            "200",
            "200 | Strict-Transport-Security: max-age=31536000; includeSubDomains; preload",
        ),
    ]);
}

#[test]
fn allowed_hosts() {
    for (options, request, passes) in [
        ("allowedHosts: [foo.com, bar.com]", "GET http://FOO.com/", true),
        ("allowedHosts: [foo.com, bar.com]", "GET http://bar.com/", true),
        ("allowedHosts: [foo.com]", "GET http://foo.com:80/", false),
        ("allowedHosts: [foo.com]", "GET http://foo.com./", false),
        ("allowedHosts: ['foo.com:80']", "GET http://foo.com:80/", true),
        ("allowedHosts: ['*.foo.com']", "GET http://a.foo.com/", false),
        ("allowedHosts: [foo.com], isDevelopment: true", "GET http://evil.com/", true),
        ("allowedHosts: [foo.com], hostsProxyHeaders: [X-H, X-G]", "GET http://foo.com/", true),
        (
            "allowedHosts: [foo.com], hostsProxyHeaders: [X-H, X-G]",
            "GET http://foo.com/ | X-H: evil.com",
            false,
        ),
        (
            "allowedHosts: [foo.com], hostsProxyHeaders: [X-H, X-G]",
            "GET http://evil.com/ | X-G: foo.com",
            true,
        ),
        (
            "allowedHosts: [foo.com], hostsProxyHeaders: [X-H, X-G]",
            "GET http://evil.com/ | X-H:  | X-G: foo.com",
            true,
        ),
        (
            "allowedHosts: [foo.com], hostsProxyHeaders: [X-H, X-G]",
            "GET http://evil.com/ | X-H: a | X-G: foo.com",
            false,
        ),
        ("allowedHosts: [foo.com], hostsProxyHeaders: [X-H]", "GET http://evil.com/ | X_H: foo.com", false),
    ] {
        let expected = if passes { "200" } else { BAD_HOST };
        check_received(&[(options, request, "200", expected)]);
    }
    check_sent("headers: {allowedHosts: [foo.com]}", &[("POST http://evil.com/", BAD_HOST)]);
}

#[test]
fn nonces_are_new_for_each_request() {
    let middleware = "headers: {contentSecurityPolicy: \"a $NONCE 100% $NONCE\", contentSecurityPolicyReportOnly: 'b $NONCE'}";
    let nonce_of = |response: &str| {
        let nonces: Vec<&str> =
            response.split("'nonce-").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
        assert_eq!(nonces.len(), 3, "{response}");
        assert!(nonces.iter().all(|nonce| *nonce == nonces[0] && nonce.len() == 22), "{response}");
        let expected = format!(
            "200 | Content-Security-Policy: a 'nonce-{0}' 100% 'nonce-{0}' | Content-Security-Policy-Report-Only: b 'nonce-{0}'",
            nonces[0]
        );
        assert_eq!(response, expected);
        nonces[0].to_owned()
    };
    let first = nonce_of(&received(middleware, "GET /", "200"));
    let second = nonce_of(&received(middleware, "GET /", "200"));
    assert_ne!(first, second);
}

#[test]
fn bad_options() {
    check_problems(&[
        ("headers: {hostsProxyHeaders: [X H]}", "hostsProxyHeaders: \"X H\" is no field name"),
        ("headers: {sslProxyHeaders: {X H: a}}", "sslProxyHeaders: \"X H\" is no field name"),
        ("headers: {permissionsPolicy: \"a\\x01\"}", "permissionsPolicy: \"a\\u{1}\" has characters"),
    ]);
}
