use crate::testing::{check_problems, check_sent, exchange};

#[test]
fn the_prefix_stands_before_the_path() {
    check_sent(
        "addPrefix: {prefix: /a}",
        &[
            ("GET /b", "GET /a/b"),
            ("GET /", "GET /a/"),
            ("GET /b%2Fc", "GET /a/b%2Fc"),
            ("GET /b?x=/y", "GET /a/b?x=/y"),
            ("GET /b//c", "GET /a/b/c"),
            ("GET /c%ff%20d", "GET /a/c%FF%20d"),
            ("GET http://a.test", "GET /a/"),
        ],
    );
}

#[test]
fn prefixes_are_not_escaped_in_configuration() {
    for (prefix, expected) in [
        ("a", "GET /a/c"),
        ("/a/", "GET /a//c"),
        ("/a%2Fb", "GET /a%252Fb/c"),
        ("/a%zz", "GET /a%25zz/c"),
        ("/a b", "GET /a%20b/c"),
        (" /a ", "GET /%20/a%20/c"),
        ("/é", "GET /%C3%A9/c"),
        ("/a?b#c", "GET /a%3Fb%23c/c"),
        ("/a!(b)", "GET /a%21%28b%29/c"),
        ("/...", "GET /.../c"),
    ] {
        check_sent(&format!("addPrefix: {{prefix: '{prefix}'}}"), &[("GET /c", expected)]);
    }
}

/// Traefik takes such a request's `%2F` for `/`, when the prefix has an escape of its own.
#[test]
fn escapes_of_the_request_stay() {
    check_sent(
        "addPrefix: {prefix: '/a b'}",
        &[("GET /c%2Fd", "GET /a%20b/c%2Fd"), ("GET /c!", "GET /a%20b/c!")],
    );
}

#[test]
fn an_empty_path_gets_the_prefix_alone() {
    let middlewares = "strip: {stripPrefix: {prefixes: [/api]}}\nadd: {addPrefix: {prefix: /a}}";
    for (request, expected) in [("GET /api", "GET /a"), ("GET /api/", "GET /a/"), ("GET /api/x", "GET /a/x")]
    {
        let (server, _) = exchange(middlewares, &["strip", "add"], request, "200");
        assert_eq!(server.unwrap(), format!("{expected} | X-Forwarded-Prefix: /api"), "{request}");
    }
}

#[test]
fn bad_prefixes() {
    check_problems(&[
        ("addPrefix: {prefix: ''}", "prefix cannot be empty"),
        ("addPrefix: {prefix: /a/../b}", "prefix \"/a/../b\" has a dot segment"),
        ("addPrefix: {prefix: ..}", "prefix \"..\" has a dot segment"),
    ]);
}
