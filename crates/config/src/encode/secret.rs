//! What is secret, and what is shown in its place.

use std::borrow::Cow;

/// What is shown in the place of a secret; Traefik's own word for it.
pub const HIDDEN: &str = "xxxx";

/// Parts of names of header fields and options that say that the value is secret.
const SECRET_WORDS: &[&str] = &[
    "auth",
    "cookie",
    "token",
    "secret",
    "password",
    "passwd",
    "api-key",
    "apikey",
    "credential",
    "private",
];

/// Whether a name says that its value is secret: `Authorization`, `X-Api-Key`.
pub fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| lower.contains(word))
}

/// A URL without the password before its host. The name of the user stays.
pub fn without_password(url: &str) -> Cow<'_, str> {
    let Some(start) = url.find("://").map(|at| at + 3) else { return Cow::Borrowed(url) };
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let Some(at) = url[start..end].rfind('@').map(|at| start + at) else { return Cow::Borrowed(url) };
    match url[start..at].find(':') {
        Some(colon) => Cow::Owned(format!("{}:{HIDDEN}{}", &url[..start + colon], &url[at..])),
        None => Cow::Borrowed(url),
    }
}

/// Words without the passwords of URLs in them: messages quote what was configured.
pub fn in_words(words: &str) -> Cow<'_, str> {
    // The end of a URL in words is not known for sure, so that this looks no further than the next space or quote.
    let is_end = |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '`');
    if !words.contains("://") {
        return Cow::Borrowed(words);
    }
    Cow::Owned(words.split_inclusive(is_end).map(without_password).collect())
}
