//! Frames as bytes, and bytes as frames (RFC 9113 section 4.1).

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// A frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// What a client begins with: the preface, and these settings.
pub(crate) fn hello(settings: &[(u16, u32)]) -> Vec<u8> {
    let mut bytes = ferroway_http::h2::PREFACE.to_vec();
    bytes.extend(settings_frame(settings));
    bytes
}

pub(crate) fn settings_frame(settings: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> = settings.iter().flat_map(|(id, value)| setting(*id, *value)).collect();
    frame(SETTINGS, 0, 0, &payload)
}

fn setting(id: u16, value: u32) -> [u8; 6] {
    let ([a, b], [c, d, e, f]) = (id.to_be_bytes(), value.to_be_bytes());
    [a, b, c, d, e, f]
}

/// A literal field that is not indexed (RFC 7541 section 6.2.2).
pub(crate) fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        push_length(&mut bytes, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The same, added to the dynamic table (RFC 7541 section 6.2.1).
pub(crate) fn indexed_field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = field(name, value);
    bytes[0] = 0x40;
    bytes
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    if length < 127 {
        return bytes.push(u8::try_from(length).expect("short"));
    }
    bytes.push(127);
    let mut left = length - 127;
    while left >= 128 {
        bytes.push(u8::try_from(left % 128).expect("short") | 128);
        left /= 128;
    }
    bytes.push(u8::try_from(left).expect("short"));
}

/// A field block.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| field(name, value)).collect()
}

/// The head of a request to `a.test`, with more fields.
pub(crate) fn head(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let usual = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a.test")];
    [block(&usual), block(more)].concat()
}

/// A request without a body.
pub(crate) fn request(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &head("GET", path, &[]))
}

/// The head of a request whose body follows.
pub(crate) fn post(stream: u32, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &head("POST", path, more))
}

pub(crate) fn data(stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(DATA, 0, stream, payload)
}

pub(crate) fn last_data(stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(DATA, END_STREAM, stream, payload)
}

pub(crate) fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

/// Takes the first frame off `bytes` and shows it; `None` if it is not there whole.
pub(crate) fn take_frame(bytes: &mut Vec<u8>) -> Option<String> {
    let [a, b, c, kind, flags, ..] = *bytes.as_slice() else { return None };
    let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).expect("24 bits");
    if bytes.len() < 9 + length {
        return None;
    }
    let frame: Vec<u8> = bytes.drain(..9 + length).collect();
    let stream = number(&frame[5..9]);
    Some(show(kind, flags, stream, &frame[9..]))
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().expect("4 bytes"))
}

fn code(bytes: &[u8]) -> &'static str {
    match number(bytes) {
        0 => "NO_ERROR",
        1 => "PROTOCOL_ERROR",
        2 => "INTERNAL_ERROR",
        3 => "FLOW_CONTROL_ERROR",
        5 => "STREAM_CLOSED",
        6 => "FRAME_SIZE_ERROR",
        7 => "REFUSED_STREAM",
        8 => "CANCEL",
        9 => "COMPRESSION_ERROR",
        10 => "CONNECT_ERROR",
        11 => "ENHANCE_YOUR_CALM",
        _ => "another error",
    }
}

fn show(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> String {
    let end = if flags & END_STREAM > 0 { ", end" } else { "" };
    match kind {
        DATA if payload.len() <= 20 => format!("{stream}: DATA {:?}{end}", String::from_utf8_lossy(payload)),
        DATA => format!("{stream}: DATA of {}{end}", payload.len()),
        HEADERS => format!("{stream}: HEADERS{}{end}", status(payload)),
        RST_STREAM => format!("{stream}: RST_STREAM {}", code(payload)),
        SETTINGS if flags & ACK > 0 => "SETTINGS ack".to_owned(),
        SETTINGS => "SETTINGS".to_owned(),
        PING if flags & ACK > 0 => "PING ack".to_owned(),
        PING => "PING".to_owned(),
        GOAWAY if number(payload) == u32::MAX >> 1 => format!("GOAWAY soon, {}", code(&payload[4..])),
        GOAWAY => format!("GOAWAY after {}, {}", number(payload), code(&payload[4..])),
        WINDOW_UPDATE => format!("{stream}: WINDOW_UPDATE {}", number(payload)),
        kind => format!("{stream}: frame of type {kind}"),
    }
}

/// The status at the front of a field block, where it is one of the static table.
fn status(block: &[u8]) -> &'static str {
    match block {
        [0x88, ..] => " 200",
        [0x89, ..] => " 204",
        [0x8b, ..] => " 304",
        [0x8c, ..] => " 400",
        [0x8d, ..] => " 404",
        [0x8e, ..] => " 500",
        // A status that is spelled out.
        [0x08 | 0x48, ..] => " other",
        _ => "",
    }
}
