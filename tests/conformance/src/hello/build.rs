//! Writes a ClientHello.

use super::Hello;
use super::names::{CIPHERS, GROUPS, VERSIONS, number};
use crate::text::from_hex;

/// Suites that are offered when a case names none.
const USUAL_CIPHERS: [u16; 9] = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];

/// Signature algorithms: ECDSA, PSS and PKCS #1 with SHA-256 to SHA-512, and PKCS #1 and ECDSA with SHA-1.
const SIGNATURES: [u16; 11] =
    [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203];

impl Hello {
    /// The bytes on the wire.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        if let Some(hex) = &self.bytes_hex {
            return from_hex(hex);
        }
        let body = self.body()?;
        let message = [&[1][..], &length(body.len(), 3), &body].concat();
        let mut out = Vec::new();
        let mut rest = &message[..];
        let sizes = self.records.iter().copied().chain([usize::MAX]);
        for size in sizes {
            if rest.is_empty() {
                break;
            }
            let (part, after) = rest.split_at(size.min(rest.len()));
            out.extend_from_slice(&[22, 3, 1]);
            out.extend_from_slice(&sized(part, 2));
            rest = after;
        }
        Ok(out)
    }

    fn body(&self) -> Result<Vec<u8>, String> {
        let versions = numbers(&VERSIONS, &self.versions)?;
        let newest = versions.iter().copied().max().unwrap_or(0x0303);
        let ciphers = match self.ciphers.as_slice() {
            [] => USUAL_CIPHERS.to_vec(),
            names => numbers(&CIPHERS, names)?,
        };
        let mut body = newest.min(0x0303).to_be_bytes().to_vec();
        body.extend_from_slice(&[0x5a; 32]); // random
        body.extend_from_slice(&sized(&[0xa5; 32], 1)); // session
        body.extend_from_slice(&sized(&words(&ciphers), 2));
        body.extend_from_slice(&[1, 0]); // compression
        body.extend_from_slice(&sized(&self.extensions(&versions, newest)?, 2));
        Ok(body)
    }

    fn extensions(&self, versions: &[u16], newest: u16) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let mut add = |kind: u16, content: &[u8]| {
            out.extend_from_slice(&kind.to_be_bytes());
            out.extend_from_slice(&sized(content, 2));
        };
        if let Some(name) = &self.sni {
            add(0, &sized(&[&[0][..], &sized(name.as_bytes(), 2)].concat(), 2));
        }
        add(10, &sized(&words(&numbers(&GROUPS, &self.groups)?), 2));
        add(11, &[1, 0]); // uncompressed points
        if newest >= 0x0303 {
            add(13, &sized(&words(&SIGNATURES), 2));
        }
        if !self.alpn.is_empty() {
            let names: Vec<u8> = self.alpn.iter().flat_map(|name| sized(name.as_bytes(), 1)).collect();
            add(16, &sized(&names, 2));
        }
        if newest > 0x0303 {
            add(43, &sized(&words(versions), 1));
            // No share of any group: the server then names the one that it wants.
            add(51, &[0, 0]);
        }
        if self.padding > 0 {
            add(21, &vec![0; self.padding.into()]);
        }
        Ok(out)
    }
}

fn numbers(table: &[(&str, u16)], names: &[String]) -> Result<Vec<u16>, String> {
    names.iter().map(|name| number(table, name)).collect()
}

fn words(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// A length in so many bytes.
fn length(length: usize, bytes: usize) -> Vec<u8> {
    let all = length.to_be_bytes();
    all[all.len() - bytes..].to_vec()
}

/// Content with its length before it.
fn sized(content: &[u8], bytes: usize) -> Vec<u8> {
    [&length(content.len(), bytes)[..], content].concat()
}
