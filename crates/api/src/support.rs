//! `/api/support-dump`: what somebody who helps needs to see, in one file. Secrets are kept back, as everywhere here.

use std::io::Write;

use ferroway_config::encode::{Encode, Object, string};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::answer::Answer;
use crate::facts::Facts;
use crate::rawdata;
use crate::view::Seen;

/// Archives consist of blocks of this size.
const BLOCK: usize = 512;

pub(crate) fn answer(seen: &Seen<'_>) -> Answer {
    let (facts, running) = (seen.facts, seen.running);
    let mut config = Vec::new();
    facts.config.encode(&mut config);
    let files = [
        ("version.json", version(facts)),
        ("static-config.json", config),
        ("runtime-config.json", rawdata::encode(seen.view, running.servers, true)),
    ];
    // Nothing can fail: it is written into memory.
    let archive = compressed(&archive(&files, running.now)).unwrap_or_default();
    Answer::file(archive, "application/gzip", "support-dump.tar.gz")
}

fn version(facts: &Facts) -> Vec<u8> {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.with("version", |out| string(out, facts.version));
    object.with("codename", |out| string(out, "ferroway"));
    object.with("startDate", |out| string(out, &facts.started));
    object.end();
    out
}

fn compressed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The files as a tar archive (POSIX.1-1988, ustar).
fn archive(files: &[(&str, Vec<u8>)], now: i64) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.extend_from_slice(&header(name, content.len(), now));
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    // Two empty blocks are the end.
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn header(name: &str, size: usize, now: i64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{:011o}", now.clamp(0, 0o77_777_777_777)));
    // The sum is taken with spaces in its own place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_file() {
        let header = header("version.json", 10, 0o14_400_000_000);
        assert_eq!(&header[124..148], b"00000000012\x0014400000000\x00");
        assert_eq!(&header[257..265], b"ustar\x0000");
        let sum: u32 = header[..148].iter().chain(&header[156..]).map(|byte| u32::from(*byte)).sum();
        assert_eq!(&header[148..156], format!("{:06o}\0 ", sum + 8 * 32).as_bytes());
        assert_eq!(archive(&[("a", vec![1; 513]), ("b", Vec::new())], 0).len(), 6 * BLOCK);
    }
}
