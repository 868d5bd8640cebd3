//! HTTP/2 (RFC 9113), both sides, on the crate `h2`: that does frames, HPACK, flow control and the states of
//! streams. What makes a proxy of it is here: the strict translation of heads, bodies that are pumped no faster
//! than the peer takes them, limits that hold for a whole connection, and orderly ends.

pub mod client;
mod fields;
mod metered;
mod receive;
mod request_head;
mod send;
pub mod server;
mod tunnel;
mod watch;

/// What a client sends first on an HTTP/2 connection (RFC 9113 section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Whether a connection that begins with these bytes is an HTTP/2 one; `None` if more are needed to tell.
pub fn starts_with_preface(bytes: &[u8]) -> Option<bool> {
    let seen = bytes.len().min(PREFACE.len());
    match bytes[..seen] == PREFACE[..seen] {
        true if seen == PREFACE.len() => Some(true),
        true => None,
        false => Some(false),
    }
}

/// Bytes of one stream that wait to be written: what is taken from a body before the peer takes it from us.
const SEND_BUFFER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::{PREFACE, starts_with_preface};

    #[test]
    fn the_preface_is_told_from_the_first_byte_that_differs() {
        let longer = [PREFACE.as_slice(), b"more"].concat();
        for (bytes, expected) in [
            (&b""[..], None),
            (b"P", None),
            (b"POST / HTTP/1.1", Some(false)),
            (b"PRI * HTTP/2.0\r\n", None),
            (b"PRI * HTTP/2.0\r\nx", Some(false)),
            (PREFACE, Some(true)),
            (&longer, Some(true)),
            (b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", Some(false)),
        ] {
            assert_eq!(starts_with_preface(bytes), expected, "{bytes:?}");
        }
    }
}
