//! Message heads: from bytes to [`RequestHead`] and [`ParsedResponse`], with every check that RFC 9112
//! leaves to the recipient done strictly. What is ambiguous is an error.

use bytes::Bytes;
use ferroway_core::header::list_elements;
use ferroway_core::{RequestHead, Target, TargetError};
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};

/// Most fields in one head: enough for every honest peer, and a bound on the work for a hostile one.
pub const MAX_FIELDS: usize = 2000;

/// Fields for which there is room without an allocation.
const FEW_FIELDS: usize = 64;

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
    pub head: RequestHead,
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
    /// All fields but the framing ones; `Content-Length` stays where no body follows a `HEAD` or 304.
    pub headers: HeaderMap,
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the connection may be used again.
    pub keep_alive: bool,
}

/// The length of the head at the start of `bytes`, with its empty line. `searched` bytes were
/// looked at before without finding the end.
pub fn end_of_head(bytes: &[u8], searched: usize) -> Option<usize> {
    let from = searched.saturating_sub(3);
    memchr::memmem::find(&bytes[from..], b"\r\n\r\n").map(|at| from + at + 4)
}

/// Parses a whole request head, empty line included.
///
/// # Errors
/// The head is malformed or ambiguous; the connection cannot be used any more.
pub fn parse_request(head: &[u8]) -> Result<ParsedRequest, HeadError> {
    match parse_request_line_and_fields(head) {
        Err(HeadError::Version) => match as_version_1_1(head) {
            Some(head) => parse_request_line_and_fields(&head),
            None => Err(HeadError::Version),
        },
        result => result,
    }
}

/// The same head with version 1.1 in place of a later one of the same major version, which a
/// recipient treats as the highest that it knows (RFC 9110 section 2.5).
fn as_version_1_1(head: &[u8]) -> Option<Vec<u8>> {
    let line = memchr::memchr(b'\r', head)?;
    let (minor, before) = head[..line].split_last()?;
    if !before.ends_with(b" HTTP/1.") || !matches!(minor, b'2'..=b'9') {
        return None;
    }
    let mut head = head.to_vec();
    head[line - 1] = b'1';
    Some(head)
}

fn parse_request_line_and_fields(head: &[u8]) -> Result<ParsedRequest, HeadError> {
    check_line_ends(head)?;
    with_fields(|fields| {
        let mut parsed = httparse::Request::new(fields);
        match parsed.parse(head) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Ok(_) => return Err(HeadError::StartLine),
            Err(error) => return Err(error.into()),
        }
        let version = version(parsed.version)?;
        let method = parsed.method.ok_or(HeadError::Method)?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| HeadError::Method)?;
        let target = parsed.path.ok_or(HeadError::StartLine)?.as_bytes();
        request(method, target, version, fields_of(head, parsed.headers)?)
    })
}

/// Parses a whole response head, empty line included. `to_head` tells that the request was a `HEAD`.
///
/// # Errors
/// The head is malformed or ambiguous; the connection cannot be used any more.
pub fn parse_response(head: &[u8], to_head: bool) -> Result<ParsedResponse, HeadError> {
    check_line_ends(head)?;
    with_fields(|fields| {
        let mut parsed = httparse::Response::new(fields);
        match parsed.parse(head) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Ok(_) => return Err(HeadError::StartLine),
            Err(error) => return Err(error.into()),
        }
        let version = version(parsed.version)?;
        let status = parsed.code.ok_or(HeadError::Status)?;
        let status = StatusCode::from_u16(status).map_err(|_| HeadError::Status)?;
        response(status, version, fields_of(head, parsed.headers)?, to_head)
    })
}

