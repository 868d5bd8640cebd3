//! Bodies off the wire: framing is stripped in place, data is lent out of the read buffer.

use super::head::{Framing, end_of_head, parse_trailers};
use ferroway_core::{HeaderList, ReadBuffer};

/// Longest line that announces a chunk, extensions included.
const MAX_CHUNK_LINE: usize = 4096;
/// Most bytes of chunk extensions in one body: they carry nothing that we pass on.
const MAX_EXTENSIONS: usize = 64 * 1024;
/// Largest trailer section.
const MAX_TRAILERS: usize = 64 * 1024;

/// What is at the front of the buffer.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    /// This many bytes of data; never 0.
    Data(usize),
    /// Nothing yet.
    NeedMore,
    /// The body is complete.
    End,
}

/// Strips the framing of one body.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    extensions: usize,
    trailers: Option<HeaderList>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// This many bytes are missing.
    Length(u64),
    /// A chunk's line comes next.
    ChunkLine,
    /// This many bytes of the chunk are missing.
    ChunkData(u64),
    /// The CRLF behind a chunk's data comes next.
    ChunkEnd,
    Trailers,
    UntilClose,
    End,
}

impl Decoder {
    /// A decoder for a body of this framing.
    pub fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkLine,
            Framing::UntilClose => State::UntilClose,
        };
        Self { state, extensions: 0, trailers: None }
    }

    /// Whether nothing more belongs to the body.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::End | State::Length(0))
    }

    /// The exact number of data bytes to come, where it is known.
    pub fn length(&self) -> Option<u64> {
        match self.state {
            State::Length(length) => Some(length),
            State::End => Some(0),
            _ => None,
        }
    }

    /// The trailer fields, once the end was reached.
    pub fn take_trailers(&mut self) -> Option<HeaderList> {
        self.trailers.take()
    }

    /// Strips framing from the front of the buffer and tells what follows.
    ///
    /// # Errors
    /// The framing is malformed, in words.
    pub fn decode(&mut self, buffer: &mut ReadBuffer) -> Result<Decoded, &'static str> {
        loop {
            let unread = buffer.unread();
            match self.state {
                State::End | State::Length(0) => return Ok(Decoded::End),
                State::Length(left) | State::ChunkData(left) => {
                    let available = usize::try_from(left).unwrap_or(usize::MAX).min(unread.len());
                    return Ok(if available == 0 { Decoded::NeedMore } else { Decoded::Data(available) });
                }
                State::UntilClose => {
                    let available = unread.len();
                    return Ok(if available == 0 { Decoded::NeedMore } else { Decoded::Data(available) });
                }
                State::ChunkLine => match chunk_line(unread)? {
                    None => return Ok(Decoded::NeedMore),
                    Some((size, extension, line)) => {
                        self.extensions += extension;
                        if self.extensions > MAX_EXTENSIONS {
                            return Err("too many bytes of chunk extensions");
                        }
                        buffer.consume(line);
                        self.state = if size == 0 { State::Trailers } else { State::ChunkData(size) };
                    }
                },
                State::ChunkEnd => match unread {
                    [b'\r', b'\n', ..] => {
                        buffer.consume(2);
                        self.state = State::ChunkLine;
                    }
                    [] | [b'\r'] => return Ok(Decoded::NeedMore),
                    _ => return Err("a chunk is longer than announced"),
                },
                State::Trailers => match trailer_section(unread)? {
                    None => return Ok(Decoded::NeedMore),
                    Some(length) => {
                        if length > 2 {
                            let trailers = parse_trailers(&unread[..length]);
                            self.trailers = Some(trailers.map_err(|_| "malformed trailer fields")?);
                        }
                        buffer.consume(length);
                        self.state = State::End;
                    }
                },
            }
        }
    }

    /// Takes `n` of the data bytes that `decode` reported out of the buffer.
    pub fn consume(&mut self, buffer: &mut ReadBuffer, n: usize) {
        buffer.consume(n);
        match &mut self.state {
            State::Length(left) => *left -= n as u64,
            State::ChunkData(left) => {
                *left -= n as u64;
                if *left == 0 {
                    self.state = State::ChunkEnd;
                }
            }
            _ => {}
        }
    }

    /// The stream ended: whether the body is complete by that.
    pub fn finish_at_close(&mut self) -> bool {
        if self.state == State::UntilClose {
            self.state = State::End;
        }
        self.is_done()
    }
}

/// Size, length of the extensions and length of the line at the start of a chunk, once it is there.
fn chunk_line(bytes: &[u8]) -> Result<Option<(u64, usize, usize)>, &'static str> {
    let window = &bytes[..bytes.len().min(MAX_CHUNK_LINE)];
    let Some(end) = memchr::memchr(b'\n', window) else {
        // What cannot become a size any more is refused at once.
        let digits = window.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let plausible =
            digits == window.len() || (digits > 0 && matches!(window[digits], b';' | b' ' | b'\t' | b'\r'));
        return match window.len() {
            MAX_CHUNK_LINE.. => Err("the line of a chunk is too long"),
            0 => Ok(None),
            _ if plausible && digits <= 16 => Ok(None),
            _ => Err("invalid chunk size"),
        };
    };
    let line = window[..end].strip_suffix(b"\r").ok_or("a chunk line without CRLF")?;
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, extension) = line.split_at(digits);
    if !matches!(digits, 1..=16) || !matches!(extension, [] | [b';' | b' ' | b'\t', ..]) {
        return Err("invalid chunk size");
    }
    let blanks = extension.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let extension_valid = extension.is_empty()
        || extension[blanks..].first() == Some(&b';')
            && extension.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
    if !extension_valid {
        return Err("invalid chunk extension");
    }
    let size = size.iter().try_fold(0_u64, |size, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        size.checked_mul(16)?.checked_add(u64::from(digit))
    });
    match size {
        Some(size) if i64::try_from(size).is_ok() => Ok(Some((size, extension.len(), end + 1))),
        _ => Err("the size of a chunk overflows"),
    }
}

