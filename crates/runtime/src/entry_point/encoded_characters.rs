//! `encodedCharacters`: escapes that paths must not have.

/// The characters whose escapes are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncodedCharacters {
    /// The two digits of each escape, in upper case.
    denied: Vec<[u8; 2]>,
}

impl EncodedCharacters {
    /// Refuses the escapes of these characters.
    pub fn denying(characters: impl IntoIterator<Item = u8>) -> Self {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let digits = |byte: u8| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        Self { denied: characters.into_iter().map(digits).collect() }
    }

    /// Whether nothing is refused.
    pub fn is_empty(&self) -> bool {
        self.denied.is_empty()
    }

    /// Whether an escaped path in normal form has a refused escape.
    pub fn denies(&self, path: &str) -> bool {
        !self.denied.is_empty()
            && path.split('%').skip(1).any(|after| {
                after.as_bytes().first_chunk().is_some_and(|digits| self.denied.contains(digits))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_refused() {
        let denied = EncodedCharacters::denying([b'/', b'%']);
        for (path, expected) in
            [("/a", false), ("/a%2Fb", true), ("/a%25", true), ("/a%3Bb", false), ("/a%2", false)]
        {
            assert_eq!(denied.denies(path), expected, "{path}");
        }
        assert!(!EncodedCharacters::default().denies("/a%2Fb"));
    }
}