/// Parses trailer fields, empty line included. Fields that frame or route a message are dropped.
///
/// # Errors
/// The fields are malformed.
pub fn parse_trailers(block: &[u8]) -> Result<HeaderMap, HeadError> {
    check_line_ends(block)?;
    with_fields(|fields| match httparse::parse_headers(block, fields) {
        Ok(httparse::Status::Complete((length, fields))) if length == block.len() => {
            let mut trailers = fields_of(block, fields)?;
            let forbidden = |name: &HeaderName| {
                [CONTENT_LENGTH, TRANSFER_ENCODING, HOST, CONNECTION, UPGRADE].contains(name)
                    || ferroway_core::header::is_forwarded(name.as_str())
            };
            let names: Vec<HeaderName> = trailers.keys().filter(|name| forbidden(name)).cloned().collect();
            for name in names {
                trailers.remove(name);
            }
            Ok(trailers)
        }
        Ok(_) => Err(HeadError::FieldName),
        Err(error) => Err(error.into()),
    })
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
    mut parse: impl FnMut(&mut [httparse::Header<'b>]) -> Result<T, HeadError>,
) -> Result<T, HeadError> {
    let mut few = [httparse::EMPTY_HEADER; FEW_FIELDS];
    match parse(&mut few) {
        Err(HeadError::TooManyFields) => parse(&mut vec![httparse::EMPTY_HEADER; MAX_FIELDS]),
        result => result,
    }
}

/// Every LF must end a CRLF and every CR must start one: readers disagree about anything else.
fn check_line_ends(head: &[u8]) -> Result<(), HeadError> {
    let lone = |at: usize| match head[at] {
        b'\n' => at == 0 || head[at - 1] != b'\r',
        _ => head.get(at + 1) != Some(&b'\n'),
    };
    if memchr::memchr2_iter(b'\r', b'\n', head).any(lone) { Err(HeadError::LineEnd) } else { Ok(()) }
}

fn version(minor: Option<u8>) -> Result<Version, HeadError> {
    match minor {
        Some(0) => Ok(Version::HTTP_10),
        Some(1) => Ok(Version::HTTP_11),
        _ => Err(HeadError::Version),
    }
}

/// The fields as a map; all values share one allocation.
fn fields_of(head: &[u8], fields: &[httparse::Header<'_>]) -> Result<HeaderMap, HeadError> {
    let mut map = HeaderMap::with_capacity(fields.len());
    let Some(base) = fields.first().map(|first| offset_in(head, first.name.as_bytes())) else {
        return Ok(map);
    };
    let shared = Bytes::copy_from_slice(&head[base..]);
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| HeadError::FieldName)?;
        let value = if field.value.is_empty() {
            HeaderValue::from_static("")
        } else {
            let at = offset_in(head, field.value) - base;
            HeaderValue::from_maybe_shared(shared.slice(at..at + field.value.len()))
                .map_err(|_| HeadError::FieldValue)?
        };
        map.try_append(name, value).map_err(|_| HeadError::TooManyFields)?;
    }
    Ok(map)
}

/// Where `part`, which lies in `whole`, starts.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

fn request(
    method: Method,
    target: &[u8],
    version: Version,
    mut headers: HeaderMap,
) -> Result<ParsedRequest, HeadError> {
    let framing = request_framing(version, &mut headers)?;
    if method == Method::CONNECT {
        return Err(HeadError::Connect);
    }
    let host = host(version, &mut headers)?;
    let parsed = Target::parse(target)?;
    let host = match parsed.authority {
        Some(authority) => {
            let authority = HeaderValue::from_bytes(authority).map_err(|_| HeadError::HostMalformed)?;
            check_host(&authority)?;
            authority
        }
        None => host,
    };
    let options = connection_options(&headers);
    let upgrade = headers.get(UPGRADE).filter(|_| options.upgrade && version == Version::HTTP_11).cloned();
    let expects_continue = version == Version::HTTP_11
        && framing != Framing::Length(0)
        && list_elements(&headers, &EXPECT).any(|element| element.eq_ignore_ascii_case("100-continue"));
    let head = RequestHead { method, target: parsed.target, version, host, headers, upgrade };
    Ok(ParsedRequest { head, framing, keep_alive: options.keep_alive(version), expects_continue })
}

/// RFC 9112 section 6.3 for requests; the framing fields leave the map.
fn request_framing(version: Version, headers: &mut HeaderMap) -> Result<Framing, HeadError> {
    let length = content_length(headers)?;
    if !headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
        return Ok(Framing::Length(length.unwrap_or(0)));
    }
    check_chunked(headers)?;
    if length.is_some() {
        return Err(HeadError::TwoLengths);
    }
    if version == Version::HTTP_10 {
        return Err(HeadError::TransferEncoding);
    }
    headers.remove(TRANSFER_ENCODING);
    Ok(Framing::Chunked)
}

