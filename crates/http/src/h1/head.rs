//! Message heads: from bytes to [`RequestHead`] and [`ParsedResponse`], with every check that RFC 9112
//! leaves to the recipient done strictly. What is ambiguous is an error.

use std::mem::MaybeUninit;

use ferroway_core::{HeaderList, RequestHead, Target, TargetError};
use http::header::{CONTENT_LENGTH, TRAILER};
use http::{HeaderValue, Method, StatusCode, Version};

use super::fields::Fields;

/// Most fields in one head: enough for every honest peer, and a bound on the work for a hostile one.
pub const MAX_FIELDS: usize = 2000;

/// Fields for which there is room without an allocation.
const FEW_FIELDS: usize = 64;

/// Most fields in a trailer section.
const MAX_TRAILER_FIELDS: usize = 256;

/// Fields that are usually added to a message on its way: there is room for them from the start.
const ADDED_FIELDS: usize = 16;

/// How the body behind a head is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// This many bytes.
    Length(u64),
    /// Chunks (RFC 9112 section 7.1).
    Chunked,
    /// Everything until the connection is closed (responses only).
    UntilClose,
}

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The request line or status line has not its form.
    #[error("malformed start line")]
    StartLine,
    /// The version is not HTTP/1.
    #[error("unsupported protocol version")]
    Version,
    /// The method is no token.
    #[error("invalid method")]
    Method,
    /// The request target is malformed.
    #[error("{0}")]
    Target(#[from] TargetError),
    /// A field name is no token, or is followed by white space.
    #[error("invalid header name")]
    FieldName,
    /// A field value holds control characters, or the line is folded.
    #[error("invalid header value")]
    FieldValue,
    /// A line that ends in LF alone, or a CR that ends no line.
    #[error("line without CRLF")]
    LineEnd,
    /// The head is larger than allowed.
    #[error("the request head is too large")]
    TooLarge,
    /// More fields than [`MAX_FIELDS`].
    #[error("too many header fields")]
    TooManyFields,
    /// `Content-Length` is no number, or there are different ones.
    #[error("invalid Content-Length")]
    ContentLength,
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 section 6.1).
    #[error("both Content-Length and Transfer-Encoding")]
    TwoLengths,
    /// A transfer coding other than `chunked`.
    #[error("unsupported transfer encoding")]
    TransferCoding,
    /// `chunked` in a form that readers may disagree about.
    #[error("malformed Transfer-Encoding")]
    TransferEncoding,
    /// HTTP/1.1 without `Host` (RFC 9112 section 3.2).
    #[error("missing required Host header")]
    HostMissing,
    /// More than one `Host`.
    #[error("too many Host headers")]
    HostTwice,
    /// `Host` is no host.
    #[error("malformed Host header")]
    HostMalformed,
    /// `CONNECT`: a reverse proxy opens no tunnels.
    #[error("CONNECT is not supported")]
    Connect,
    /// A status outside 100 to 999.
    #[error("malformed status code")]
    Status,
}

