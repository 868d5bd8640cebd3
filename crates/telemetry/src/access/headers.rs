//! Which header fields are logged, and how: `accessLog.fields.headers` (specification section 1.7).

use std::str::FromStr;

use ferroway_core::HeaderList;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, HOST, HeaderName, TRAILER, TRANSFER_ENCODING};
use smallvec::SmallVec;

use super::{AccessLogHeaders, LoggedHeaders, push_number};
use crate::escape::{Dialect, push_json};

/// Fields that Go keeps outside of its header map, so Traefik never logs them.
const HIDDEN: [HeaderName; 3] = [HOST, TRANSFER_ENCODING, TRAILER];

/// Messages with at most this many fields are logged without an allocation.
const USUAL_FIELDS: usize = 32;

const REDACTED: &[u8] = b"REDACTED";

/// How one header field is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Keep,
    Drop,
    Redact,
}

/// The mode of each header field.
pub(crate) struct HeaderRules {
    default: Mode,
    /// Sorted by name, without those that are as the default.
    names: Vec<(HeaderName, Mode)>,
}

impl HeaderRules {
    pub(crate) fn new(options: &AccessLogHeaders) -> Self {
        let default = match options.default_mode.as_str() {
            "drop" => Mode::Drop,
            "redact" => Mode::Redact,
            _ => Mode::Keep,
        };
        let mut names: Vec<(HeaderName, Mode)> = Vec::new();
        for (name, word) in &options.names {
            let mode = match word.as_str() {
                "keep" => Mode::Keep,
                "drop" => Mode::Drop,
                "redact" => Mode::Redact,
                _ => default,
            };
            // What is no header name can be on no message.
            let Ok(name) = HeaderName::from_str(name) else { continue };
            names.retain(|(known, _)| *known != name);
            if mode != default && !HIDDEN.contains(&name) {
                names.push((name, mode));
            }
        }
        names.sort_by(|(left, _), (right, _)| left.as_str().cmp(right.as_str()));
        Self { default, names }
    }

    /// Whether any field at all is logged.
    pub(crate) fn keeps_any(&self) -> bool {
        self.default != Mode::Drop || !self.names.is_empty()
    }

    /// Whether this field is logged, if only as "REDACTED".
    pub(crate) fn keeps(&self, name: &HeaderName) -> bool {
        self.mode(name) != Mode::Drop
    }

    fn mode(&self, name: &HeaderName) -> Mode {
        self.names.iter().find(|(known, _)| known == name).map_or(self.default, |(_, mode)| *mode)
    }

    /// Appends the value of one field for the common log format: its values joined by commas, with
    /// quotes escaped and, as in Traefik, nothing else. Nothing where there is no such field.
    pub(crate) fn push_clf(&self, out: &mut Vec<u8>, headers: &HeaderList, name: &HeaderName) {
        match self.mode(name) {
            Mode::Keep => {
                let mut separator: &[u8] = b"";
                for value in headers.get_all(name) {
                    out.extend_from_slice(separator);
                    let mut parts = value.as_bytes().split(|&byte| byte == b'"');
                    out.extend_from_slice(parts.next().unwrap_or_default());
                    for part in parts {
                        out.extend_from_slice(b"\\\"");
                        out.extend_from_slice(part);
                    }
                    separator = b",";
                }
            }
            Mode::Redact if headers.contains(name) => out.extend_from_slice(REDACTED),
            Mode::Redact | Mode::Drop => {}
        }
    }

    /// Appends the fields of the configured names, where the message has them.
    fn push_named(&self, out: &mut Vec<u8>, prefix: &str, headers: LoggedHeaders<'_>) {
        for (name, mode) in &self.names {
            let mut values = headers.fields.get_all(name).map(Value::Text).peekable();
            if values.peek().is_some() {
                push_field(out, prefix, name, *mode, values);
            } else if let Some(length) = headers.content_length.filter(|_| *name == CONTENT_LENGTH) {
                push_field(out, prefix, name, *mode, std::iter::once(Value::Length(length)));
            }
        }
    }

