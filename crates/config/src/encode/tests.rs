use super::secret::{in_words, is_secret_name, without_password};
use super::*;
use crate::decode::{Section, Shape};
use crate::dynamic::Root;
use crate::static_config::Static;

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn texts_are_escaped_as_go_does() {
    for (plain, escaped) in [
        ("", r#""""#),
        ("Host(`a`) && Path(`/`)", r#""Host(`a`) \u0026\u0026 Path(`/`)""#),
        ("<b>\"\\", r#""\u003cb\u003e\"\\""#),
        ("\n\r\t\u{8}\u{c}\u{1}\u{7f}", "\"\\n\\r\\t\\b\\f\\u0001\u{7f}\""),
        ("é\u{2028}\u{2029}\u{202a}ü", "\"é\\u2028\\u2029\u{202a}ü\""),
    ] {
        assert_eq!(text(|out| string(out, plain)), escaped);
    }
}

#[test]
fn scalars_and_lists() {
    assert_eq!(text(|out| Duration::from_millis(1500).encode(out)), r#""1.5s""#);
    assert_eq!(text(|out| i64::MIN.encode(out)), "-9223372036854775808");
    assert_eq!(text(|out| 0.25.encode(out)), "0.25");
    assert_eq!(text(|out| vec![true, false].encode(out)), "[true,false]");
    let map = BTreeMap::from([("b".to_owned(), 1), ("a".to_owned(), 2)]);
    assert_eq!(text(|out| map.encode(out)), r#"{"a":2,"b":1}"#);
    assert!(
        Some(Vec::<String>::new()).is_omitted() && !Some(false).is_omitted() && None::<bool>.is_omitted()
    );
}

#[test]
fn secrets() {
    for (url, shown) in [
        ("http://a:1/x@y", "http://a:1/x@y"),
        ("http://user:pass@a:1/", "http://user:xxxx@a:1/"),
        ("http://user:p:a@ss@a?b@c", "http://user:xxxx@a?b@c"),
        ("http://user@a", "http://user@a"),
        ("http://a/?x=1&token=geheim&y", "http://a/?x=1&token=xxxx&y"),
        ("http://u:p@a?apiKey=geheim#x", "http://u:xxxx@a?apiKey=xxxx"),
        ("a:b@c", "a:b@c"),
    ] {
        assert_eq!(without_password(url), shown);
    }
    let words = "the URL \"http://u:p@h/x\" of a server: (redis://u:q@r) is `no` good";
    assert_eq!(in_words(words), "the URL \"http://u:xxxx@h/x\" of a server: (redis://u:xxxx@r) is `no` good");
    for name in
        ["Authorization", "proxy-authorization", "X-Api-Key", "Set-Cookie", "X-Vault-Token", "dbPassword"]
    {
        assert!(is_secret_name(name), "{name}");
    }
    assert!(!is_secret_name("X-Frame-Options"));
    let free = FreeForm::Map(BTreeMap::from([
        ("apiKey".to_owned(), FreeForm::Map(BTreeMap::new())),
        ("url".to_owned(), FreeForm::Text("http://u:p@h".to_owned())),
    ]));
    assert_eq!(text(|out| free.encode(out)), r#"{"apiKey":"xxxx","url":"http://u:xxxx@h"}"#);
}

/// Options that are not secret although their names sound so.
const HARMLESS: &[&str] = &[
    "usersFile",
    "authRequestHeaders",
    "authResponseHeaders",
    "authResponseHeadersRegex",
    "addAuthCookiesToResponse",
    "certAuthFilePath",
    "clientAuthType",
    "privateEntrypoints",
];

#[test]
fn what_sounds_secret_is_marked() {
    fn walk(section: &Section, path: &str, unmarked: &mut Vec<String>) {
        for field in section.fields {
            let path = format!("{path}.{}", field.name);
            let mut shape = &field.shape;
            while let Shape::List(inner) | Shape::Map(inner) = shape {
                shape = inner;
            }
            match shape {
                Shape::Section(section) => walk(section, &path, unmarked),
                Shape::Scalar("a bool" | "an integer") | Shape::Bool | Shape::Free => {}
                Shape::Scalar(_) => {
                    let sounds_secret = is_secret_name(field.name)
                        || matches!(field.name, "key" | "keyFile" | "users" | "accessKeyID" | "hmacEncoded");
                    let is_marked = field.marks.secret || field.marks.guarded;
                    if sounds_secret && !is_marked && !HARMLESS.contains(&field.name) {
                        unmarked.push(path);
                    }
                }
                other => panic!("{path}: {other:?}"),
            }
        }
    }
    let mut unmarked = Vec::new();
    walk(Static::SECTION, "static", &mut unmarked);
    walk(Root::SECTION, "dynamic", &mut unmarked);
    assert_eq!(unmarked, Vec::<String>::new());
}
