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

/// A URL without the password before its host, and without parameters whose names say that they are secret. The name of
/// the user stays.
pub fn without_password(url: &str) -> Cow<'_, str> {
    let Some(start) = url.find("://").map(|at| at + 3) else { return Cow::Borrowed(url) };
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let user = url[start..end].rfind('@').map(|at| start + at);
    let colon = user.and_then(|at| url[start..at].find(':').map(|colon| (start + colon, at)));
    let is_secret = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| is_secret_name(name));
    let query = url.split_once('?').map(|(_, query)| query);
    if colon.is_none() && !query.is_some_and(|query| query.split('&').any(is_secret)) {
        return Cow::Borrowed(url);
    }
    let mut shown = match colon {
        Some((colon, at)) => format!("{}:{HIDDEN}{}", &url[..colon], &url[at..]),
        None => url.to_owned(),
    };
    if let (Some(query), Some(at)) = (query, shown.find('?')) {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret_name(name) => format!("{name}={HIDDEN}"),
            _ => pair.to_owned(),
        });
        let pairs = pairs.collect::<Vec<_>>().join("&");
        shown.truncate(at + 1);
        shown.push_str(&pairs);
    }
    Cow::Owned(shown)
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
