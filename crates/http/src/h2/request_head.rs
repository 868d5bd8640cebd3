//! A request's head as `h2` gives it, to one of the data plane: what two readers could take for two things is
//! refused (RFC 9113 sections 8.1 to 8.3), so that nothing in it can become a second request or a second host
//! when it is written as HTTP/1.1.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine;
use ferroway_core::{HeaderList, RequestHead, Target, TargetError};
use h2::ext::Protocol;
use http::header::{CONTENT_LENGTH, COOKIE, EXPECT, HOST, SEC_WEBSOCKET_KEY, TE};
use http::request::Parts;
use http::{HeaderValue, Method, Uri, Version};

use super::fields::{for_each, is_the_codecs, take_length};
use crate::h1::head::{HeadError, MAX_FIELDS, check_host};

/// Fields that are usually added to a request on its way: there is room for them from the start.
const ADDED_FIELDS: usize = 8;

/// A request's head, and what its codec needs to know.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) head: Box<RequestHead>,
    /// `Content-Length`.
    pub(super) length: Option<u64>,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub(super) expects_continue: bool,
    /// Whether it is an extended `CONNECT` (RFC 8441).
    pub(super) is_connect: bool,
}

/// Roughly the memory that a head takes.
pub(super) fn size(parts: &Parts) -> usize {
    let fields = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64);
    let path = parts.uri.path_and_query().map_or(0, |path| path.as_str().len());
    path + fields.sum::<usize>()
}

/// Translates a head.
///
/// # Errors
/// The head is malformed or ambiguous.
pub(super) fn translate(parts: Parts) -> Result<Translated, HeadError> {
    if parts.headers.len() > MAX_FIELDS {
        return Err(HeadError::TooManyFields);
    }
    let websocket = match parts.extensions.get::<Protocol>() {
        Some(protocol) if protocol.as_str() == "websocket" => true,
        None if parts.method != Method::CONNECT => false,
        _ => return Err(HeadError::Connect),
    };
    let target = target(&parts.uri, &parts.method)?;
    let mut fields = Fields::with_capacity(parts.headers.len() + ADDED_FIELDS);
    let mut result = Ok(());
    for_each(parts.headers, |name, value| {
        if result.is_ok() {
            result = fields.take(name, value);
        }
    });
    result?;
    if websocket && fields.length.is_some() {
        // What follows is no body, so nothing can have this length.
        return Err(HeadError::ContentLength);
    }
    let host = host(&parts.uri, fields.host)?;
    if let Some(cookie) = fields.cookie {
        fields.headers.append(COOKIE, HeaderValue::try_from(cookie).map_err(|_| HeadError::FieldValue)?);
    }
    let (method, upgrade) = if websocket {
        fields.headers.insert(SEC_WEBSOCKET_KEY, websocket_key());
        (Method::GET, Some(HeaderValue::from_static("websocket")))
    } else {
        (parts.method, None)
    };
    let head = Box::new(RequestHead {
        method,
        target,
        version: Version::HTTP_2,
        host,
        headers: fields.headers,
        connection: Vec::new(),
        upgrade,
        accepts_trailers: fields.accepts_trailers,
    });
    let expects_continue = fields.expects_continue;
    Ok(Translated { head, length: fields.length, expects_continue, is_connect: websocket })
}

/// Path and query. In HTTP/2 the target is never an absolute URL.
fn target(uri: &Uri, method: &Method) -> Result<Target, HeadError> {
    // Where there is no authority `h2` has checked the scheme and dropped it.
    if uri.scheme_str().is_some_and(|scheme| scheme != "http" && scheme != "https") {
        return Err(HeadError::Target(TargetError::Form));
    }
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let whole_server = path == "*" && method == Method::OPTIONS;
    if !(path.starts_with('/') || whole_server) {
        return Err(HeadError::Target(TargetError::Form));
    }
    Ok(Target::parse(path.as_bytes())?.target)
}

/// `:authority`, or `Host` where there is none (RFC 9113 section 8.3.1). As with Traefik a `Host` beside an
/// `:authority` has no meaning, even where it differs: nobody behind here sees it.
fn host(uri: &Uri, field: HostField) -> Result<HeaderValue, HeadError> {
    let host = match (uri.authority(), field) {
        (Some(authority), _) => {
            HeaderValue::from_str(authority.as_str()).map_err(|_| HeadError::HostMalformed)?
        }
        (None, HostField::One(host)) => host,
        (None, HostField::Several) => return Err(HeadError::HostTwice),
        // Traefik: takes a request for no host at all (see the table `heads` of the tests).
        (None, HostField::None) => return Err(HeadError::HostMissing),
    };
    if host.is_empty() {
        return Err(HeadError::HostMissing);
    }
    check_host(&host)?;
    Ok(host)
}

/// The `Host` lines of a head.
#[derive(Debug)]
enum HostField {
    None,
    One(HeaderValue),
    Several,
}

/// The fields of one head, sorted while they are read.
#[derive(Debug)]
struct Fields {
    headers: HeaderList,
    host: HostField,
    length: Option<u64>,
    /// All crumbs, put together (RFC 9113 section 8.2.3).
    cookie: Option<Vec<u8>>,
    accepts_trailers: bool,
    expects_continue: bool,
}

impl Fields {
    fn with_capacity(fields: usize) -> Self {
        Self {
            headers: HeaderList::with_capacity(fields),
            host: HostField::None,
            length: None,
            cookie: None,
            accepts_trailers: false,
            expects_continue: false,
        }
    }

    fn take(&mut self, name: http::HeaderName, value: HeaderValue) -> Result<(), HeadError> {
        let value = trimmed(value)?;
        match name {
            HOST => {
                let first = matches!(self.host, HostField::None);
                self.host = if first { HostField::One(value) } else { HostField::Several };
            }
            CONTENT_LENGTH => take_length(&mut self.length, &value)?,
            COOKIE => self.take_crumb(&value),
            // `h2` refuses everything else that it might ask for.
            TE => self.accepts_trailers = true,
            _ if is_the_codecs(&name) => {}
            _ => {
                if name == EXPECT {
                    self.expects_continue |= value.as_bytes().eq_ignore_ascii_case(b"100-continue");
                }
                self.headers.append(name, value);
            }
        }
        Ok(())
    }

    fn take_crumb(&mut self, crumb: &HeaderValue) {
        match &mut self.cookie {
            None => self.cookie = Some(crumb.as_bytes().to_vec()),
            Some(cookie) => {
                cookie.extend_from_slice(b"; ");
                cookie.extend_from_slice(crumb.as_bytes());
            }
        }
    }
}

/// The value without white space at its ends, which in HTTP/1.1 is none of it.
fn trimmed(value: HeaderValue) -> Result<HeaderValue, HeadError> {
    let inner = value.as_bytes().trim_ascii();
    if inner.len() == value.len() {
        return Ok(value);
    }
    HeaderValue::from_bytes(inner).map_err(|_| HeadError::FieldValue)
}

/// The key that a handshake over HTTP/1.1 needs: 16 bytes that no cache has seen, not a secret (RFC 6455
/// section 4.1).
fn websocket_key() -> HeaderValue {
    let random = || RandomState::new().build_hasher().finish().to_ne_bytes();
    let key = base64::engine::general_purpose::STANDARD.encode([random(), random()].concat());
    HeaderValue::try_from(key).expect("base64 is ASCII")
}

#[cfg(test)]
mod tests;
