//! Base64, base32 and checksums.

use super::super::value::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::Family;
use super::args::{Outcome, exactly, text};

pub(super) const FUNCTIONS: Family = &[
    ("b64enc", b64enc),
    ("b64dec", b64dec),
    ("b32enc", b32enc),
    ("b32dec", b32dec),
    ("sha1sum", sha1sum),
    ("sha256sum", sha256sum),
    ("adler32sum", adler32sum),
];

fn b64enc(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(STANDARD.encode(text(value)?).into())
}

/// Bad input becomes the error's text, as in sprig. Bytes that are not text are replaced.
fn b64dec(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let encoded = text(value)?.replace(['\r', '\n'], "");
    Ok(match STANDARD.decode(&encoded) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            let at = match error {
                base64::DecodeError::InvalidByte(at, _) => at,
                base64::DecodeError::InvalidLength(length) => length / 4 * 4,
                base64::DecodeError::InvalidLastSymbol(..) | base64::DecodeError::InvalidPadding => {
                    encoded.len() / 4 * 4
                }
            };
            format!("illegal base64 data at input byte {at}")
        }
    }
    .into())
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn b32enc(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let mut out = String::new();
    for block in text(value)?.as_bytes().chunks(5) {
        let mut padded = [0_u8; 8];
        padded[3..3 + block.len()].copy_from_slice(block);
        let bits = u64::from_be_bytes(padded);
        let digits = (block.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or(0);
            out.push(if at < digits { char::from(BASE32[digit]) } else { '=' });
        }
    }
    Ok(out.into())
}

/// Bad input becomes the error's text, as in sprig. Bytes that are not text are replaced.
fn b32dec(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let encoded = text(value)?.replace(['\r', '\n'], "");
    Ok(match decode_base32(&encoded) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(at) => format!("illegal base32 data at input byte {at}"),
    }
    .into())
}

/// The bytes, or the place of the first character that cannot be.
fn decode_base32(encoded: &str) -> Result<Vec<u8>, usize> {
    let digits = encoded.trim_end_matches('=');
    let padding = encoded.len() - digits.len();
    if !encoded.len().is_multiple_of(8) || !matches!(padding, 0 | 1 | 3 | 4 | 6) {
        return Err(digits.bytes().position(|byte| !BASE32.contains(&byte)).unwrap_or(encoded.len() / 8 * 8));
    }
    let mut out = Vec::with_capacity(digits.len() * 5 / 8);
    let (mut bits, mut count) = (0_u32, 0);
    for (at, byte) in digits.bytes().enumerate() {
        let digit = BASE32.iter().zip(0_u32..).find(|(known, _)| **known == byte).ok_or(at)?.1;
        bits = bits << 5 | digit;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count).to_be_bytes()[3]);
            bits &= (1 << count) - 1;
        }
    }
    Ok(out)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha1sum(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(hex(&Sha1::digest(text(value)?)).into())
}

fn sha256sum(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(hex(&Sha256::digest(text(value)?)).into())
}

/// RFC 1950, section 9; in decimal digits.
fn adler32sum(args: &[Value]) -> Outcome {
    /// The largest prime below 2^16.
    const MODULUS: u32 = 65_521;
    let [value] = exactly(args)?;
    let (a, b) = text(value)?.bytes().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(byte)) % MODULUS;
        (a, (b + a) % MODULUS)
    });
    Ok((b << 16 | a).to_string().into())
}
