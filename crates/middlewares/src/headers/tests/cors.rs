use super::check_received;
use crate::testing::{check_problems, check_sent};

const PREFLIGHT: &str = "OPTIONS / | Origin: http://o | Access-Control-Request-Method: PUT | Access-Control-Request-Headers: x-b, X-A";

#[test]
fn preflights_are_answered_whatever_the_origin() {
    for (options, expected) in [
        (
            "accessControlAllowMethods: [GET, OPTIONS, PUT], accessControlAllowOriginList: [http://o], accessControlMaxAge: 600",
            " | Access-Control-Allow-Methods: GET,OPTIONS,PUT | Access-Control-Allow-Origin: http://o | Access-Control-Max-Age: 600",
        ),
        (
            "accessControlAllowHeaders: [origin, X-A], accessControlAllowOriginList: ['*'], accessControlMaxAge: -1",
            " | Access-Control-Allow-Headers: origin,X-A | Access-Control-Allow-Origin: * | Access-Control-Max-Age: -1",
        ),
        ("accessControlAllowMethods: [GET]", " | Access-Control-Allow-Methods: GET"),
        ("accessControlAllowCredentials: true", " | Access-Control-Allow-Credentials: true"),
        ("accessControlExposeHeaders: [e, '*']", " | Access-Control-Expose-Headers: e,*"),
        ("accessControlMaxAge: 5", " | Access-Control-Max-Age: 5"),
        ("addVaryHeader: true", ""),
        ("accessControlAllowOriginList: [http://z]", ""),
        (
            "accessControlAllowOriginListRegex: ['^http://(O|o)$', z]",
            " | Access-Control-Allow-Origin: http://o",
        ),
        (
            "accessControlAllowHeaders: ['*'], accessControlAllowMethods: ['*'], accessControlExposeHeaders: ['*']",
            " | Access-Control-Allow-Headers: * | Access-Control-Allow-Methods: * | Access-Control-Expose-Headers: *",
        ),
        (
            "accessControlAllowHeaders: [a, '*'], accessControlAllowMethods: ['*', GET], accessControlExposeHeaders: [a, '*'], \
             accessControlAllowOriginList: ['*'], accessControlAllowCredentials: true",
            " | Access-Control-Allow-Credentials: true | Access-Control-Allow-Headers: x-b, X-A \
             | Access-Control-Allow-Methods: PUT | Access-Control-Allow-Origin: http://o",
        ),
        // Nothing of the outer parts is on a preflight response.
        (
            "accessControlAllowMethods: [GET], customResponseHeaders: {X-A: '1'}, frameDeny: true, allowedHosts: [none]",
            " | Access-Control-Allow-Methods: GET",
        ),
    ] {
        check_received(&[(options, PREFLIGHT, "204", &format!("200{expected}"))]);
    }
}

#[test]
fn other_requests_are_no_preflights() {
    let cors = "headers: {accessControlAllowMethods: [GET]}";
    for request in [
        "OPTIONS / | Access-Control-Request-Method: GET",
        "OPTIONS / | Access-Control-Request-Method: GET | Origin: ",
        "OPTIONS / | Origin: http://o",
        "OPTIONS / | Access-Control-Request-Method:  | Origin: http://o",
        "GET / | Access-Control-Request-Method: GET | Origin: http://o",
    ] {
        check_sent(cors, &[(request, request)]);
    }
    check_sent(
        "headers: {customRequestHeaders: {foo: bar}}",
        &[(
            "OPTIONS / | Access-Control-Request-Method: GET | Origin: http://o",
            "OPTIONS / | Access-Control-Request-Method: GET | Foo: bar | Origin: http://o",
        )],
    );
}

#[test]
fn credentials_without_requested_headers() {
    check_received(&[(
        "accessControlAllowHeaders: ['*'], accessControlAllowMethods: ['*'], accessControlAllowCredentials: true",
        "OPTIONS / | Origin: http://o | Access-Control-Request-Method: PUT",
        "204",
        "200 | Access-Control-Allow-Credentials: true | Access-Control-Allow-Methods: PUT",
    )]);
}

