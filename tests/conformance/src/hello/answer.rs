//! Reads what a server answers to a ClientHello.

use rustls::pki_types::CertificateDer;

use super::names::{CIPHERS, GROUPS, VERSIONS, alert, name};
use crate::certs::describe;

/// The random value that makes a ServerHello a request for another hello (RFC 8446, section 4.1.3), its beginning.
const RETRY: [u8; 4] = [0xcf, 0x21, 0xad, 0x74];

/// What the server chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The version.
    pub version: String,
    /// The cipher suite.
    pub cipher: String,
    /// The group of the key exchange.
    pub group: Option<String>,
    /// The application protocol, up to TLS 1.2.
    pub alpn: Option<String>,
    /// The name of the certificate, up to TLS 1.2.
    pub certificate: Option<&'static str>,
    /// Whether the client is asked for a certificate, up to TLS 1.2.
    pub wants_client: bool,
    /// The alert instead.
    pub alert: Option<String>,
}

/// Something else than TLS came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTls;

/// The choice in what came so far; nothing when more has to come.
///
/// # Errors
/// When it is not TLS.
pub fn choice(got: &[u8]) -> Result<Option<Choice>, NotTls> {
    let mut handshake = Vec::new();
    let mut rest = got;
    while let [kind, major, _, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if !matches!(kind, 20..=23) || *major != 3 {
            return Err(NotTls);
        }
        let Some((content, after)) = after.split_at_checked(length) else { break };
        match (kind, content) {
            (21, [_, number]) => {
                return Ok(Some(Choice { alert: Some(alert(*number)), ..Choice::default() }));
            }
            (22, _) => handshake.extend_from_slice(content),
            _ => {}
        }
        rest = after;
    }
    if got.first().is_some_and(|kind| !matches!(kind, 20..=23)) {
        return Err(NotTls);
    }
    Ok(messages(&handshake))
}

/// The choice in handshake messages, once all of it is there.
fn messages(mut rest: &[u8]) -> Option<Choice> {
    let mut choice = Choice::default();
    while let [kind, a, b, c, after @ ..] = rest {
        let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
        let (content, after) = after.split_at_checked(length)?;
        match kind {
            2 => {
                server_hello(content, &mut choice)?;
                // What follows in TLS 1.3 is encrypted.
                if choice.version == "1.3" {
                    return Some(choice);
                }
            }
            11 => choice.certificate = Some(certificate(content)?),
            12 => choice.group = content.get(1..3).map(|group| name(&GROUPS, word(group))),
            13 => choice.wants_client = true,
            14 => return Some(choice),
            _ => {}
        }
        rest = after;
    }
    None
}

fn server_hello(content: &[u8], choice: &mut Choice) -> Option<()> {
    choice.version = name(&VERSIONS, word(content.get(..2)?));
    let is_retry = content.get(2..)?.starts_with(&RETRY);
    let session = usize::from(*content.get(34)?);
    let rest = content.get(35 + session..)?;
    choice.cipher = name(&CIPHERS, word(rest.get(..2)?));
    let mut rest = rest.get(5..).unwrap_or_default();
    while let [a, b, c, d, after @ ..] = rest {
        let (content, after) = after.split_at_checked(usize::from(word(&[*c, *d])))?;
        match word(&[*a, *b]) {
            16 => choice.alpn = content.get(3..).map(crate::text::text),
            43 => choice.version = name(&VERSIONS, word(content.get(..2)?)),
            51 if is_retry => choice.group = Some(name(&GROUPS, word(content.get(..2)?))),
            _ => {}
        }
        rest = after;
    }
    Some(())
}

/// The name of the first certificate of a message.
fn certificate(content: &[u8]) -> Option<&'static str> {
    let [a, b, c, rest @ ..] = content.get(3..)? else { return Some("none") };
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
    Some(describe(&CertificateDer::from_slice(rest.get(..length)?)))
}

fn word(bytes: &[u8]) -> u16 {
    match bytes {
        [high, low, ..] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hello::Hello;
    use crate::text::from_hex;

    #[test]
    fn a_choice_is_read_once_it_is_whole() {
        // ServerHello of TLS 1.2 with ALPN, then ServerHelloDone, in two records.
        let random = "11".repeat(32);
        let hello = format!("1603030034020000300303{random}00c02f0000080010000400020168");
        let bytes = from_hex(&format!("{hello}16030300040e000000")).unwrap();
        let expected = Choice {
            version: "1.2".to_owned(),
            cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".to_owned(),
            alpn: Some("h".to_owned()),
            ..Choice::default()
        };
        assert_eq!(choice(&bytes), Ok(Some(expected)));
        for end in 0..bytes.len() {
            assert_eq!(choice(&bytes[..end]), Ok(None), "{end}");
        }
    }

    #[test]
    fn alerts_and_other_protocols_are_told_apart() {
        let alert = choice(&[21, 3, 3, 0, 2, 2, 70]).unwrap().unwrap().alert;
        assert_eq!(alert.as_deref(), Some("protocol_version"));
        assert_eq!(choice(b"HTTP/1.1 400 Bad Request"), Err(NotTls));
    }

    #[test]
    fn a_hello_is_split_over_records() {
        let hello: Hello =
            serde_json::from_value(serde_json::json!({"sni": "a.test", "records": [1, 5]})).unwrap();
        let bytes = hello.bytes().unwrap();
        assert_eq!(&bytes[..16], [22, 3, 1, 0, 1, 1, 22, 3, 1, 0, 5, 0, 0, bytes[13], 3, 3]);
        assert!(bytes.windows(6).any(|part| part == b"a.test"));
        let unknown: Hello = serde_json::from_value(serde_json::json!({"ciphers": ["NOPE"]})).unwrap();
        assert!(unknown.bytes().unwrap_err().contains("NOPE"));
    }
}
