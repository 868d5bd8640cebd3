//! Bodies in translation. A piece is translated when it is asked for, and the next one when it is consumed.

use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf as _, Bytes};
use ferroway_core::{Body, BodyError, BodyStream, HeaderList};

use super::base64::Decoder;

/// How much base64 is translated at a time. Divisible by three and by four, so that no padding is needed within a piece.
const PIECE: usize = 15 * 1024;

/// The body of a request, from gRPC-Web to gRPC. Its length is never told: for gRPC it is the number of messages that
/// matters, and servers are used to bodies without one.
pub(super) struct Decoded {
    inner: Body,
    /// Where the client writes base64.
    decoder: Option<Decoder>,
    /// What was decoded and not consumed.
    bytes: Bytes,
}

impl Decoded {
    pub(super) fn new(inner: Body, text: bool) -> Self {
        Self { inner, decoder: text.then(Decoder::default), bytes: Bytes::new() }
    }
}

impl BodyStream for Decoded {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        let Some(decoder) = &mut self.decoder else { return self.inner.poll_fill(cx) };
        while self.bytes.is_empty() {
            let there = ready!(self.inner.poll_fill(cx))?;
            if there == 0 {
                let whole = decoder.is_between_groups();
                return Poll::Ready(if whole { Ok(0) } else { Err(malformed("base64 that is cut off")) });
            }
            let piece = there.min(PIECE);
            let decoded = decoder.decode(&self.inner.data()[..piece]);
            self.bytes = decoded.map_err(|_| malformed("no base64"))?.into();
            self.inner.consume(piece);
        }
        Poll::Ready(Ok(self.bytes.len()))
    }

    fn data(&self) -> &[u8] {
        if self.decoder.is_some() { &self.bytes } else { self.inner.data() }
    }

    fn consume(&mut self, n: usize) {
        if self.decoder.is_some() { self.bytes.advance(n) } else { self.inner.consume(n) }
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.inner.trailers()
    }

    fn length(&self) -> Option<u64> {
        None
    }

    fn finish(self: Box<Self>) {
        self.inner.finish();
    }
}

fn malformed(what: &'static str) -> BodyError {
    BodyError::ClientMalformed(what)
}

/// The body of a response, from gRPC to gRPC-Web. Of base64, every piece is an encoding of its own, so that nothing waits
/// for what comes later.
pub(super) struct Encoded {
    inner: Body,
    /// Whether the client reads base64.
    text: bool,
    /// Whether the trailer fields follow in a frame.
    framed: bool,
    /// What was made here and not consumed: base64, and the frame with the trailer fields.
    bytes: Bytes,
    ended: bool,
}

impl Encoded {
    pub(super) fn new(inner: Body, text: bool, framed: bool) -> Self {
        Self { inner, text, framed, bytes: Bytes::new(), ended: false }
    }

    /// Whether the inner body is shown as it is.
    fn is_passing(&self) -> bool {
        !self.text && !self.ended
    }

    fn last(&mut self) -> Bytes {
        let frame = frame(&self.inner.trailers().unwrap_or_default());
        if self.text { STANDARD.encode(frame).into() } else { frame.into() }
    }
}

impl BodyStream for Encoded {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        while self.bytes.is_empty() && !self.ended {
            let there = ready!(self.inner.poll_fill(cx))?;
            if there == 0 {
                self.ended = true;
                if self.framed {
                    self.bytes = self.last();
                }
            } else if self.text {
                let piece = there.min(PIECE);
                self.bytes = STANDARD.encode(&self.inner.data()[..piece]).into();
                self.inner.consume(piece);
            } else {
                return Poll::Ready(Ok(there));
            }
        }
        Poll::Ready(Ok(self.bytes.len()))
    }

    fn data(&self) -> &[u8] {
        if self.is_passing() { self.inner.data() } else { &self.bytes }
    }

    fn consume(&mut self, n: usize) {
        if self.is_passing() { self.inner.consume(n) } else { self.bytes.advance(n) }
    }

    fn length(&self) -> Option<u64> {
        None
    }

    fn finish(self: Box<Self>) {
        self.inner.finish();
    }
}

/// The last frame of a body: its mark, its length, and the trailer fields in lines, sorted by name.
pub(super) fn frame(trailers: &HeaderList) -> Vec<u8> {
    const TRAILERS: u8 = 0x80;
    let mut fields: Vec<_> = trailers.iter().collect();
    fields.sort_by_key(|(name, _)| name.as_str());
    let mut frame = vec![TRAILERS, 0, 0, 0, 0];
    for (name, value) in fields {
        frame.extend_from_slice(name.as_str().as_bytes());
        frame.extend_from_slice(b": ");
        frame.extend_from_slice(value.as_bytes().trim_ascii());
        frame.extend_from_slice(b"\r\n");
    }
    let length = u32::try_from(frame.len() - 5).expect("the codecs bound trailer fields far below 4 GiB");
    frame[1..5].copy_from_slice(&length.to_be_bytes());
    frame
}
