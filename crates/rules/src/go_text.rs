//! Bytes that may not be UTF-8, as Go's regular expressions see them.

use std::borrow::Cow;

/// `bytes` as text in which every byte that is not part of valid UTF-8 became U+FFFD.
///
/// One replacement for each byte, not for each broken sequence, as Go decodes strings: `.` matches each of
/// them once. Borrows when there is nothing to replace.
pub fn go_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

/// As [`go_text`], for bytes that are owned already.
pub(crate) fn go_string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| go_text(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invalid_byte_counts_once() {
        for (bytes, expected) in [
            (&b"caf\xc3\xa9"[..], "café"),
            (b"a\xffb", "a\u{fffd}b"),
            (b"\xe2\x82", "\u{fffd}\u{fffd}"),
            (b"\xe2\x82\xac\xed\xa0\x80", "€\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(go_text(bytes), expected, "{bytes:x?}");
            assert_eq!(go_string(bytes.to_vec()), expected, "{bytes:x?}");
        }
        assert!(matches!(go_text(b"plain"), Cow::Borrowed(_)));
    }
}
