//! The `json` format: one object per line, keys sorted (specification section 8.7).

use std::io::Write as _;
use std::time::Duration;

use super::field::{Field, FieldSet};
use super::{AccessEvent, Inner, Scratch, push_number};
use crate::clock;
use crate::escape::{Dialect, push_json};

/// Appends the line of a request to the scratch buffer.
pub(super) fn write(log: &Inner, event: &AccessEvent<'_>, scratch: &mut Scratch) {
    let Scratch { line, start, end, .. } = scratch;
    let (start_second, start_nanos) = clock::split(event.start);
    start.set(start_second, &log.zone);
    let finished = event.start.checked_add(event.duration).unwrap_or(event.start);
    end.set(clock::split(finished).0, &log.zone);

    line.push(b'{');
    let mut object = Object { out: line, fields: log.rules.fields };
    push_client_and_sizes(&mut object, event);
    push_request(&mut object, event, log.rules.path(event.request_path));
    push_route(&mut object, event);
    if let Some(out) = object.key(Field::StartLocal) {
        out.push(b'"');
        start.push_local_nanos(out, start_nanos);
        out.extend_from_slice(b"\",");
    }
    if let Some(out) = object.key(Field::StartUtc) {
        out.push(b'"');
        start.push_utc_nanos(out, start_nanos);
        out.extend_from_slice(b"\",");
    }
    if let Some(tls) = event.tls {
        object.text(Field::TlsCipher, tls.cipher);
        object.some_text(Field::TlsClientSubject, tls.client_subject);
        object.text(Field::TlsVersion, tls.version);
    }
    let headers = &log.rules.headers;
    if let Some(fields) = event.downstream_headers {
        headers.push_json(object.out, "downstream_", fields);
    }
    object.text(Field::EntryPointName, event.entry_point_name);
    object.out.extend_from_slice(br#""level":"info","msg":"","#);
    if let Some(fields) = event.origin_headers {
        headers.push_json(object.out, "origin_", fields);
    }
    if let Some(fields) = event.request_headers {
        headers.push_json(object.out, "request_", fields);
    }
    line.extend_from_slice(br#""time":""#);
    end.push_local(line);
    line.extend_from_slice(b"\"}\n");
}

fn push_client_and_sizes(object: &mut Object<'_>, event: &AccessEvent<'_>) {
    let (host, port) = event.client();
    object.text(Field::ClientAddr, event.client_addr);
    object.text(Field::ClientHost, host);
    object.text(Field::ClientPort, port);
    object.text(Field::ClientUsername, event.client_username.unwrap_or("-"));
    object.number(Field::DownstreamContentSize, event.downstream_content_size);
    object.number(Field::DownstreamStatus, event.downstream_status);
    object.number(Field::Duration, nanos(event.duration));
    object.ratio(Field::GzipRatio, event.origin_content_size, event.downstream_content_size);
    object.number(Field::OriginContentSize, event.origin_content_size);
    object.number(Field::OriginDuration, nanos(event.origin_duration));
    object.number(Field::OriginStatus, event.origin_status);
    object.number(Field::Overhead, nanos(event.duration.saturating_sub(event.origin_duration)));
    object.some_text(Field::Reason, event.reason);
}

fn push_request(object: &mut Object<'_>, event: &AccessEvent<'_>, path: &str) {
    let (host, port) = event.request_host_port();
    object.text(Field::RequestAddr, event.request_addr);
    object.number(Field::RequestContentSize, event.request_content_size);
    object.number(Field::RequestCount, event.request_count);
    object.text(Field::RequestHost, host);
    object.text(Field::RequestMethod, event.request_method);
    object.text(Field::RequestPath, path);
    object.text(Field::RequestPort, port);
    object.text(Field::RequestProtocol, event.request_protocol);
    object.text(Field::RequestScheme, event.request_scheme);
    object.number(Field::RetryAttempts, event.retry_attempts);
}

fn push_route(object: &mut Object<'_>, event: &AccessEvent<'_>) {
    object.some_text(Field::RouterName, event.router_name);
    object.some_text(Field::ServiceAddr, event.service_addr);
    object.some_text(Field::ServiceName, event.service_name);
    object.some_text(Field::ServiceUrl, event.service_url);
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A JSON object that takes the fields which are in the set, each followed by a comma.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    fields: FieldSet,
}

impl Object<'_> {
    /// Appends the key; `None` when the field is not written.
    fn key(&mut self, field: Field) -> Option<&mut Vec<u8>> {
        if !self.fields.has(field) {
            return None;
        }
        self.out.extend_from_slice(field.key().as_bytes());
        Some(self.out)
    }

    fn text(&mut self, field: Field, text: &str) {
        if let Some(out) = self.key(field) {
            out.push(b'"');
            push_json(out, text.as_bytes(), Dialect::Html);
            out.extend_from_slice(b"\",");
        }
    }

    fn some_text(&mut self, field: Field, text: Option<&str>) {
        if let Some(text) = text {
            self.text(field, text);
        }
    }

    fn number(&mut self, field: Field, number: impl itoa::Integer) {
        if let Some(out) = self.key(field) {
            push_number(out, number);
            out.push(b',');
        }
    }

    /// `GzipRatio`, which is there only when the sizes differ. A response that was cut before its
    /// first byte has no ratio.
    fn ratio(&mut self, field: Field, origin: u64, downstream: u64) {
        if origin == downstream || downstream == 0 {
            return;
        }
        if let Some(out) = self.key(field) {
            push_float(out, origin as f64 / downstream as f64);
            out.push(b',');
        }
    }
}

/// Appends a number as Go's JSON does: the shortest form, with an exponent below 1e-6 and from 1e21.
fn push_float(out: &mut Vec<u8>, value: f64) {
    // Writing to a vector cannot fail.
    let _ = if value != 0.0 && !(1e-6..1e21).contains(&value) {
        write!(out, "{value:e}")
    } else {
        write!(out, "{value}")
    };
}

#[cfg(test)]
mod tests {
    use super::push_float;

    #[test]
    fn floats() {
        let cases = [
            (0.0, "0"),
            (10.0 / 39.0, "0.2564102564102564"),
            (3.0, "3"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (1e-9, "1e-9"),
        ];
        for (value, expected) in cases {
            let mut out = Vec::new();
            push_float(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
