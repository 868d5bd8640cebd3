use crate::testing::{BAD_REQUEST, check_problems, check_sent};

#[test]
fn clients_are_sent_to_the_other_scheme() {
    check_sent(
        "redirectScheme: {scheme: https}",
        &[
            ("GET http://foo/", "302 | Location: https://foo/ | \"Found\""),
            ("GET http://foo/a%2Fb%20c?d=%2F", "302 | Location: https://foo/a%2Fb%20c?d=%2F | \"Found\""),
            ("GET http://foo/%C3%A9[b]", "302 | Location: https://foo/%C3%A9[b] | \"Found\""),
            ("GET https://foo/", "GET / | Host: foo"),
            ("GET https://foo:443/", "GET / | Host: foo:443"),
            ("GET https://foo:8443/", "302 | Location: https://foo/ | \"Found\""),
        ],
    );
}

#[test]
fn the_status_depends_on_method_and_option() {
    for (permanent, method, expected) in [
        (false, "GET", "302 | Location: https://foo/ | \"Found\""),
        (false, "HEAD", "307 | Location: https://foo/ | \"Temporary Redirect\""),
        (false, "POST", "307 | Location: https://foo/ | \"Temporary Redirect\""),
        (false, "FOO", "307 | Location: https://foo/ | \"Temporary Redirect\""),
        (true, "GET", "301 | Location: https://foo/ | \"Moved Permanently\""),
        (true, "POST", "308 | Location: https://foo/ | \"Permanent Redirect\""),
        (true, "OPTIONS", "308 | Location: https://foo/ | \"Permanent Redirect\""),
    ] {
        let middleware = format!("redirectScheme: {{scheme: https, permanent: {permanent}}}");
        check_sent(&middleware, &[(&format!("{method} http://foo/"), expected)]);
    }
}

#[test]
fn hosts() {
    check_sent(
        "redirectScheme: {scheme: https}",
        &[
            ("GET http://foo:80/", "302 | Location: https://foo/ | \"Found\""),
            ("GET http://foo:8000/", "302 | Location: https://foo/ | \"Found\""),
            ("GET http://foo:443/", "302 | Location: https://foo/ | \"Found\""),
            ("GET http://foo:/", "302 | Location: https://foo/ | \"Found\""),
            ("GET http://FOO./", "302 | Location: https://FOO./ | \"Found\""),
            ("GET http://a_b.c/", "302 | Location: https://a_b.c/ | \"Found\""),
            ("GET http://1.2.3.4:80/", "302 | Location: https://1.2.3.4/ | \"Found\""),
            ("GET http://[::1]/", "302 | Location: https://[::1]/ | \"Found\""),
            // The released Traefik answers 502.
            ("GET http://[::1]:80/", "302 | Location: https://[::1]/ | \"Found\""),
            ("GET http://[zz]/", BAD_REQUEST),
            ("GET http://a\"b/", BAD_REQUEST),
            ("GET http://a:b:c/", BAD_REQUEST),
        ],
    );
}

#[test]
fn ports() {
    for (options, request, expected) in [
        ("scheme: https, port: '8443'", "GET http://foo/", "302 | Location: https://foo:8443/ | \"Found\""),
        (
            "scheme: https, port: '8443'",
            "GET http://[::1]:8000/",
            "302 | Location: https://[::1]:8443/ | \"Found\"",
        ),
        ("scheme: https, port: '8443'", "GET https://foo/", "302 | Location: https://foo:8443/ | \"Found\""),
        ("scheme: https, port: '8443'", "GET https://foo:8443/x", "GET /x | Host: foo:8443"),
        ("scheme: https, port: '443'", "GET http://foo:8000/", "302 | Location: https://foo/ | \"Found\""),
        ("scheme: https, port: '443'", "GET https://foo/", "GET / | Host: foo"),
        ("scheme: http, port: '443'", "GET http://foo/", "302 | Location: http://foo:443/ | \"Found\""),
        ("scheme: http, port: '80'", "GET http://foo:80/", "GET / | Host: foo:80"),
        (
            "scheme: http, port: '8181'",
            "GET http://foo:8080/",
            "302 | Location: http://foo:8181/ | \"Found\"",
        ),
        ("scheme: http", "GET https://foo/x", "302 | Location: http://foo/x | \"Found\""),
        ("scheme: http", "GET http://foo:8000/", "302 | Location: http://foo/ | \"Found\""),
        ("scheme: wss, port: '9'", "GET https://foo/", "302 | Location: wss://foo:9/ | \"Found\""),
        ("scheme: HTTPS", "GET https://foo/", "GET / | Host: foo"),
    ] {
        check_sent(&format!("redirectScheme: {{{options}}}"), &[(request, expected)]);
    }
}

#[test]
fn a_trusted_proxy_tells_the_scheme() {
    for (proto, is_https) in [
        ("https", true),
        ("HTTPS", true),
        ("wss", true),
        ("http", false),
        ("ws", false),
        ("gopher", false),
        ("https, http", false),
    ] {
        let sent = crate::testing::sent(
            "redirectScheme: {scheme: https}",
            &format!("GET http://foo/x | X-Forwarded-Proto: {proto}"),
        );
        assert_eq!(sent.starts_with("GET /x"), is_https, "{proto} gives {sent}");
    }
    check_sent(
        "redirectScheme: {scheme: https}",
        &[("GET https://foo/x | X-Forwarded-Proto: http", "302 | Location: https://foo/x | \"Found\"")],
    );
}

#[test]
fn bad_options() {
    check_problems(&[
        ("redirectScheme: {port: '80'}", "you must provide a target scheme"),
        ("redirectScheme: {scheme: ht tp}", "scheme \"ht tp\" is no URL scheme"),
        ("redirectScheme: {scheme: https, port: abc}", "port \"abc\" is no port number"),
        ("redirectScheme: {scheme: https, port: '0'}", "port \"0\" is no port number"),
        ("redirectScheme: {scheme: https, port: ':443'}", "port \":443\" is no port number"),
    ]);
}