fn response(
    status: StatusCode,
    version: Version,
    mut headers: HeaderMap,
    to_head: bool,
) -> Result<ParsedResponse, HeadError> {
    let keep_alive = connection_options(&headers).keep_alive(version);
    let length = content_length(&headers)?;
    let chunked = headers.contains_key(TRANSFER_ENCODING);
    if chunked {
        check_chunked(&headers)?;
        if length.is_some() {
            return Err(HeadError::TwoLengths);
        }
        if version == Version::HTTP_10 {
            return Err(HeadError::TransferEncoding);
        }
    }
    headers.remove(TRANSFER_ENCODING);
    let bodiless = status.is_informational() || status == StatusCode::NO_CONTENT;
    let told_only = to_head || status == StatusCode::NOT_MODIFIED;
    // `Content-Length` was checked to be one number; it stays only where it tells of a body that
    // does not follow.
    match length {
        Some(length) if told_only && !bodiless => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        _ => {
            headers.remove(CONTENT_LENGTH);
        }
    }
    let framing = match length {
        _ if bodiless || told_only => Framing::Length(0),
        _ if chunked => Framing::Chunked,
        Some(length) => Framing::Length(length),
        None => Framing::UntilClose,
    };
    let keep_alive = keep_alive && framing != Framing::UntilClose;
    Ok(ParsedResponse { status, headers, framing, keep_alive })
}

/// The value of `Content-Length`: one number, or several times the same one.
fn content_length(headers: &HeaderMap) -> Result<Option<u64>, HeadError> {
    let mut found = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let digits = value.as_bytes();
        // No sign, no list, no empty value: `str::parse` alone would take a plus sign.
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(HeadError::ContentLength);
        }
        let text = value.to_str().map_err(|_| HeadError::ContentLength)?;
        let length: u64 = text.parse().map_err(|_| HeadError::ContentLength)?;
        // Lengths that no reader can add to without overflow are as good as malformed.
        if length > i64::MAX as u64 || found.is_some_and(|other| other != length) {
            return Err(HeadError::ContentLength);
        }
        found = Some(length);
    }
    Ok(found)
}

/// `Transfer-Encoding` must be `chunked`, once, and nothing else.
fn check_chunked(headers: &HeaderMap) -> Result<(), HeadError> {
    let mut values = headers.get_all(TRANSFER_ENCODING).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(HeadError::TransferEncoding) };
    if value.as_bytes().eq_ignore_ascii_case(b"chunked") {
        return Ok(());
    }
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_, ".contains(byte);
    if value.as_bytes().iter().all(token) && !value.is_empty() {
        Err(HeadError::TransferCoding)
    } else {
        Err(HeadError::TransferEncoding)
    }
}

fn host(version: Version, headers: &mut HeaderMap) -> Result<HeaderValue, HeadError> {
    let mut values = headers.get_all(HOST).iter();
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => Err(HeadError::HostTwice),
        (Some(host), None) => {
            let host = host.clone();
            check_host(&host)?;
            headers.remove(HOST);
            Ok(host)
        }
        (None, _) if version == Version::HTTP_11 => Err(HeadError::HostMissing),
        (None, _) => Ok(HeaderValue::from_static("")),
    }
}

