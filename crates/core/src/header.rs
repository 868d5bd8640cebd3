//! Field names: canonical spelling, forwarded headers, aliases (specification sections 6.2 to 6.4).

use crate::HeaderList;
use http::header::HeaderName;

/// `X-Forwarded-For`.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// `X-Forwarded-Host`.
pub const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// `X-Forwarded-Port`.
pub const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
/// `X-Forwarded-Prefix`.
pub const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
/// `X-Forwarded-Proto`.
pub const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// `X-Forwarded-Server`.
pub const X_FORWARDED_SERVER: HeaderName = HeaderName::from_static("x-forwarded-server");
/// `X-Real-Ip`.
pub const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Whether the name, with `_` read as `-`, is one that ferroway itself sets for servers: a client
/// that is not trusted must not be able to set it, in no spelling.
pub fn is_forwarded(name: &str) -> bool {
    const MANAGED: [&str; 11] = [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-method",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-forwarded-tls-client-cert",
        "x-forwarded-tls-client-cert-info",
        "x-forwarded-uri",
        "x-real-ip",
    ];
    let Some(b'x' | b'X') = name.as_bytes().first() else { return false };
    MANAGED.iter().any(|managed| same_name(managed, name))
}

/// Whether two names are the same to a reader that ignores case and takes `_` for `-`.
pub fn same_name(a: &str, b: &str) -> bool {
    let fold = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(|(a, b)| fold(a) == fold(b))
}

/// Whether a name holds anything but letters, digits and `-`: some readers take it for another name.
pub fn is_alias(name: &str) -> bool {
    !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Appends a name in the spelling of Go's `textproto.CanonicalMIMEHeaderKey`, but for the WebSocket
/// fields, which get that of RFC 6455.
pub fn write_canonical(name: &HeaderName, out: &mut Vec<u8>) {
    let name = name.as_str().as_bytes();
    if name.starts_with(b"sec-websocket-") {
        out.extend_from_slice(b"Sec-WebSocket-");
        push_title_case(&name["sec-websocket-".len()..], out);
    } else {
        push_title_case(name, out);
    }
}

fn push_title_case(name: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(name);
    let mut before = b'-';
    for byte in &mut out[start..] {
        if before == b'-' {
            byte.make_ascii_uppercase();
        }
        before = *byte;
    }
}

/// The name in canonical spelling.
pub fn canonical(name: &HeaderName) -> String {
    let mut out = Vec::with_capacity(name.as_str().len());
    write_canonical(name, &mut out);
    String::from_utf8(out).expect("header names are ASCII")
}

/// The elements of a comma separated list field, over all its lines, trimmed, empty ones left out.
pub fn list_elements<'a>(headers: &'a HeaderList, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|element| element.trim_matches([' ', '\t']))
        .filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_spelling() {
        for (name, expected) in [
            ("x-real-ip", "X-Real-Ip"),
            ("a_b", "A_b"),
            ("sec-websocket-key", "Sec-WebSocket-Key"),
            ("etag", "Etag"),
            ("x--y", "X--Y"),
        ] {
            assert_eq!(canonical(&HeaderName::from_static(name)), expected);
        }
    }

    #[test]
    fn forwarded_names_in_any_spelling() {
        for (name, expected) in [
            ("x-forwarded-for", true),
            ("x_forwarded_for", true),
            ("X-Forwarded_Tls-Client-Cert-Info", true),
            ("x-real-ip", true),
            ("x-forwarded", false),
            ("forwarded", false),
            ("x-forwarded-fort", false),
        ] {
            assert_eq!(is_forwarded(name), expected, "{name}");
        }
    }
}
