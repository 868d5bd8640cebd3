//! `urlParse` and `urlJoin`: URLs as maps of their parts, by the rules of Go's `net/url`.

use super::super::value::Value;

use super::Family;
use super::args::{Outcome, exactly, map, text};

pub(super) const FUNCTIONS: Family = &[("urlParse", url_parse), ("urlJoin", url_join)];

/// The part of a URL that decides which characters are escaped.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    User,
    Host,
    Path,
    Fragment,
}

/// True for a byte that stands for itself in a part.
fn is_plain(byte: u8, part: Part) -> bool {
    match byte {
        b'-' | b'_' | b'.' | b'~' => true,
        byte if byte.is_ascii_alphanumeric() => true,
        b'@' | b'/' | b'?' if part == Part::Host => false,
        b'!' | b'\'' | b'(' | b')' | b'*' | b'[' | b']' | b'<' | b'>' | b'"' if part == Part::Host => true,
        b'!' | b'(' | b')' | b'*' if part == Part::Fragment => true,
        b'@' | b'/' | b'?' | b':' if part == Part::User => false,
        b'?' if part == Part::Path => false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => true,
        _ => false,
    }
}

fn escape(value: &str, part: Part) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if is_plain(byte, part) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The text that an escaped part means.
fn unescape(value: &str, part: Part) -> Result<String, String> {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte != b'%' {
            if part == Part::Host && byte.is_ascii() && !is_plain(byte, part) {
                return Err(format!("invalid character {:?} in host name", char::from(byte)));
            }
            out.push(byte);
            at += 1;
            continue;
        }
        let digits = value.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let shown = || format!("invalid URL escape {:?}", value[at..].chars().take(3).collect::<String>());
        let decoded = decoded.ok_or_else(shown)?;
        if part == Part::Host && decoded.is_ascii() && !(decoded == b'%' && value.starts_with('[')) {
            return Err(shown());
        }
        out.push(decoded);
        at += 3;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The parts of a URL, unescaped but for the query and the user.
#[derive(Default)]
struct Url {
    scheme: String,
    opaque: String,
    userinfo: String,
    host: String,
    path: String,
    query: String,
    fragment: String,
}

/// The scheme in front of a colon, and what follows it.
fn split_scheme(url: &str) -> Result<(&str, &str), String> {
    for (at, byte) in url.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&url[..at], &url[at + 1..])),
            _ => break,
        }
    }
    Ok(("", url))
}

/// The user in its escaped form: `user` or `user:password`.
fn canonical_user(raw: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !raw.chars().all(allowed) {
        return Err("invalid userinfo".to_owned());
    }
    let parts = raw.splitn(2, ':').map(|part| Ok(escape(&unescape(part, Part::User)?, Part::User)));
    Ok(parts.collect::<Result<Vec<_>, String>>()?.join(":"))
}

fn parse_host(host: &str) -> Result<String, String> {
    let port = if host.starts_with('[') {
        let end = host.rfind(']').ok_or("missing ']' in host")?;
        &host[end + 1..]
    } else {
        host.rfind(':').map_or("", |colon| &host[colon..])
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    if !port.is_empty() && (digits.len() == port.len() || !digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(format!("invalid port {port:?} after host"));
    }
    unescape(host, Part::Host)
}

impl Url {
    fn parse(url: &str) -> Result<Self, String> {
        if url.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("invalid control character in URL".to_owned());
        }
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (scheme, rest) = split_scheme(url)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut parsed = Self {
            scheme: scheme.to_lowercase(),
            query: query.to_owned(),
            fragment: unescape(fragment, Part::Fragment)?,
            ..Self::default()
        };
        if !rest.starts_with('/') && !scheme.is_empty() {
            rest.clone_into(&mut parsed.opaque);
            return Ok(parsed);
        }
        let mut path = rest;
        if let Some(behind) =
            rest.strip_prefix("//").filter(|tail| !scheme.is_empty() || !tail.starts_with('/'))
        {
            let (authority, tail) = behind.split_at(behind.find('/').unwrap_or(behind.len()));
            let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
            parsed.userinfo = canonical_user(user)?;
            parsed.host = parse_host(host)?;
            path = tail;
        } else if !rest.starts_with('/')
            && rest.split('/').next().is_some_and(|segment| segment.contains(':'))
        {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
        parsed.path = unescape(path, Part::Path)?;
        Ok(parsed)
    }

    /// The host without its port and brackets.
    fn hostname(&self) -> &str {
        if let Some(inner) = self.host.strip_prefix('[') {
            return inner.split(']').next().unwrap_or(inner);
        }
        match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.host,
        }
    }

    fn write(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.push_str(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            out.push_str(&escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn write_hierarchy(&self, out: &mut String) {
        let has_authority = !self.host.is_empty() || !self.userinfo.is_empty();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty()) {
            out.push_str("//");
            if !self.userinfo.is_empty() {
                out.push_str(&self.userinfo);
                out.push('@');
            }
            out.push_str(&escape(&self.host, Part::Host));
        }
        let path = if self.path == "*" { "*".to_owned() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
            out.push('/');
        }
        // A colon in the first segment would read as a scheme.
        if out.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
            out.push_str("./");
        }
        out.push_str(&path);
    }
}

fn url_parse(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let url = text(value)?;
    let parsed = Url::parse(url).map_err(|reason| format!("{url:?}: {reason}"))?;
    let hostname = parsed.hostname().to_owned();
    let parts = [
        ("scheme", parsed.scheme),
        ("host", parsed.host),
        ("hostname", hostname),
        ("path", parsed.path),
        ("query", parsed.query),
        ("opaque", parsed.opaque),
        ("fragment", parsed.fragment),
        ("userinfo", parsed.userinfo),
    ];
    Ok(Value::map(parts.into_iter().map(|(name, part)| (name.into(), part.into())).collect()))
}

fn url_join(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let parts = map(value)?;
    let part = |name: &str| -> Result<String, String> {
        match parts.get(name) {
            None => Ok(String::new()),
            Some(Value::Text(part)) => Ok(part.to_string()),
            Some(other) => Err(format!("{name}: expected text, got {other}")),
        }
    };
    let userinfo = canonical_user(&part("userinfo")?)?;
    let url = Url {
        scheme: part("scheme")?,
        opaque: part("opaque")?,
        userinfo,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        fragment: part("fragment")?,
    };
    Ok(url.write().into())
}
