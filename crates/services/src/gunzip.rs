//! Unpacking answers that were compressed only because ferroway asked for it.
//!
//! As Go's client does: to a server that may compress, a request without `Accept-Encoding` is sent
//! with `gzip`, and the client, which did not ask for it, gets the plain bytes.

use std::future::poll_fn;
use std::io::Write;
use std::task::{Context, Poll};

use ferroway_core::{Body, BodyError, BodyStream, HeaderList, Response};
use flate2::write::GzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

/// Compressed bytes that are unpacked in one step: at most about 1000 times as many come out.
const STEP: usize = 512;

/// What every gzip member starts with (RFC 1952 section 2.3.1).
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Unpacks the body where it is gzip. One that only claims to be is passed on as it is.
pub(crate) async fn unpack(mut response: Response) -> Response {
    let gzip = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"gzip");
    if !response.head.headers.get(&CONTENT_ENCODING).is_some_and(gzip) || response.body.is_empty() {
        return response;
    }
    // An error here is met again, by whoever reads the body.
    let filled = poll_fn(|cx| response.body.poll_fill(cx).map(|filled| filled.is_ok())).await;
    let start = response.body.data();
    if !filled || !start.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic) {
        return response;
    }
    response.head.headers.remove(&CONTENT_ENCODING);
    response.head.headers.remove(&CONTENT_LENGTH);
    response.body = Body::Stream(Box::new(Unpacked {
        packed: response.body,
        decoder: GzDecoder::new(Vec::new()),
        consumed: 0,
        ended: false,
    }));
    response
}

struct Unpacked {
    packed: Body,
    decoder: GzDecoder<Vec<u8>>,
    /// How much of the decoder's output was consumed.
    consumed: usize,
    ended: bool,
}

impl Unpacked {
    /// Unpacks one step of what the source has.
    fn step(&mut self) -> Result<(), BodyError> {
        let packed = self.packed.data();
        let step = &packed[..packed.len().min(STEP)];
        self.decoder.write_all(step).map_err(|_| BodyError::UpstreamMalformed("invalid gzip data"))?;
        let taken = step.len();
        self.packed.consume(taken);
        Ok(())
    }
}

impl BodyStream for Unpacked {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        loop {
            let ready = self.data().len();
            if ready > 0 {
                return Poll::Ready(Ok(ready));
            }
            if self.ended {
                return Poll::Ready(Ok(0));
            }
            self.decoder.get_mut().clear();
            self.consumed = 0;
            match std::task::ready!(self.packed.poll_fill(cx))? {
                0 => {
                    let finished = self.decoder.try_finish();
                    finished.map_err(|_| BodyError::UpstreamMalformed("the gzip data is incomplete"))?;
                    self.ended = true;
                }
                _ => self.step()?,
            }
        }
    }

    fn data(&self) -> &[u8] {
        &self.decoder.get_ref()[self.consumed..]
    }

    fn consume(&mut self, n: usize) {
        self.consumed += n;
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        self.packed.trailers()
    }

    fn length(&self) -> Option<u64> {
        None
    }

    fn finish(self: Box<Self>) {
        self.packed.finish();
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http::{HeaderValue, StatusCode};

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("memory does not fail");
        encoder.finish().expect("memory does not fail")
    }

    /// The body that the client gets, whether it is still called gzip, and the largest piece.
    fn unpacked(body: Vec<u8>) -> (Result<Vec<u8>, String>, bool, usize) {
        let mut response = Response::new(StatusCode::OK);
        response.head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response.body = Body::full(body);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut response = unpack(response).await;
            let (mut all, mut largest) = (Vec::new(), 0);
            let result = loop {
                match poll_fn(|cx| response.body.poll_fill(cx)).await {
                    Ok(0) => break Ok(all),
                    Ok(n) => {
                        largest = largest.max(n);
                        all.extend_from_slice(response.body.data());
                        response.body.consume(n);
                    }
                    Err(error) => break Err(error.to_string()),
                }
            };
            (result, response.head.headers.contains(&CONTENT_ENCODING), largest)
        })
    }

    #[test]
    fn gzip_is_unpacked_in_bounded_steps() {
        let zeros = vec![0; 20_000_000];
        let (body, still_gzip, largest) = unpacked(packed(&zeros));
        assert!(body.is_ok_and(|body| body == zeros) && !still_gzip);
        assert!(largest < 1_000_000, "{largest}");
    }

    #[test]
    fn what_only_claims_to_be_gzip_is_left_alone() {
        assert_eq!(unpacked(b"\x1f\x8bxxxx".to_vec()).0, Ok(b"\x1f\x8bxxxx".to_vec()));
        assert!(unpacked(b"plain".to_vec()).1);
    }

    #[test]
    fn a_cut_body_is_an_error() {
        let mut body = packed(b"hello hello hello");
        body.truncate(body.len() - 9);
        assert!(unpacked(body).0.is_err());
    }
}
