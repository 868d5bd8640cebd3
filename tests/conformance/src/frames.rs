//! The step `frames`: frames of HTTP/2 as a case writes them, malformed ones included.

use serde::Deserialize;

use crate::cases::default_entry_point;
use crate::request::TlsChoice;
use crate::text::from_hex;

/// What a client of HTTP/2 sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Frames to send on a connection of their own, after the preface and empty settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Frames {
    /// The entry point.
    #[serde(default = "default_entry_point")]
    pub entry_point: String,
    /// Speak TLS.
    pub tls: Option<TlsChoice>,
    /// Send the preface and settings first.
    #[serde(default = "yes")]
    pub preface: bool,
    /// The frames.
    pub frames: Vec<Frame>,
    /// Read until so many streams have ended.
    #[serde(default)]
    pub streams: usize,
    /// Seconds without anything new after which reading ends.
    #[serde(default = "default_pause")]
    pub read_timeout: f64,
    /// Observe only whether the server took offence: an error of a stream or the connection, the end, or 400. Which of
    /// them it is, RFC 9113 mostly leaves open.
    #[serde(default)]
    pub only_refused: bool,
}

fn yes() -> bool {
    true
}

fn default_pause() -> f64 {
    2.0
}

fn first_stream() -> u32 {
    1
}

/// One frame.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Frame {
    /// HEADERS.
    Headers(Block),
    /// CONTINUATION.
    Continuation(Block),
    /// DATA.
    Data(Data),
    /// `RST_STREAM` with a code.
    Reset(Number),
    /// `WINDOW_UPDATE` by a number.
    Window(Number),
    /// SETTINGS, by their numbers.
    Settings(Vec<(u16, u32)>),
    /// PING with eight bytes.
    Ping(String),
    /// Any frame.
    Any(Any),
    /// Exact bytes, in hexadecimal.
    Raw(String),
}

/// A block of header fields. They are written as literals, whatever is in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Block {
    /// The fields, pseudo ones included.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
    /// A number instead, of entries in the static table.
    #[serde(default)]
    pub indexed: Vec<u8>,
    /// The stream.
    #[serde(default = "first_stream")]
    pub stream: u32,
    /// The stream ends with it.
    #[serde(default = "yes")]
    pub end: bool,
    /// More follows in a CONTINUATION.
    #[serde(default)]
    pub more: bool,
}

/// The payload of a stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Data {
    /// The bytes.
    #[serde(default)]
    pub text: String,
    /// So many bytes instead.
    #[serde(default)]
    pub size: usize,
    /// The stream.
    #[serde(default = "first_stream")]
    pub stream: u32,
    /// The stream ends with it.
    #[serde(default = "yes")]
    pub end: bool,
}

/// A number for a stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The stream; 0 is the connection.
    pub stream: u32,
    /// The number.
    pub number: u32,
}

/// A frame of any kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Any {
    /// The type.
    pub kind: u8,
    /// The flags.
    #[serde(default)]
    pub flags: u8,
    /// The stream.
    #[serde(default)]
    pub stream: u32,
    /// The payload in hexadecimal.
    #[serde(default)]
    pub payload_hex: String,
}

impl Frames {
    /// The bytes of everything.
    ///
    /// # Errors
    /// When a frame cannot be written.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        if self.preface {
            out.extend_from_slice(PREFACE);
            // Without a dynamic table, the statuses that come back can be read without a state.
            out.extend(frame(4, 0, 0, &[0, 1, 0, 0, 0, 0]));
        }
        for frame in &self.frames {
            out.extend(frame.bytes()?);
        }
        Ok(out)
    }
}

impl Frame {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Headers(block) => block.bytes(1),
            Self::Continuation(block) => block.bytes(9),
            Self::Data(data) => {
                let payload = match data.size {
                    0 => data.text.clone().into_bytes(),
                    size => vec![b'd'; size],
                };
                frame(0, if data.end { END_STREAM } else { 0 }, data.stream, &payload)
            }
            Self::Reset(reset) => frame(3, 0, reset.stream, &reset.number.to_be_bytes()),
            Self::Window(window) => frame(8, 0, window.stream, &window.number.to_be_bytes()),
            Self::Settings(settings) => {
                let one = |(id, value): &(u16, u32)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat();
                frame(4, 0, 0, &settings.iter().flat_map(one).collect::<Vec<u8>>())
            }
            Self::Ping(bytes) => frame(6, 0, 0, bytes.as_bytes()),
            Self::Any(any) => frame(any.kind, any.flags, any.stream, &from_hex(&any.payload_hex)?),
            Self::Raw(hex) => from_hex(hex)?,
        })
    }
}

impl Block {
    fn bytes(&self, kind: u8) -> Vec<u8> {
        let mut flags = if self.more { 0 } else { END_HEADERS };
        if kind == 1 && self.end {
            flags |= END_STREAM;
        }
        let mut payload: Vec<u8> = self.indexed.iter().map(|index| 0x80 | index).collect();
        for (name, value) in &self.fields {
            payload.push(0);
            for text in [name, value] {
                payload.extend(string(text.as_bytes()));
            }
        }
        frame(kind, flags, self.stream, &payload)
    }
}

/// A string literal without Huffman coding (RFC 7541, section 5.2).
fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match u8::try_from(bytes.len()) {
        Ok(short @ ..0x7f) => out.push(short),
        _ => {
            out.push(0x7f);
            let mut rest = bytes.len() - 0x7f;
            while rest >= 0x80 {
                out.push(0x80 | u8::try_from(rest & 0x7f).unwrap_or_default());
                rest >>= 7;
            }
            out.push(u8::try_from(rest).unwrap_or_default());
        }
    }
    out.extend_from_slice(bytes);
    out
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = payload.len().to_be_bytes();
    [&length[length.len() - 3..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}