#[test]
fn allowed_origins() {
    for (options, origin, expected) in [
        ("List: [http://o, http://p]", "Origin: http://p", " | Access-Control-Allow-Origin: http://p"),
        ("List: [http://o]", "Origin: HTTP://O", ""),
        ("List: [http://o]", "Origin: http://q", ""),
        ("List: [http://o]", "X-A: 1", ""),
        ("List: [\"http://o\\n\"]", "Origin: http://o", " | Access-Control-Allow-Origin: http://o"),
        ("List: ['null']", "Origin: null", " | Access-Control-Allow-Origin: null"),
        ("List: ['*']", "Origin: http://o", " | Access-Control-Allow-Origin: *"),
        ("List: ['*']", "X-A: 1", " | Access-Control-Allow-Origin: *"),
        ("List: [http://o, '*']", "Origin: http://o", " | Access-Control-Allow-Origin: http://o"),
        ("List: [http://o, '*']", "Origin: http://p", " | Access-Control-Allow-Origin: *"),
        (
            "List: [http://o]",
            "Origin: http://o | Origin: http://p",
            " | Access-Control-Allow-Origin: http://o",
        ),
        (
            r"ListRegex: ['^https?://([a-z]+)\.bar\.org$']",
            "Origin: https://foo.bar.org",
            " | Access-Control-Allow-Origin: https://foo.bar.org",
        ),
        (r"ListRegex: ['^https?://([a-z]+)\.bar\.org$']", "Origin: https://bar.org", ""),
        (
            r"ListRegex: ['([a-z]+)\.bar']",
            "Origin: https://foo.bar.org",
            " | Access-Control-Allow-Origin: https://foo.bar.org",
        ),
        ("ListRegex: ['.*']", "X-A: 1", " | Access-Control-Allow-Origin: "),
    ] {
        let options = format!("accessControlAllowOrigin{options}");
        check_received(&[(&options, &format!("GET / | {origin}"), "200", &format!("200{expected}"))]);
    }
}

#[test]
fn responses_are_completed() {
    const THEIRS: &str = "200 | Access-Control-Allow-Credentials: no | Access-Control-Allow-Origin: http://x \
                          | Access-Control-Expose-Headers: theirs";
    check_received(&[
        (
            "accessControlAllowOriginList: ['*'], accessControlAllowCredentials: true, accessControlExposeHeaders: ['*']",
            "GET / | Origin: http://o",
            THEIRS,
            "200 | Access-Control-Allow-Credentials: true | Access-Control-Allow-Origin: http://o \
             | Access-Control-Expose-Headers: theirs",
        ),
        (
            "accessControlAllowOriginList: ['*'], accessControlAllowCredentials: true",
            "GET /",
            "200",
            "200 | Access-Control-Allow-Credentials: true | Access-Control-Allow-Origin: ",
        ),
        (
            "accessControlAllowOriginList: ['*'], accessControlExposeHeaders: [origin, X-A]",
            "GET /",
            THEIRS,
            "200 | Access-Control-Allow-Credentials: no | Access-Control-Allow-Origin: * \
             | Access-Control-Expose-Headers: origin,X-A",
        ),
        ("accessControlAllowOriginList: [http://o]", "GET / | Origin: http://q", THEIRS, THEIRS),
        // The origin counts as the server sees it.
        (
            "accessControlAllowOriginList: [http://z], customRequestHeaders: {Origin: http://z}",
            "GET / | Origin: http://o",
            "200",
            "200 | Access-Control-Allow-Origin: http://z",
        ),
        (
            "accessControlAllowOriginList: [http://o], customRequestHeaders: {Origin: ''}",
            "GET / | Origin: http://o",
            "200",
            "200",
        ),
    ]);
}

#[test]
fn vary() {
    for (response, expected) in [
        ("200", "200 | Vary: Origin"),
        ("200 | Vary: Testing", "200 | Vary: Testing,Origin"),
        ("200 | Vary: Origin", "200 | Vary: Origin"),
        ("200 | Vary: Accept, Origin", "200 | Vary: Accept, Origin,Origin"),
        ("200 | Vary: Origin | Vary: B", "200 | Vary: Origin | Vary: B"),
        // The released Traefik loses the second line.
        ("200 | Vary: A | Vary: B", "200 | Vary: A,B,Origin"),
    ] {
        check_received(&[("addVaryHeader: true", "GET /", response, expected)]);
    }
}

#[test]
fn bad_options() {
    check_problems(&[
        (
            "headers: {accessControlAllowOriginListRegex: ['a(b']}",
            "error occurred during origin parsing: error parsing regexp: missing closing ): `a(b`",
        ),
        (
            "headers: {accessControlAllowHeaders: [\"a\\x01\"]}",
            "accessControlAllowHeaders: \"a\\u{1}\" has characters",
        ),
        (
            "headers: {accessControlAllowOriginList: [\"a\\x01\"]}",
            "accessControlAllowOriginList: \"a\\u{1}\" has",
        ),
    ]);
}
