//! Sends frames of HTTP/2 and reads those that come back.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::{Client, Failure, Opening, failure};
use crate::frames::Frames;
use crate::text::text;

/// How long opening the connection may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// The names of error codes (RFC 9113, section 7).
const CODES: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];

/// The codes of the digits in HPACK's Huffman code: the number of bits and the bits (RFC 7541, appendix B).
const DIGITS: [(u32, u32); 10] = [
    (5, 0x0),
    (5, 0x1),
    (5, 0x2),
    (6, 0x19),
    (6, 0x1a),
    (6, 0x1b),
    (6, 0x1c),
    (6, 0x1d),
    (6, 0x1e),
    (6, 0x1f),
];

impl Client {
    /// Sends the frames and describes what comes back: statuses, data, errors, pings, the end.
    ///
    /// # Errors
    /// When the connection cannot be made.
    pub async fn frames(&self, frames: &Frames) -> Result<Value, Failure> {
        let opening = Opening {
            entry_point: &frames.entry_point,
            source: None,
            preface: &[],
            start_tls: None,
            tls: frames.tls.as_ref(),
        };
        let stream = self.open(&opening, Instant::now() + PATIENCE).await?.stream;
        let bytes = frames.bytes().map_err(Failure::Wrong)?;
        let (read, mut write) = tokio::io::split(stream);
        // The server may close before it has taken everything; what it said is what counts.
        let writing = async {
            let _ = write.write_all(&bytes).await;
            let _ = write.flush().await;
        };
        let (events, ()) = tokio::join!(events(read, frames), writing);
        if frames.only_refused {
            return Ok(json!({"refused": events.iter().any(is_refusal)}));
        }
        Ok(json!({"frames": events}))
    }
}

fn is_refusal(event: &Value) -> bool {
    event.get("reset").is_some()
        || event.get("goaway").is_some()
        || event == "closed"
        || event.get("status") == Some(&json!("400"))
}

/// Reads until the end, a pause, or as many streams have ended as are wanted.
async fn events(mut read: impl tokio::io::AsyncRead + Unpin, frames: &Frames) -> Vec<Value> {
    let pause = Duration::try_from_secs_f64(frames.read_timeout).unwrap_or_default();
    let (mut events, mut ended) = (Vec::new(), 0);
    loop {
        match timeout(pause, frame(&mut read)).await {
            Err(_) => break,
            Ok(Err(_)) => {
                events.push(json!("closed"));
                break;
            }
            Ok(Ok(frame)) => {
                let Some(event) = frame.event() else { continue };
                ended += usize::from(frame.ends_stream());
                let gone = event.get("goaway").is_some();
                add(&mut events, event);
                if gone || frames.streams > 0 && ended >= frames.streams {
                    break;
                }
            }
        }
    }
    events
}

/// Adds an event; data of one stream that came in pieces becomes one.
fn add(events: &mut Vec<Value>, event: Value) {
    if let (Some(last), Some(more)) = (events.last_mut(), event.get("data").and_then(Value::as_str))
        && last.get("stream") == event.get("stream")
        && let Some(before) = last.get("data").and_then(Value::as_str)
    {
        last["data"] = json!(format!("{before}{more}"));
        if event.get("end").is_some() {
            last["end"] = json!(true);
        }
        return;
    }
    events.push(event);
}

/// A frame as it came.
struct Received {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

async fn frame(read: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<Received, Failure> {
    let mut head = [0; 9];
    read.read_exact(&mut head).await.map_err(|e| failure(&e))?;
    let [a, b, c, kind, flags, d, e, f, g] = head;
    let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or_default();
    let mut payload = vec![0; length];
    read.read_exact(&mut payload).await.map_err(|e| failure(&e))?;
    Ok(Received { kind, flags, stream: u32::from_be_bytes([d, e, f, g]) & 0x7fff_ffff, payload })
}

impl Received {
    fn ends_stream(&self) -> bool {
        self.kind == 3 || matches!(self.kind, 0 | 1) && self.flags & 1 != 0
    }

    /// What a case sees of it; nothing for what is mere housekeeping.
    fn event(&self) -> Option<Value> {
        let mut event = match self.kind {
            0 => json!({"stream": self.stream, "data": text(&self.payload)}),
            1 => match status(&self.payload) {
                Some(status) => json!({"stream": self.stream, "status": status}),
                None => json!({"stream": self.stream, "trailers": true}),
            },
            3 => return Some(json!({"stream": self.stream, "reset": code(self.payload.get(..4))})),
            6 if self.flags & 1 != 0 => return Some(json!({"pong": text(&self.payload)})),
            7 => return Some(json!({"goaway": code(self.payload.get(4..8))})),
            _ => return None,
        };
        if self.ends_stream() {
            event["end"] = json!(true);
        }
        Some(event)
    }
}

fn code(bytes: Option<&[u8]>) -> String {
    let bytes = bytes.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).unwrap_or_default();
    let number = u32::from_be_bytes(bytes);
    let name = usize::try_from(number).ok().and_then(|number| CODES.get(number));
    name.map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

/// The status at the start of a block of header fields, written without a dynamic table.
fn status(block: &[u8]) -> Option<String> {
    match block {
        // The size of the dynamic table changes.
        [0x20..=0x3f, rest @ ..] => status(rest),
        [index @ 0x88..=0x8e, ..] => {
            let known = ["200", "204", "206", "304", "400", "404", "500"];
            Some(known[usize::from(index - 0x88)].to_owned())
        }
        [0x08 | 0x18 | 0x48, 3, digits @ ..] => Some(text(digits.get(..3)?)),
        [0x08 | 0x18 | 0x48, length @ 0x80..=0x84, bytes @ ..] => {
            let bytes = bytes.get(..usize::from(length & 0x7f))?;
            let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
            digits(&bits)
        }
        _ => None,
    }
}

/// Three digits of a string of bits.
fn digits(mut bits: &str) -> Option<String> {
    let mut out = String::new();
    while out.len() < 3 {
        let found = DIGITS.iter().zip('0'..).find(|((length, code), _)| {
            let width = usize::try_from(*length).unwrap_or_default();
            bits.starts_with(&format!("{code:0width$b}"))
        });
        let ((length, _), digit) = found?;
        bits = &bits[usize::try_from(*length).ok()?..];
        out.push(digit);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_from_all_forms() {
        for (block, expected) in [
            (&[0x88][..], Some("200")),
            (&[0x20, 0x8d], Some("404")),
            (b"\x48\x03421", Some("421")),
            (b"\x08\x82\x64\x02", Some("302")),
            (b"\x48\x82\x68\x41", Some("421")),
            (b"\x00\x01a\x01b", None),
            (&[], None),
        ] {
            assert_eq!(status(block).as_deref(), expected, "{block:?}");
        }
    }
}
