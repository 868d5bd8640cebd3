use crate::testing::{check_problems, check_sent, exchange};

#[test]
fn the_path_is_replaced() {
    check_sent(
        "replacePath: {path: /replacement}",
        &[
            ("GET /foo%2fbar", "GET /replacement | X-Replaced-Path: /foo%2Fbar"),
            ("GET /a?x=1", "GET /replacement?x=1 | X-Replaced-Path: /a"),
            ("GET /", "GET /replacement | X-Replaced-Path: /"),
            ("GET /../x | @raw: 1", "GET /replacement | X-Replaced-Path: /../x"),
            ("GET /x | X-Replaced-Path: /y", "GET /replacement | X-Replaced-Path: /y | X-Replaced-Path: /x"),
        ],
    );
}

#[test]
fn constants() {
    for (path, expected) in [
        ("/path/%08bar", "GET /path/%08bar"),
        ("/foo%2fbar", "GET /foo%2Fbar"),
        ("/a?b=c", "GET /a%3Fb=c"),
        ("/a#b", "GET /a%23b"),
        ("/caf\u{e9}", "GET /caf%C3%A9"),
        ("/a b", "GET /a%20b"),
        ("/a!(b)%2F", "GET /a!(b)%2F"),
        ("", "GET /"),
        // The released Traefik sends `GET rep HTTP/1.1`.
        ("rep", "GET /rep"),
    ] {
        check_sent(
            &format!("replacePath: {{path: '{path}'}}"),
            &[("GET /x", &format!("{expected} | X-Replaced-Path: /x"))],
        );
    }
}

#[test]
fn an_empty_path_was_empty() {
    let middlewares = "strip: {stripPrefix: {prefixes: [/api]}}\nreplace: {replacePath: {path: /r}}";
    let (server, _) = exchange(middlewares, &["strip", "replace"], "GET /api", "200");
    assert_eq!(server.unwrap(), "GET /r | X-Forwarded-Prefix: /api | X-Replaced-Path: ");
}

#[test]
fn broken_escapes_are_answered() {
    for (path, escape) in [("/a%zz", "%zz"), ("/a%", "%"), ("/a%2", "%2")] {
        let text = "Content-Type: text/plain; charset=utf-8 | X-Content-Type-Options: nosniff";
        let expected = format!("500 | {text} | \"invalid URL escape \\\"{escape}\\\"\\n\"");
        check_sent(&format!("replacePath: {{path: '{path}'}}"), &[("GET /x", &expected)]);
    }
}

#[test]
fn bad_paths() {
    check_problems(&[
        ("replacePath: {path: /a/../b}", "path \"/a/../b\" is not clean"),
        ("replacePath: {path: /a/%2e%2E/b}", "path \"/a/%2e%2E/b\" is not clean"),
        ("replacePath: {path: //a}", "path \"//a\" is not clean"),
        ("replacePath: {path: ..}", "path \"..\" is not clean"),
    ]);
}