/// A request head and what its codec needs to know.
#[derive(Debug)]
pub struct ParsedRequest {
    /// The head for the data plane.
    pub head: Box<RequestHead>,
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the client lets the connection live on.
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// A response head.
#[derive(Debug)]
pub struct ParsedResponse {
    /// The status.
    pub status: StatusCode,
    /// The fields that are for the client: none that concerns this connection or the framing, but for
    /// `Content-Length` where no body follows a `HEAD` or 304, and `Trailer`.
    pub headers: HeaderList,
    /// The protocol that the server switches to.
    pub upgrade: Option<HeaderValue>,
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the connection may be used again.
    pub keep_alive: bool,
}

/// The length of the head at the start of `bytes`, with its empty line, once it is there. `searched`
/// bytes were looked at before without finding the end.
///
/// # Errors
/// A line ends in LF alone: readers disagree whether that ends a line.
pub fn end_of_head(bytes: &[u8], searched: usize) -> Result<Option<usize>, HeadError> {
    // The last line may have been seen without its end.
    let from = searched.saturating_sub(3);
    for at in memchr::memchr_iter(b'\n', &bytes[from..]) {
        let line_end = from + at;
        if line_end == 0 || bytes[line_end - 1] != b'\r' {
            return Err(HeadError::LineEnd);
        }
        if line_end >= 3 && bytes[line_end - 2] == b'\n' {
            return Ok(Some(line_end + 1));
        }
    }
    Ok(None)
}

/// Parses a whole request head as [`end_of_head`] found it.
///
/// # Errors
/// The head is malformed or ambiguous; the connection cannot be used any more.
pub fn parse_request(head: &[u8]) -> Result<ParsedRequest, HeadError> {
    match parse_request_line_and_fields(head) {
        Err(HeadError::Version) => parse_request_line_and_fields(&as_version_1_1(head)?),
        Err(HeadError::StartLine) => match with_escaped_target(head) {
            Some(head) => parse_request_line_and_fields(&head),
            None => Err(HeadError::StartLine),
        },
        result => result,
    }
}

/// The same head with version 1.1 in place of a later one of the same major version, which a
/// recipient treats as the highest that it knows (RFC 9110 section 2.5).
fn as_version_1_1(head: &[u8]) -> Result<Vec<u8>, HeadError> {
    let line = memchr::memchr(b'\r', head).ok_or(HeadError::StartLine)?;
    match head[..line].last_chunk() {
        Some([b' ', b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9']) => {
            let mut head = head.to_vec();
            head[line - 1] = b'1';
            Ok(head)
        }
        // One that the parser knows: what is wrong is something else.
        Some([.., b'1', b'.', b'0' | b'1']) => Err(HeadError::StartLine),
        Some([b' ', b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']) => Err(HeadError::Version),
        _ => Err(HeadError::StartLine),
    }
}

/// The same head with the bytes of the target that are no ASCII escaped, where there are any: the parser
/// takes UTF-8 only.
fn with_escaped_target(head: &[u8]) -> Option<Vec<u8>> {
    let line = memchr::memchr(b'\r', head)?;
    if head[..line].is_ascii() {
        return None;
    }
    let mut escaped = Vec::with_capacity(head.len() + 64);
    for byte in &head[..line] {
        if byte.is_ascii() {
            escaped.push(*byte);
        } else {
            escaped.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    escaped.extend_from_slice(&head[line..]);
    Some(escaped)
}

fn parse_request_line_and_fields(head: &[u8]) -> Result<ParsedRequest, HeadError> {
    if head.first().is_none_or(u8::is_ascii_whitespace) {
        return Err(HeadError::StartLine);
    }
    with_fields(|fields| {
        let mut parsed = httparse::Request::new(&mut []);
        match parsed.parse_with_uninit_headers(head, fields) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Ok(_) => return Err(HeadError::StartLine),
            Err(error) => return Err(error.into()),
        }
        let version = version(parsed.version)?;
        let method = parsed.method.ok_or(HeadError::Method)?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| HeadError::Method)?;
        let target = parsed.path.ok_or(HeadError::StartLine)?.as_bytes();
        request(method, target, version, Fields::of(head, parsed.headers, ADDED_FIELDS)?)
    })
}

/// Parses a whole response head as [`end_of_head`] found it. `to_head` tells that the request was a `HEAD`.
///
/// # Errors
/// The head is malformed or ambiguous; the connection cannot be used any more.
pub fn parse_response(head: &[u8], to_head: bool) -> Result<ParsedResponse, HeadError> {
    with_fields(|fields| {
        let mut parsed = httparse::Response::new(&mut []);
        let parser = httparse::ParserConfig::default();
        match parser.parse_response_with_uninit_headers(&mut parsed, head, fields) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Ok(_) => return Err(HeadError::StartLine),
            Err(error) => return Err(error.into()),
        }
        let version = version(parsed.version)?;
        let status = parsed.code.ok_or(HeadError::Status)?;
        let status = StatusCode::from_u16(status).map_err(|_| HeadError::Status)?;
        response(status, version, Fields::of(head, parsed.headers, ADDED_FIELDS / 2)?, to_head)
    })
}

/// Parses trailer fields as [`end_of_head`] found them. Fields that frame or route a message are dropped.
///
/// # Errors
/// The fields are malformed.
pub fn parse_trailers(block: &[u8]) -> Result<HeaderList, HeadError> {
    let mut fields = vec![httparse::EMPTY_HEADER; MAX_TRAILER_FIELDS];
    match httparse::parse_headers(block, &mut fields) {
        Ok(httparse::Status::Complete((length, fields))) if length == block.len() => {
            // What concerns a connection or the framing stays out of the map anyway.
            let mut trailers = Fields::of(block, fields, 0)?.headers;
            trailers.retain(|name| may_trail(name.as_str()));
            Ok(trailers)
        }
        Ok(_) => Err(HeadError::FieldName),
        Err(error) => Err(error.into()),
    }
}

/// Whether a field may stand in a trailer section: none that frames or routes a message, carries
/// credentials, or changes how it is processed (RFC 9110 section 6.5.1). Readers that merge trailers into
/// the head would take it for one that was checked.
pub(crate) fn may_trail(name: &str) -> bool {
    const NEVER: [&str; 19] = [
        "age",
        "authorization",
        "cache-control",
        "cookie",
        "date",
        "expect",
        "expires",
        "forwarded",
        "location",
        "max-forwards",
        "pragma",
        "range",
        "retry-after",
        "set-cookie",
        "upgrade-insecure-requests",
        "vary",
        "via",
        "warning",
        "www-authenticate",
    ];
    const NEVER_FROM: [&str; 6] = ["content-", "if-", "proxy-", "sec-", "access-control-", "x-http-method"];
    let name = name.replace('_', "-");
    !NEVER.contains(&name.as_str())
        && !NEVER_FROM.iter().any(|start| name.starts_with(start))
        && !ferroway_core::header::is_forwarded(&name)
}

impl From<httparse::Error> for HeadError {
    fn from(error: httparse::Error) -> Self {
        match error {
            httparse::Error::HeaderName => Self::FieldName,
            httparse::Error::HeaderValue => Self::FieldValue,
            httparse::Error::NewLine => Self::LineEnd,
            httparse::Error::Status => Self::Status,
            httparse::Error::Token => Self::StartLine,
            httparse::Error::TooManyHeaders => Self::TooManyFields,
            httparse::Error::Version => Self::Version,
        }
    }
}

/// Runs a parser with room for few fields, and again with room for many where those were not enough.
fn with_fields<'b, T>(
    mut parse: impl FnMut(&mut [MaybeUninit<httparse::Header<'b>>]) -> Result<T, HeadError>,
) -> Result<T, HeadError> {
    let mut few = [const { MaybeUninit::uninit() }; FEW_FIELDS];
    match parse(&mut few) {
        Err(HeadError::TooManyFields) => parse(&mut vec![MaybeUninit::uninit(); MAX_FIELDS]),
        result => result,
    }
}

fn version(minor: Option<u8>) -> Result<Version, HeadError> {
    match minor {
        Some(0) => Ok(Version::HTTP_10),
        Some(1) => Ok(Version::HTTP_11),
        _ => Err(HeadError::Version),
    }
}

fn request(
    method: Method,
    target: &[u8],
    version: Version,
    mut fields: Fields,
) -> Result<ParsedRequest, HeadError> {
    let framing = request_framing(version, &fields)?;
    if let Some(announced) = fields.trailer.take().filter(|_| framing == Framing::Chunked) {
        fields.headers.insert(TRAILER, announced);
    }
    if method == Method::CONNECT {
        return Err(HeadError::Connect);
    }
    let host = match fields.host {
        Some(host) => host,
        None if version == Version::HTTP_11 => return Err(HeadError::HostMissing),
        None => HeaderValue::from_static(""),
    };
    check_host(&host)?;
    let parsed = Target::parse(target)?;
    let host = match parsed.authority {
        Some(authority) => {
            let authority = HeaderValue::from_bytes(authority).map_err(|_| HeadError::HostMalformed)?;
            check_host(&authority)?;
            authority
        }
        None => host,
    };
    let modern = version == Version::HTTP_11;
    let head = Box::new(RequestHead {
        method,
        target: parsed.target,
        version,
        host,
        headers: fields.headers,
        connection: fields.connection.named,
        upgrade: fields
            .upgrade
            .filter(|protocol| fields.connection.upgrade && modern && may_upgrade(protocol)),
        accepts_trailers: fields.accepts_trailers,
    });
    Ok(ParsedRequest {
        head,
        framing,
        keep_alive: !fields.connection.close && (modern || fields.connection.keep_alive),
        expects_continue: modern && fields.expects_continue && framing != Framing::Length(0),
    })
}

/// Whether a switch to this protocol is passed on. HTTP/2 is not: a server that agrees would get requests
/// that no router has seen.
fn may_upgrade(protocol: &HeaderValue) -> bool {
    let http = |word: &[u8]| {
        let word = word.trim_ascii();
        word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"h2c"))
            || word.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"http/"))
    };
    !protocol.as_bytes().split(|byte| *byte == b',').any(http)
}

