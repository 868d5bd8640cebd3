//! The fields of a head, sorted while they are read: those that concern the connection or the framing
//! are taken apart, everything else is for the data plane.

use bytes::Bytes;
use ferroway_core::HeaderList;
use http::HeaderValue;
use http::header::{CONNECTION, EXPECT, HeaderName};

use super::head::HeadError;

/// Most fields that `Connection` may name: each of them is compared with every field.
const MAX_NAMED: usize = 100;

/// The fields of one head.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// What is for the data plane.
    pub(super) headers: HeaderList,
    pub(super) host: Option<HeaderValue>,
    /// `Content-Length`.
    pub(super) length: Option<u64>,
    /// `Transfer-Encoding: chunked`.
    pub(super) chunked: bool,
    pub(super) connection: ConnectionOptions,
    pub(super) upgrade: Option<HeaderValue>,
    /// `TE: trailers`.
    pub(super) accepts_trailers: bool,
    /// `Trailer`.
    pub(super) trailer: Option<HeaderValue>,
    /// `Expect: 100-continue`.
    pub(super) expects_continue: bool,
}

/// What `Connection` asks for (RFC 9110 section 7.6.1).
#[derive(Debug, Default)]
pub(super) struct ConnectionOptions {
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    pub(super) upgrade: bool,
    /// Fields that are for the next hop only.
    pub(super) named: Vec<HeaderName>,
}

/// Fields with a meaning for the codec.
enum Special {
    Host,
    ContentLength,
    TransferEncoding,
    Connection,
    Upgrade,
    Te,
    Trailer,
    Expect,
    /// For this connection only, and without a meaning for us.
    HopByHop,
}

impl Special {
    fn of(name: &[u8]) -> Option<Self> {
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        match name.len() {
            2 if is(b"te") => Some(Self::Te),
            4 if is(b"host") => Some(Self::Host),
            6 if is(b"expect") => Some(Self::Expect),
            7 if is(b"upgrade") => Some(Self::Upgrade),
            7 if is(b"trailer") => Some(Self::Trailer),
            10 if is(b"connection") => Some(Self::Connection),
            10 if is(b"keep-alive") => Some(Self::HopByHop),
            14 if is(b"content-length") => Some(Self::ContentLength),
            16 if is(b"proxy-connection") => Some(Self::HopByHop),
            17 if is(b"transfer-encoding") => Some(Self::TransferEncoding),
            18 if is(b"proxy-authenticate") => Some(Self::HopByHop),
            19 if is(b"proxy-authorization") => Some(Self::HopByHop),
            _ => None,
        }
    }
}

impl Fields {
    /// Sorts the fields of a head. All values share one allocation; there is room for `more` fields.
    pub(super) fn of(head: &[u8], parsed: &[httparse::Header<'_>], more: usize) -> Result<Self, HeadError> {
        let Some(first) = parsed.first() else { return Ok(Self::default()) };
        let base = offset_in(head, first.name.as_bytes());
        let shared = Bytes::copy_from_slice(&head[base..]);
        let value_of = |field: &httparse::Header<'_>| {
            if field.value.is_empty() {
                return Ok(HeaderValue::from_static(""));
            }
            let at = offset_in(head, field.value) - base;
            let slice = shared.slice(at..at + field.value.len());
            HeaderValue::from_maybe_shared(slice).map_err(|_| HeadError::FieldValue)
        };
        let mut fields = Self { headers: HeaderList::with_capacity(parsed.len() + more), ..Self::default() };
        let mut codings = 0;
        for field in parsed {
            match Special::of(field.name.as_bytes()) {
                None => {
                    let name =
                        HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| HeadError::FieldName)?;
                    fields.headers.append(name, value_of(field)?);
                }
                Some(Special::Host) if fields.host.is_some() => return Err(HeadError::HostTwice),
                Some(Special::Host) => fields.host = Some(value_of(field)?),
                Some(Special::ContentLength) => fields.take_length(field.value)?,
                Some(Special::TransferEncoding) => {
                    codings += 1;
                    check_chunked(field.value, codings)?;
                    fields.chunked = true;
                }
                Some(Special::Connection) => fields.connection.take(field.value)?,
                Some(Special::Upgrade) => fields.upgrade = Some(value_of(field)?),
                Some(Special::Te) => fields.accepts_trailers |= has_element(field.value, b"trailers"),
                Some(Special::Trailer) => fields.trailer = Some(value_of(field)?),
                Some(Special::Expect) => {
                    fields.expects_continue |= has_element(field.value, b"100-continue");
                    fields.headers.append(EXPECT, value_of(field)?);
                }
                Some(Special::HopByHop) => {}
            }
        }
        Ok(fields)
    }

    /// One number, or several times the same one (RFC 9110 section 8.6).
    fn take_length(&mut self, value: &[u8]) -> Result<(), HeadError> {
        let length = parse_length(value)?;
        if self.length.is_some_and(|other| other != length) {
            return Err(HeadError::ContentLength);
        }
        self.length = Some(length);
        Ok(())
    }
}

/// The number that a `Content-Length` line holds.
pub(crate) fn parse_length(value: &[u8]) -> Result<u64, HeadError> {
    // No sign, no list, no empty value: `str::parse` alone would take a plus sign.
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(HeadError::ContentLength);
    }
    let text = std::str::from_utf8(value).map_err(|_| HeadError::ContentLength)?;
    let length: u64 = text.parse().map_err(|_| HeadError::ContentLength)?;
    // Lengths that no reader can add to without overflow are as good as malformed.
    if i64::try_from(length).is_ok() { Ok(length) } else { Err(HeadError::ContentLength) }
}

impl ConnectionOptions {
    fn take(&mut self, value: &[u8]) -> Result<(), HeadError> {
        for option in elements(value) {
            if option.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            } else if option.eq_ignore_ascii_case(b"upgrade") {
                self.upgrade = true;
            } else if let Ok(name) = HeaderName::from_bytes(option)
                && name != CONNECTION
            {
                if self.named.len() == MAX_NAMED {
                    return Err(HeadError::TooManyFields);
                }
                self.named.push(name);
            }
        }
        Ok(())
    }
}

/// `Transfer-Encoding` must be `chunked`, once, and nothing else.
fn check_chunked(value: &[u8], lines: usize) -> Result<(), HeadError> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return if lines == 1 { Ok(()) } else { Err(HeadError::TransferEncoding) };
    }
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_, ".contains(byte);
    if !value.is_empty() && value.iter().all(token) {
        Err(HeadError::TransferCoding)
    } else {
        Err(HeadError::TransferEncoding)
    }
}

/// The elements of a comma separated list, trimmed, empty ones left out.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|element| !element.is_empty())
}

fn has_element(value: &[u8], wanted: &[u8]) -> bool {
    elements(value).any(|element| element.eq_ignore_ascii_case(wanted))
}

/// Where `part`, which lies in `whole`, starts.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}
