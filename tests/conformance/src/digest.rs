//! Answering a challenge of HTTP digest authentication (RFC 7616, with MD5 and `qop=auth`).

use md5::{Digest as _, Md5};
use regex::Regex;

use crate::cases::Digest;
use crate::client::{Answer, Client};
use crate::http1::Fields;
use crate::request::Content;

/// Sends the request without credentials, then with those that answer the challenge.
pub async fn play(client: &Client, digest: &Digest) -> Answer {
    let first = client.send(&digest.request).await;
    let challenge = first.response().and_then(|response| response.headers.get("www-authenticate"));
    let mut request = digest.request.clone();
    if let Content::Message(message) = &mut request.content {
        let fields = challenge_fields(challenge.unwrap_or_default());
        let value = authorization(digest, &fields, &message.method, &message.target);
        message.headers.push(("Authorization".to_owned(), value));
    }
    let second = client.send(&request).await;
    Answer::Several(vec![without_nonce(first), without_nonce(second)])
}

fn challenge_fields(challenge: &str) -> Fields {
    let field = Regex::new(r#"(\w+)="?([^",]*)"?"#).expect("the pattern is valid");
    let fields = challenge.split_once(' ').map_or("", |(_, fields)| fields);
    Fields(field.captures_iter(fields).map(|found| (found[1].to_owned(), found[2].to_owned())).collect())
}

/// The value of `Authorization`.
fn authorization(digest: &Digest, challenge: &Fields, method: &str, uri: &str) -> String {
    const COUNT: &str = "00000001";
    const CLIENT_NONCE: &str = "0a4f113b";
    let [realm, nonce, opaque] =
        ["realm", "nonce", "opaque"].map(|name| challenge.get(name).unwrap_or_default());
    let (user, password) = (&digest.user, &digest.password);
    let secret = md5(&format!("{user}:{realm}:{password}"));
    let subject = md5(&format!("{method}:{uri}"));
    let response = md5(&format!("{secret}:{nonce}:{COUNT}:{CLIENT_NONCE}:auth:{subject}"));
    format!(
        "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm=MD5, qop=auth, \
         nc={COUNT}, cnonce=\"{CLIENT_NONCE}\", response=\"{response}\", opaque=\"{opaque}\""
    )
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer with its random parts masked.
fn without_nonce(mut answer: Answer) -> Answer {
    let random = Regex::new(r#"(nonce|opaque)="[^"]+""#).expect("the pattern is valid");
    if let Answer::Response(response) = &mut answer {
        for (name, value) in &mut response.headers.0 {
            if name.eq_ignore_ascii_case("www-authenticate") {
                *value = random.replace_all(value, "$1=\"<random>\"").into_owned();
            }
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of RFC 2617, section 3.5, with our client nonce.
    #[test]
    fn a_challenge_is_answered() {
        let digest: Digest = serde_json::from_value(json!({
            "user": "Mufasa", "password": "Circle Of Life", "request": "GET http://x/dir/index.html",
        }))
        .unwrap();
        let challenge = challenge_fields(
            r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc"#,
        );
        let value = authorization(&digest, &challenge, "GET", "/dir/index.html");
        assert!(value.contains(r#"response="6629fae49393a05397450978507c4ef1""#), "{value}");
        assert!(value.ends_with(r#"opaque="5ccc""#), "{value}");
    }
}