/// RFC 9112 section 6.3 for requests.
fn request_framing(version: Version, fields: &Fields) -> Result<Framing, HeadError> {
    match (fields.chunked, fields.length) {
        (false, length) => Ok(Framing::Length(length.unwrap_or(0))),
        (true, Some(_)) => Err(HeadError::TwoLengths),
        (true, None) if version == Version::HTTP_10 => Err(HeadError::TransferEncoding),
        (true, None) => Ok(Framing::Chunked),
    }
}

fn response(
    status: StatusCode,
    version: Version,
    fields: Fields,
    to_head: bool,
) -> Result<ParsedResponse, HeadError> {
    let modern = version == Version::HTTP_11;
    let mut headers = fields.headers;
    if fields.chunked && fields.length.is_some() {
        return Err(HeadError::TwoLengths);
    }
    if fields.chunked && !modern {
        return Err(HeadError::TransferEncoding);
    }
    let bodiless = status.is_informational() || status == StatusCode::NO_CONTENT;
    let told_only = to_head || status == StatusCode::NOT_MODIFIED;
    if let Some(length) = fields.length.filter(|_| told_only && !bodiless) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let framing = match fields.length {
        _ if bodiless || told_only => Framing::Length(0),
        _ if fields.chunked => Framing::Chunked,
        Some(length) => Framing::Length(length),
        None => Framing::UntilClose,
    };
    if let Some(announced) = fields.trailer.filter(|_| framing == Framing::Chunked) {
        headers.insert(TRAILER, announced);
    }
    if !fields.connection.named.is_empty() {
        headers.retain(|name| !fields.connection.named.contains(name));
    }
    let keep_alive = !fields.connection.close && (modern || fields.connection.keep_alive);
    let keep_alive = keep_alive && framing != Framing::UntilClose;
    Ok(ParsedResponse { status, headers, upgrade: fields.upgrade, framing, keep_alive })
}

/// A host is a name, an IPv4 address or an IPv6 address in brackets, with an optional port
/// (RFC 9110 section 7.2). Empty is allowed.
pub(crate) fn check_host(host: &HeaderValue) -> Result<(), HeadError> {
    let bytes = host.as_bytes();
    let (name, port) = if bytes.first() == Some(&b'[') {
        let end = memchr::memchr(b']', bytes).ok_or(HeadError::HostMalformed)?;
        let address = std::str::from_utf8(&bytes[1..end]).map_err(|_| HeadError::HostMalformed)?;
        let (address, zone) = address.split_once("%25").unwrap_or((address, ""));
        let zone_valid = zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        if address.parse::<std::net::Ipv6Addr>().is_err() || !zone_valid {
            return Err(HeadError::HostMalformed);
        }
        (&[][..], &bytes[end + 1..])
    } else {
        let colon = memchr::memchr(b':', bytes).unwrap_or(bytes.len());
        bytes.split_at(colon)
    };
    let name_valid =
        name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(byte));
    let port_valid = match port {
        [] | [b':'] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if name_valid && port_valid { Ok(()) } else { Err(HeadError::HostMalformed) }
}

#[cfg(test)]
mod tests;