    /// Appends `"<prefix><Name>":"<value>",` for each logged field, sorted by name.
    pub(crate) fn push_json(&self, out: &mut Vec<u8>, prefix: &str, headers: LoggedHeaders<'_>) {
        if self.default == Mode::Drop {
            self.push_named(out, prefix, headers);
            return;
        }
        let LoggedHeaders { fields, content_length } = headers;
        let mut entries: SmallVec<[Entry<'_>; USUAL_FIELDS]> = SmallVec::new();
        let visible = fields.iter().filter(|(name, _)| !HIDDEN.contains(name));
        entries.extend(visible.enumerate().map(|(at, (name, value))| (name, at, Value::Text(value))));
        if let Some(length) = content_length
            && !fields.contains(&CONTENT_LENGTH)
        {
            entries.push((&CONTENT_LENGTH, 0, Value::Length(length)));
        }
        entries.sort_unstable_by_key(|(name, at, _)| (name.as_str(), *at));
        for values in entries.chunk_by(|left, right| left.0 == right.0) {
            let Some((name, ..)) = values.first() else { continue };
            match self.mode(name) {
                Mode::Drop => {}
                mode => push_field(out, prefix, name, mode, values.iter().map(|(.., value)| *value)),
            }
        }
    }
}

/// A name, the place among the values, and one value.
type Entry<'a> = (&'a HeaderName, usize, Value<'a>);

/// A value, or that of `Content-Length` where it is no field.
#[derive(Clone, Copy)]
enum Value<'a> {
    Text(&'a HeaderValue),
    Length(u64),
}

/// Appends one field with all its values, of which there is at least one.
fn push_field<'a>(
    out: &mut Vec<u8>,
    prefix: &str,
    name: &HeaderName,
    mode: Mode,
    values: impl Iterator<Item = Value<'a>>,
) {
    out.push(b'"');
    out.extend_from_slice(prefix.as_bytes());
    push_canonical(out, name);
    out.extend_from_slice(b"\":\"");
    if mode == Mode::Redact {
        out.extend_from_slice(REDACTED);
    } else {
        for (number, value) in values.enumerate() {
            if number > 0 {
                out.push(b',');
            }
            match value {
                Value::Text(value) => push_json(out, value.as_bytes(), Dialect::Html),
                Value::Length(length) => push_number(out, length),
            }
        }
    }
    out.extend_from_slice(b"\",");
}

/// Appends a field name in Go's form: `www-authenticate` is `Www-Authenticate`.
fn push_canonical(out: &mut Vec<u8>, name: &HeaderName) {
    let start = out.len();
    out.extend_from_slice(name.as_str().as_bytes());
    let mut upper = true;
    for byte in &mut out[start..] {
        if upper {
            byte.make_ascii_uppercase();
        }
        upper = *byte == b'-';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Names = &'static [(&'static str, &'static str)];

    fn rules(default_mode: &str, names: &[(&str, &str)]) -> HeaderRules {
        let names = names.iter().map(|(name, mode)| (name.to_string(), mode.to_string())).collect();
        HeaderRules::new(&AccessLogHeaders { default_mode: default_mode.to_owned(), names })
    }

    fn sample() -> HeaderList {
        let mut headers = HeaderList::new();
        for (name, value) in [
            ("x-b", &b"2"[..]),
            ("x-a", b"1"),
            ("x-b", b"a\"\xff"),
            ("etag", b"<7>"),
            ("x_us", b"u"),
            ("host", b"h"),
            ("transfer-encoding", b"chunked"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn json_fields() {
        const B: &str = r#""p_X-B":"2,a\"\ufffd","#;
        let all = [
            r#""p_Content-Length":"5","#,
            r#""p_Etag":"\u003c7\u003e","#,
            r#""p_X-A":"1","#,
            B,
            r#""p_X_us":"u","#,
        ]
        .concat();
        let redacted =
            r#""p_Content-Length":"REDACTED","p_Etag":"REDACTED","p_X-A":"1","p_X_us":"REDACTED","#;
        let cases: &[(&str, Names, &str)] = &[
            ("drop", &[], ""),
            ("keep", &[], &all),
            ("", &[], &all),
            ("KEEP", &[], &all),
            ("keep", &[("x-zz", "drop"), ("no name", "drop")], &all),
            ("redact", &[("X-A", "keep"), ("x-b", "drop")], redacted),
            ("drop", &[("x-b", "keep"), ("X-None", "keep"), ("Host", "keep")], B),
            (
                "drop",
                &[("x-a", "redact"), ("ETag", "keep")],
                r#""p_Etag":"\u003c7\u003e","p_X-A":"REDACTED","#,
            ),
            ("drop", &[("x-a", "KEEP"), ("x-b", "Redact")], ""),
            ("drop", &[("content-length", "keep")], r#""p_Content-Length":"5","#),
            ("drop", &[("x-a", "keep"), ("X-A", "drop")], ""),
        ];
        for (default, names, expected) in cases {
            let headers = sample();
            let mut out = Vec::new();
            let logged = LoggedHeaders { fields: &headers, content_length: Some(5) };
            rules(default, names).push_json(&mut out, "p_", logged);
            assert_eq!(String::from_utf8(out).unwrap(), *expected, "{default} {names:?}");
        }
    }

    #[test]
    fn clf_values() {
        let cases: &[(&str, &str, &[u8])] = &[
            ("keep", "x-b", b"2,a\\\"\xff"),
            ("keep", "x-none", b""),
            ("redact", "x-a", b"REDACTED"),
            ("redact", "x-none", b""),
            ("drop", "x-a", b""),
        ];
        for (default, name, expected) in cases {
            let mut out = Vec::new();
            let name = HeaderName::from_str(name).unwrap();
            rules(default, &[]).push_clf(&mut out, &sample(), &name);
            assert_eq!(out, *expected, "{default} {name}");
        }
    }

    #[test]
    fn what_is_needed() {
        let cases: &[(&str, Names, bool)] = &[
            ("drop", &[], false),
            ("drop", &[("x-a", "drop")], false),
            ("drop", &[("x-a", "redact")], true),
            ("keep", &[], true),
            ("redact", &[], true),
        ];
        for (default, names, expected) in cases {
            assert_eq!(rules(default, names).keeps_any(), *expected, "{default} {names:?}");
        }
    }
}
