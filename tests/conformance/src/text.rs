//! Bytes from the wire as text that can be read, compared and stored.

use std::fmt::Write as _;

/// The text of `bytes`: UTF-8 as it is, every byte that is not part of valid UTF-8 as `\xNN`.
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

/// The bytes of a `raw` string of a case: each character stands for one byte.
///
/// # Errors
/// Names the first character above U+00FF.
pub fn latin1(raw: &str) -> Result<Vec<u8>, String> {
    raw.chars()
        .map(|c| {
            u8::try_from(u32::from(c)).map_err(|_| format!("{c:?} is not a byte, expected U+0000 to U+00FF"))
        })
        .collect()
}

/// The bytes of a hexadecimal string.
///
/// # Errors
/// When it has an odd length or another character than a hexadecimal digit.
pub fn from_hex(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|c| {
            c.to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
                .ok_or_else(|| format!("{c:?} is not hexadecimal"))
        })
        .collect::<Result<_, _>>()?;
    if digits.len() % 2 == 1 {
        return Err(format!("{hex:?} has an odd number of digits"));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Bytes as a hexadecimal string.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_stay_visible() {
        for (bytes, expected) in [
            (&b"plain"[..], "plain"),
            ("caf\u{e9}".as_bytes(), "caf\u{e9}"),
            (b"caf\xe9!", "caf\\xE9!"),
            (b"\xc3", "\\xC3"),
        ] {
            assert_eq!(text(bytes), expected);
        }
    }

    #[test]
    fn raw_strings_are_bytes() {
        assert_eq!(latin1("a\u{ff}\r\n"), Ok(vec![b'a', 0xff, b'\r', b'\n']));
        assert!(latin1("\u{20ac}").is_err());
        assert_eq!(from_hex("0dFf"), Ok(vec![0x0d, 0xff]));
        assert_eq!(to_hex(&[0x0d, 0xff]), "0dff");
        assert!(from_hex("0").is_err() && from_hex("0g").is_err());
    }
}
