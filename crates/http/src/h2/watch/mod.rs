//! Looks over the shoulder of `h2`: what a client sends that the crate lets pass without a word, and that a proxy
//! must not.
//!
//! Bytes of a connection are followed, frame by frame, while they are read. Nothing is decoded or kept but what
//! tells pseudo fields from others, so this costs a request next to nothing.

mod block;
mod huffman;
#[cfg(test)]
mod tests;

use self::block::Blocks;
use super::PREFACE;

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 32;

/// The length of a frame's head (RFC 9113 section 4.1).
const HEAD: usize = 9;

/// What a client did that it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    /// No settings behind the preface (RFC 9113 section 3.4).
    NoSettings,
    /// Trailers of this stream have a pseudo field (RFC 9113 section 8.1), which `h2` drops.
    PseudoTrailer(u32),
    /// The path of this stream's request has a fragment, which the crate `http` drops.
    Fragment(u32),
}

/// Where in a connection's bytes the next one is.
#[derive(Debug, Clone, Copy)]
enum At {
    /// So much is left of the preface.
    Preface(usize),
    /// So much is there of a frame's head.
    Head(usize),
    /// What comes before a field block: so much of it is left, and whether its first byte is the length of the
    /// padding.
    Prefix(usize, bool),
    Block,
    /// Nothing of interest.
    Skip,
}

/// Follows what a client sends.
#[derive(Debug)]
pub(super) struct Watch {
    at: At,
    head: [u8; HEAD],
    /// Bytes of the frame that are still to come, without padding.
    left: usize,
    /// Those of its padding.
    padding: usize,
    settled: bool,
    blocks: Blocks,
    /// The stream whose field block it is.
    stream: u32,
    trailers: bool,
    /// The newest stream. Clients open streams in order, so a block for one that is not newer is one of trailers.
    newest: u32,
}

impl Watch {
    /// A client may compress its heads with a table of so many bytes.
    pub(super) fn new(table_size: usize) -> Self {
        Self {
            at: At::Preface(PREFACE.len()),
            head: [0; HEAD],
            left: 0,
            padding: 0,
            settled: false,
            blocks: Blocks::new(table_size),
            stream: 0,
            trailers: false,
            newest: 0,
        }
    }

    /// Goes on with these bytes, and tells what it finds. It knows nothing of what `h2` refuses: then nobody looks
    /// at what follows.
    pub(super) fn see(&mut self, mut bytes: &[u8], mut tell: impl FnMut(Oddity)) {
        while !bytes.is_empty() {
            bytes = match self.at {
                At::Preface(left) => {
                    let n = left.min(bytes.len());
                    self.at = if n == left { At::Head(0) } else { At::Preface(left - n) };
                    &bytes[n..]
                }
                At::Head(have) => self.head(have, bytes, &mut tell),
                At::Prefix(left, padded) => self.prefix(left, padded, bytes, &mut tell),
                At::Block => self.block(bytes, &mut tell),
                At::Skip => {
                    let n = self.left.min(bytes.len());
                    self.left -= n;
                    if self.left == 0 {
                        self.at = At::Head(0);
                    }
                    &bytes[n..]
                }
            };
        }
    }

    fn head<'a>(&mut self, have: usize, bytes: &'a [u8], tell: &mut impl FnMut(Oddity)) -> &'a [u8] {
        let (part, rest) = bytes.split_at((HEAD - have).min(bytes.len()));
        self.head[have..have + part.len()].copy_from_slice(part);
        let have = have + part.len();
        self.at = At::Head(have);
        if have == HEAD {
            self.begin(tell);
        }
        rest
    }

    /// The head of a frame is there.
    fn begin(&mut self, tell: &mut impl FnMut(Oddity)) {
        let [a, b, c, kind, flags, stream @ ..] = self.head;
        self.left = usize::try_from(u32::from_be_bytes([0, a, b, c])).expect("24 bits");
        if !self.settled {
            if kind != SETTINGS || flags & ACK > 0 {
                tell(Oddity::NoSettings);
            }
            self.settled = true;
        }
        self.padding = 0;
        match kind {
            HEADERS => {
                self.stream = u32::from_be_bytes(stream) & (u32::MAX >> 1);
                self.trailers = self.stream <= self.newest;
                self.newest = self.newest.max(self.stream);
                self.blocks.begin();
                let padded = flags & PADDED > 0;
                let prefix = usize::from(padded) + if flags & PRIORITY > 0 { 5 } else { 0 };
                self.left = self.left.saturating_sub(prefix);
                self.at = if prefix > 0 { At::Prefix(prefix, padded) } else { At::Block };
            }
            CONTINUATION => self.at = At::Block,
            _ => self.at = At::Skip,
        }
        if self.left == 0 && !matches!(self.at, At::Prefix(..)) {
            self.end(tell);
        }
    }

    fn prefix<'a>(
        &mut self,
        left: usize,
        padded: bool,
        bytes: &'a [u8],
        tell: &mut impl FnMut(Oddity),
    ) -> &'a [u8] {
        let n = left.min(bytes.len());
        if padded {
            // Padding that is longer than the frame is an error.
            self.padding = usize::from(bytes[0]).min(self.left);
            self.left -= self.padding;
        }
        if n < left {
            self.at = At::Prefix(left - n, false);
        } else if self.left > 0 {
            self.at = At::Block;
        } else {
            self.end(tell);
        }
        &bytes[n..]
    }

    fn block<'a>(&mut self, bytes: &'a [u8], tell: &mut impl FnMut(Oddity)) -> &'a [u8] {
        let (fields, rest) = bytes.split_at(self.left.min(bytes.len()));
        self.blocks.see(fields);
        self.left -= fields.len();
        if self.left == 0 {
            self.end(tell);
        }
        rest
    }

    /// The frame is over, but for its padding.
    fn end(&mut self, tell: &mut impl FnMut(Oddity)) {
        let [_, _, _, kind, flags, ..] = self.head;
        if matches!(kind, HEADERS | CONTINUATION) && flags & END_HEADERS > 0 {
            let found = self.blocks.found();
            if found.pseudo && self.trailers {
                tell(Oddity::PseudoTrailer(self.stream));
            }
            if found.fragment && !self.trailers {
                tell(Oddity::Fragment(self.stream));
            }
        }
        self.left = self.padding;
        self.at = if self.left > 0 { At::Skip } else { At::Head(0) };
    }
}
