use crate::testing::{check_sent, sent};

/// Each character: its option, a path, and whether it is refused by itself.
const CHARACTERS: [(&str, &str); 7] = [
    ("allowEncodedSlash", "/a%2fb"),
    ("allowEncodedBackSlash", "/a%5Cb"),
    ("allowEncodedNullCharacter", "/a%00b"),
    ("allowEncodedSemicolon", "/a%3Bb"),
    ("allowEncodedPercent", "/a%25b"),
    ("allowEncodedQuestionMark", "/a%3Fb"),
    ("allowEncodedHash", "/a%23b"),
];

#[test]
fn each_option_allows_its_character_only() {
    for (option, _) in CHARACTERS {
        let middleware = format!("encodedCharacters: {{{option}: true}}");
        for (other, path) in CHARACTERS {
            let passes = sent(&middleware, &format!("GET {path}")) != "400";
            assert_eq!(passes, other == option, "{path} with {option}");
        }
    }
}

#[test]
fn only_these_escapes_of_the_path_count() {
    check_sent(
        "encodedCharacters: {allowEncodedSlash: false}",
        &[
            ("GET /a%20b", "GET /a%20b"),
            ("GET /a;b", "GET /a;b"),
            ("GET /ab?x=%2F", "GET /ab?x=%2F"),
            ("GET /a\\b", "400"),
            ("GET /a%252F", "400"),
            ("GET /%C3%A9%2f", "400"),
        ],
    );
}
