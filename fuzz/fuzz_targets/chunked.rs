//! Chunked bodies: how the bytes arrive makes no difference, and data survives being written and read.

#![no_main]

use std::io::{self, Cursor};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Waker};

use ferroway_core::{Body, Duplex, HeaderList, Io, ReadBuffer};
use ferroway_http::h1::decode::{Decoded, Decoder};
use ferroway_http::h1::encode::{MessageWriter, OutFraming};
use ferroway_http::h1::head::Framing;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

fuzz_target!(|bytes: &[u8]| {
    let whole = decode(bytes, bytes.len());
    assert_eq!(decode(bytes, 1), whole, "in single bytes");
    // Any other size, so that every kind of border is met.
    assert_eq!(decode(bytes, 2 + bytes.len() % 61), whole, "in pieces");
    if whole.end == End::Complete {
        let wire = encode(&whole.data);
        let again = decode(&wire, wire.len());
        assert_eq!((again.data, again.end, again.rest), (whole.data, End::Complete, Vec::new()));
    }
});

/// How a body ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Complete,
    Malformed,
    /// There are no more bytes, and the body is not complete.
    Cut,
}

/// What a decoder made of some bytes.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    data: Vec<u8>,
    trailers: Option<HeaderList>,
    end: End,
    /// What follows the body; empty unless it is complete.
    rest: Vec<u8>,
}

/// Decodes `wire`, arriving in pieces of `step` bytes.
fn decode(wire: &[u8], step: usize) -> Outcome {
    let mut decoder = Decoder::new(Framing::Chunked);
    let mut buffer = ReadBuffer::default();
    let mut data = Vec::new();
    let mut arrived = 0;
    let (end, rest) = loop {
        match decoder.decode(&mut buffer) {
            Ok(Decoded::Data(n)) => {
                assert!(n > 0);
                data.extend_from_slice(&buffer.unread()[..n]);
                decoder.consume(&mut buffer, n);
            }
            Ok(Decoded::End) => {
                assert!(decoder.is_done());
                break (End::Complete, [buffer.unread(), &wire[arrived..]].concat());
            }
            Ok(Decoded::NeedMore) if arrived == wire.len() => break (End::Cut, Vec::new()),
            Ok(Decoded::NeedMore) => {
                let piece = &wire[arrived..wire.len().min(arrived + step)];
                receive(&mut buffer, piece);
                arrived += piece.len();
            }
            Err(message) => {
                assert!(!message.is_empty());
                break (End::Malformed, Vec::new());
            }
        }
    };
    Outcome { data, trailers: decoder.take_trailers(), end, rest }
}

/// Puts `piece` into the buffer as a socket would.
fn receive(buffer: &mut ReadBuffer, piece: &[u8]) {
    let mut io = Io::Other(Box::new(Cursor::new(piece.to_vec())));
    let mut left = piece.len();
    while left > 0 {
        match buffer.poll_read(&mut io, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(n)) if n > 0 => left -= n,
            other => unreachable!("memory is always readable: {other:?}"),
        }
    }
}

/// `data` as a chunked body.
fn encode(data: &[u8]) -> Vec<u8> {
    let (sender, written) = channel();
    let mut io = Io::Other(Box::new(Sink(sender)));
    let mut body = Body::Full(data.to_vec().into());
    let mut writer = MessageWriter::idle();
    writer.start(OutFraming::Chunked, |_| ());
    let done = writer.poll(&mut io, &mut body, &mut Context::from_waker(Waker::noop()));
    assert!(matches!(done, Poll::Ready(Ok(()))), "memory is always writable: {done:?}");
    written.try_iter().flatten().collect()
}

/// A connection that takes a few bytes at a time.
struct Sink(Sender<Vec<u8>>);

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = &bytes[..bytes.len().min(1000)];
        self.0.send(taken.to_vec()).map_err(io::Error::other)?;
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Duplex for Sink {}

impl AsyncRead for Sink {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