/// A host is a name, an IPv4 address or an IPv6 address in brackets, with an optional port
/// (RFC 9110 section 7.2). Empty is allowed.
fn check_host(host: &HeaderValue) -> Result<(), HeadError> {
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

/// What the `Connection` field asks for.
#[derive(Debug, Default, Clone, Copy)]
struct ConnectionOptions {
    close: bool,
    keep_alive: bool,
    upgrade: bool,
}

impl ConnectionOptions {
    fn keep_alive(self, version: Version) -> bool {
        !self.close && (version == Version::HTTP_11 || self.keep_alive)
    }
}

fn connection_options(headers: &HeaderMap) -> ConnectionOptions {
    let mut options = ConnectionOptions::default();
    for option in list_elements(headers, &CONNECTION) {
        options.close |= option.eq_ignore_ascii_case("close");
        options.keep_alive |= option.eq_ignore_ascii_case("keep-alive");
        options.upgrade |= option.eq_ignore_ascii_case("upgrade");
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing_of(fields: &str) -> Result<Framing, HeadError> {
        let head = format!("POST /x HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n");
        parse_request(head.as_bytes()).map(|parsed| parsed.framing)
    }

    #[test]
    fn request_framing_is_strict() {
        for (fields, expected) in [
            ("", Ok(Framing::Length(0))),
            ("Content-Length: 5\r\n", Ok(Framing::Length(5))),
            ("Content-Length: \t5 \r\n", Ok(Framing::Length(5))),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", Ok(Framing::Length(5))),
            ("Transfer-Encoding: Chunked\r\n", Ok(Framing::Chunked)),
            ("Content-Length: +5\r\n", Err(HeadError::ContentLength)),
            ("Content-Length: \r\n", Err(HeadError::ContentLength)),
            ("Content-Length: 5, 5\r\n", Err(HeadError::ContentLength)),
            ("Content-Length: 18446744073709551621\r\n", Err(HeadError::ContentLength)),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", Err(HeadError::ContentLength)),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Err(HeadError::TwoLengths)),
            ("Transfer-Encoding: gzip, chunked\r\n", Err(HeadError::TransferCoding)),
            ("Transfer-Encoding: chunked, chunked\r\n", Err(HeadError::TransferCoding)),
            ("Transfer-Encoding: \u{b}chunked\r\n", Err(HeadError::FieldValue)),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                Err(HeadError::TransferEncoding),
            ),
            ("Transfer-Encoding: \"chunked\"\r\n", Err(HeadError::TransferEncoding)),
            ("Transfer-Encoding:\r\n", Err(HeadError::TransferEncoding)),
        ] {
            assert_eq!(framing_of(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn malformed_requests_are_refused() {
        for (head, expected) in [
            ("GET / HTTP/1.1\r\n\r\n", HeadError::HostMissing),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", HeadError::HostTwice),
            ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HeadError::HostMalformed),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HeadError::HostMalformed),
            ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", HeadError::HostMalformed),
            ("GET / HTTP/1.1\r\nHost: a:port\r\n\r\n", HeadError::HostMalformed),
            ("GET / HTTP/1.1\nHost: a\r\n\r\n", HeadError::LineEnd),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", HeadError::LineEnd),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", HeadError::FieldName),
            ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", HeadError::FieldName),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", HeadError::FieldValue),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::StartLine),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", HeadError::Version),
            ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::Target(TargetError::Form)),
            ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", HeadError::Connect),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HeadError::TransferEncoding),
        ] {
            assert_eq!(parse_request(head.as_bytes()).map(|_| ()), Err(expected), "{head:?}");
        }
    }

    #[test]
    fn what_the_data_plane_gets() {
        let head = "GET http://b.test:8080/p?q HTTP/1.2\r\nHost: a.test\r\nConnection: X, Upgrade\r\n\
                    Upgrade: websocket\r\nExpect: 100-continue\r\nContent-Length: 3\r\nX: 1\r\nx: 2\r\n\r\n";
        let parsed = parse_request(head.as_bytes()).expect("valid");
        assert_eq!(parsed.head.host_str(), "b.test:8080");
        assert_eq!(parsed.head.target.as_str(), "/p?q");
        assert_eq!(parsed.head.version, Version::HTTP_11);
        assert_eq!(parsed.head.upgrade.as_ref().map(HeaderValue::as_bytes), Some(&b"websocket"[..]));
        assert_eq!(parsed.head.headers.get_all("x").iter().count(), 2);
        assert!(!parsed.head.headers.contains_key(HOST) && !parsed.head.headers.contains_key(CONTENT_LENGTH));
        assert!(parsed.keep_alive && parsed.expects_continue);
    }

    #[test]
    fn keep_alive_by_version_and_option() {
        for (head, expected) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n\r\n", false),
            ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ] {
            assert_eq!(
                parse_request(head.as_bytes()).map(|parsed| parsed.keep_alive),
                Ok(expected),
                "{head:?}"
            );
        }
    }

    #[test]
    fn response_framing() {
        for (head, to_head, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(5), true))),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, Ok((Framing::Length(0), true))),
            ("HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(0), true))),
            ("HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(0), true))),
            ("HTTP/1.1 200\r\n\r\n", false, Ok((Framing::UntilClose, false))),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, Ok((Framing::Chunked, true))),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, Ok((Framing::Length(5), false))),
            ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", false, Err(HeadError::ContentLength)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: cow\r\n\r\n", false, Err(HeadError::TransferCoding)),
            ("HTTP/1.1 20 OK\r\n\r\n", false, Err(HeadError::Status)),
            ("HTTP/2 200 OK\r\n\r\n", false, Err(HeadError::Version)),
            ("HTTP/1.1 200 OK\r\nX-A : v\r\n\r\n", false, Err(HeadError::FieldName)),
        ] {
            let parsed = parse_response(head.as_bytes(), to_head);
            assert_eq!(parsed.map(|parsed| (parsed.framing, parsed.keep_alive)), expected, "{head:?}");
        }
    }

    #[test]
    fn many_fields_are_counted() {
        let head = |n: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(n));
        assert!(parse_request(head(MAX_FIELDS - 1).as_bytes()).is_ok());
        assert_eq!(parse_request(head(MAX_FIELDS).as_bytes()).map(|_| ()), Err(HeadError::TooManyFields));
    }

    #[test]
    fn trailers_cannot_frame_or_route() {
        let trailers =
            parse_trailers(b"X-Sum: 1\r\nContent-Length: 3\r\nX_Forwarded_For: 1\r\n\r\n").expect("valid");
        assert_eq!(trailers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-sum"]);
    }
}