/// The length of the trailer section with its empty line, once it is there.
fn trailer_section(bytes: &[u8]) -> Result<Option<usize>, &'static str> {
    if bytes.starts_with(b"\r\n") {
        return Ok(Some(2));
    }
    match end_of_head(bytes, 0).map_err(|_| "a trailer line without CRLF")? {
        Some(end) if end <= MAX_TRAILERS => Ok(Some(end)),
        None if bytes.len() <= MAX_TRAILERS => Ok(None),
        _ => Err("the trailer section is too large"),
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use ferroway_core::Io;

    use super::*;

    /// Decodes `wire`, arriving in pieces of `step` bytes: the data and what follows the body, or the error.
    fn decode(framing: Framing, wire: &[u8], step: usize) -> Result<(Vec<u8>, Vec<u8>, bool), &'static str> {
        let mut decoder = Decoder::new(framing);
        let mut buffer = ReadBuffer::default();
        let mut data = Vec::new();
        let mut pieces = wire.chunks(step);
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        loop {
            match decoder.decode(&mut buffer)? {
                Decoded::Data(n) => {
                    data.extend_from_slice(&buffer.unread()[..n]);
                    decoder.consume(&mut buffer, n);
                }
                Decoded::End => {
                    let mut rest = buffer.unread().to_vec();
                    rest.extend(pieces.flatten());
                    return Ok((data, rest, decoder.take_trailers().is_some()));
                }
                Decoded::NeedMore => match pieces.next() {
                    Some(piece) => {
                        let mut io = Io::Other(Box::new(std::io::Cursor::new(piece.to_vec())));
                        let mut left = piece.len();
                        while left > 0 {
                            let Poll::Ready(Ok(n)) = buffer.poll_read(&mut io, cx) else {
                                panic!("memory fails")
                            };
                            left -= n;
                        }
                    }
                    None => {
                        return if decoder.finish_at_close() {
                            Ok((data, Vec::new(), false))
                        } else {
                            Err("cut")
                        };
                    }
                },
            }
        }
    }

    #[test]
    fn chunked_bodies_in_pieces_of_any_size() {
        for (wire, expected) in [
            ("5\r\nhello\r\n0\r\n\r\nGET", Ok(("hello", "GET", false))),
            ("5;a=b\r\nhello\r\n00\r\n\r\n", Ok(("hello", "", false))),
            ("A \t;x\r\n0123456789\r\n1\r\nx\r\n0\r\nX: y\r\n\r\n", Ok(("0123456789x", "", true))),
            ("0\r\n\r\n", Ok(("", "", false))),
            ("-5\r\nhello\r\n0\r\n\r\n", Err("invalid chunk size")),
            ("0x5\r\nhello\r\n0\r\n\r\n", Err("invalid chunk size")),
            ("\r\nhello\r\n0\r\n\r\n", Err("invalid chunk size")),
            ("10000000000000005\r\nhello", Err("invalid chunk size")),
            ("ffffffffffffffff\r\nhello", Err("the size of a chunk overflows")),
            ("5\nhello\r\n0\r\n\r\n", Err("a chunk line without CRLF")),
            ("5\r\nhello!\r\n0\r\n\r\n", Err("a chunk is longer than announced")),
            ("5\r\nhello\n0\r\n\r\n", Err("a chunk is longer than announced")),
            ("5 \r\nhello\r\n0\r\n\r\n", Err("invalid chunk extension")),
            ("5;\u{1}\r\nhello\r\n0\r\n\r\n", Err("invalid chunk extension")),
            ("5\r\nhel", Err("cut")),
            ("0\r\nX : y\r\n\r\n", Err("malformed trailer fields")),
        ] {
            for step in [1, 2, 3, 7, 1000] {
                let decoded = decode(Framing::Chunked, wire.as_bytes(), step);
                let expected = expected.map(|(data, rest, trailers)| {
                    (data.as_bytes().to_vec(), rest.as_bytes().to_vec(), trailers)
                });
                assert_eq!(decoded, expected, "{wire:?} in pieces of {step}");
            }
        }
    }

    #[test]
    fn other_framings() {
        assert_eq!(decode(Framing::Length(3), b"abcdef", 2), Ok((b"abc".to_vec(), b"def".to_vec(), false)));
        assert_eq!(decode(Framing::Length(3), b"ab", 2), Err("cut"));
        assert_eq!(decode(Framing::UntilClose, b"abcdef", 4), Ok((b"abcdef".to_vec(), Vec::new(), false)));
    }

    #[test]
    fn what_carries_no_data_is_bounded() {
        let extensions = format!("1;{}\r\nx\r\n", "e".repeat(4000)).repeat(20);
        assert_eq!(
            decode(Framing::Chunked, extensions.as_bytes(), 4096),
            Err("too many bytes of chunk extensions")
        );
        let line = format!("1;{}", "e".repeat(5000));
        assert_eq!(decode(Framing::Chunked, line.as_bytes(), 100), Err("the line of a chunk is too long"));
        let trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(20_000));
        assert_eq!(
            decode(Framing::Chunked, trailers.as_bytes(), 4096),
            Err("the trailer section is too large")
        );
    }
}
