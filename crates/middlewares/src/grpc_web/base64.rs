//! Base64 as it arrives, in pieces of any size.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// As Go reads it: padding has to be there, and what does not fit into bytes is not looked at.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Decodes a text that may consist of several encodings, each with its padding: who sends in pieces may end one at any
/// time. Line ends are passed over.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The beginning of a group of four letters.
    begun: Vec<u8>,
}

/// What is no base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Decoder {
    /// The bytes of the groups that are complete with `text`.
    pub(super) fn decode(&mut self, text: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut letters = std::mem::take(&mut self.begun);
        letters.extend(text.iter().filter(|byte| !matches!(byte, b'\r' | b'\n')));
        self.begun = letters.split_off(letters.len() / 4 * 4);
        let mut bytes = Vec::with_capacity(letters.len() / 4 * 3);
        let mut rest = &letters[..];
        while !rest.is_empty() {
            // An encoding ends with the group that has padding.
            let padding = rest.iter().position(|letter| *letter == b'=');
            let (encoding, others) = rest.split_at(padding.map_or(rest.len(), |at| (at / 4 + 1) * 4));
            ENGINE.decode_vec(encoding, &mut bytes).map_err(|_| Malformed)?;
            rest = others;
        }
        Ok(bytes)
    }

    /// Whether the text can end here.
    pub(super) fn is_between_groups(&self) -> bool {
        self.begun.is_empty()
    }
}
