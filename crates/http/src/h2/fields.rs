//! Fields between the lists of the data plane and the tables of the crate `h2`.

use ferroway_core::HeaderList;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue};

use crate::h1::fields::parse_length;
use crate::h1::head::{HeadError, may_trail};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const PROXY_AUTHENTICATE: HeaderName = HeaderName::from_static("proxy-authenticate");
const PROXY_AUTHORIZATION: HeaderName = HeaderName::from_static("proxy-authorization");

/// Whether a field belongs to one connection, or is written by a codec, and is never copied from one message to
/// another (RFC 9113 section 8.2.2, specification section 6.3).
pub(super) fn is_the_codecs(name: &HeaderName) -> bool {
    // The length tells most names apart without comparing them.
    match name.as_str().len() {
        2 => *name == TE,
        4 => *name == HOST,
        7 => *name == UPGRADE,
        10 => *name == CONNECTION || *name == KEEP_ALIVE,
        16 => *name == PROXY_CONNECTION,
        17 => *name == TRANSFER_ENCODING,
        18 => *name == PROXY_AUTHENTICATE,
        19 => *name == PROXY_AUTHORIZATION,
        _ => false,
    }
}

/// What a table holds more of than it can.
#[derive(Debug)]
pub(super) struct TooMany;

/// The fields of a message as `h2` takes them, with this `Content-Length`.
pub(super) fn to_map(fields: &HeaderList, length: ContentLength) -> Result<HeaderMap, TooMany> {
    let mut map = HeaderMap::try_with_capacity(fields.len() + 2).map_err(|_| TooMany)?;
    for (name, value) in fields {
        if is_the_codecs(name) || (*name == CONTENT_LENGTH && length != ContentLength::AsInTheFields) {
            continue;
        }
        map.try_append(name, value.clone()).map_err(|_| TooMany)?;
    }
    if let ContentLength::Is(length) = length {
        map.try_append(CONTENT_LENGTH, HeaderValue::from(length)).map_err(|_| TooMany)?;
    }
    Ok(map)
}

/// The `Content-Length` that a message gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentLength {
    /// This one.
    Is(u64),
    /// None.
    None,
    /// The one among the fields, which tells of a body that does not follow.
    AsInTheFields,
}

/// Trailers as `h2` takes them.
pub(super) fn trailers_to_map(fields: &HeaderList) -> Result<HeaderMap, TooMany> {
    to_map(fields, ContentLength::None)
}

/// Trailers as the data plane takes them: those that may be ones (RFC 9110 section 6.5.1).
pub(super) fn trailers_from_map(map: HeaderMap) -> HeaderList {
    let mut trailers = HeaderList::with_capacity(map.len());
    for_each(map, |name, value| {
        if !is_the_codecs(&name) && may_trail(name.as_str()) {
            trailers.append(name, value);
        }
    });
    trailers
}

/// Takes a table apart, line by line; lines of the same name come one after the other.
pub(super) fn for_each(map: HeaderMap, mut each: impl FnMut(HeaderName, HeaderValue)) {
    let mut last = None;
    for (name, value) in map {
        // Only the first line of a name has it.
        let name = name.or_else(|| last.clone()).expect("the first line has a name");
        last = Some(name.clone());
        each(name, value);
    }
}

/// Takes in a `Content-Length` line: one number, or several times the same one (RFC 9110 section 8.6).
pub(super) fn take_length(seen: &mut Option<u64>, value: &HeaderValue) -> Result<(), HeadError> {
    let length = parse_length(value.as_bytes())?;
    if seen.is_some_and(|other| other != length) {
        return Err(HeadError::ContentLength);
    }
    *seen = Some(length);
    Ok(())
}
