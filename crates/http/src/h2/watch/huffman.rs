//! Looks for one character in text that is Huffman-coded (RFC 7541 appendix B), without decoding it.

/// For each length of codes that exists: how many bits, the first code behind those of this length, moved to the
/// left of 32 bits. The code is canonical: of two codes the shorter one is the smaller, seen from the left.
const LENGTHS: [(u32, u32); 21] = [
    (5, 0x5000_0000),
    (6, 0xb800_0000),
    (7, 0xf800_0000),
    (8, 0xfe00_0000),
    (10, 0xff40_0000),
    (11, 0xffa0_0000),
    (12, 0xffc0_0000),
    (13, 0xfff0_0000),
    (14, 0xfff8_0000),
    (15, 0xfffe_0000),
    (19, 0xfffe_6000),
    (20, 0xfffe_e000),
    (21, 0xffff_4800),
    (22, 0xffff_b000),
    (23, 0xffff_ea00),
    (24, 0xffff_f600),
    (25, 0xffff_f800),
    (26, 0xffff_fbc0),
    (27, 0xffff_fe20),
    (28, 0xffff_fff0),
    (30, 0xffff_ffff),
];

/// The code of `#`, moved to the left of 32 bits, and its length.
const HASH: (u32, u32) = (0xffa0_0000, 12);

/// Goes through text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct HashFinder {
    /// Bits that no code was found in yet, the next one at the left.
    bits: u64,
    count: u32,
}

impl HashFinder {
    /// Whether the text goes on with codes one of which is that of `#`.
    pub(super) fn see(&mut self, bytes: &[u8]) -> bool {
        let mut found = false;
        for byte in bytes {
            self.bits |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
            // At most 29 bits are left over, so that there is room for the next byte.
            while self.count >= 5 {
                let next = u32::try_from(self.bits >> 32).expect("32 bits");
                let length = length_of(next);
                if length > self.count {
                    break;
                }
                found |= length == HASH.1 && next >> (32 - HASH.1) == HASH.0 >> (32 - HASH.1);
                self.bits <<= length;
                self.count -= length;
            }
        }
        found
    }
}

/// The length of the code that these bits begin with.
fn length_of(bits: u32) -> u32 {
    let longer = |(_, behind): &&(u32, u32)| bits >= *behind;
    let place = LENGTHS.iter().take_while(longer).count();
    LENGTHS[place.min(LENGTHS.len() - 1)].0
}

#[cfg(test)]
mod tests {
    use super::{HASH, HashFinder, LENGTHS};

    /// How many codes of each length appendix B lists; the end-of-string symbol is the last one.
    const COUNTS: [(u32, u32); 21] = [
        (5, 10),
        (6, 26),
        (7, 32),
        (8, 6),
        (10, 5),
        (11, 3),
        (12, 2),
        (13, 6),
        (14, 2),
        (15, 3),
        (19, 3),
        (20, 8),
        (21, 13),
        (22, 26),
        (23, 29),
        (24, 12),
        (25, 4),
        (26, 15),
        (27, 19),
        (28, 29),
        (30, 4),
    ];

    #[test]
    fn the_table_is_that_of_the_counts() {
        assert_eq!(COUNTS.iter().map(|(_, count)| count).sum::<u32>(), 257);
        let mut behind = 0_u64;
        for ((length, count), listed) in COUNTS.into_iter().zip(LENGTHS) {
            behind += u64::from(count) << (32 - length);
            let behind = u32::try_from(behind).unwrap_or(u32::MAX);
            assert_eq!((length, behind), listed);
        }
        assert_eq!(behind, 1 << 32, "the code is complete");
    }

    /// Bits as bytes, padded with ones.
    fn bytes(codes: &[&str]) -> Vec<u8> {
        let mut bits = codes.concat();
        while bits.len() % 8 > 0 {
            bits.push('1');
        }
        let byte = |at: usize| u8::from_str_radix(&bits[at..at + 8], 2).expect("bits");
        (0..bits.len()).step_by(8).map(byte).collect()
    }

    #[test]
    fn finds_the_character_and_nothing_that_looks_like_it() {
        // From appendix B.
        let (slash, a, zero, z, hash) = ("011000", "00011", "00000", "11111101", "111111111010");
        let (question, backslash, max) =
            ("1111111100", "1111111111111110000", "1111111111111111111111111110");
        assert_eq!(u32::from_str_radix(hash, 2).expect("bits"), HASH.0 >> 20);
        for (codes, expected) in [
            (&[][..], false),
            (&[slash], false),
            (&[slash, hash], true),
            (&[hash, slash], true),
            (&[slash, a, a, question, zero, hash, a], true),
            (&[backslash, max, hash], true),
            (&[slash, z, z, a, z], false),
            // The pattern, across the borders of codes.
            (&[z, "1111111010"], false),
            (&["11111111110", a], false),
            (&[slash, backslash, max, max, a], false),
        ] {
            let bytes = bytes(codes);
            assert_eq!(HashFinder::default().see(&bytes), expected, "{codes:?}");
            let mut finder = HashFinder::default();
            let in_pieces = bytes.iter().fold(false, |found, byte| found | finder.see(&[*byte]));
            assert_eq!(in_pieces, expected, "{codes:?} byte by byte");
        }
    }
}
