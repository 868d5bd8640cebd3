//! The `common` and `genericCLF` formats (specification section 8.7). A part that is missing, empty
//! or dropped is `-`.

use http::header::{HeaderName, REFERER, USER_AGENT};

use super::field::Field;
use super::{AccessEvent, Inner, Scratch, push_number};
use crate::clock;
use crate::escape::push_visible;

/// Appends the line of a request: the common log format and what Traefik adds to it.
pub(super) fn write_common(log: &Inner, event: &AccessEvent<'_>, scratch: &mut Scratch) {
    push_generic(log, event, scratch);
    let line = &mut scratch.line;
    let has = |field| log.rules.fields.has(field);
    line.push(b' ');
    push_number_or_dash(line, has(Field::RequestCount), event.request_count);
    for (field, value) in [(Field::RouterName, event.router_name), (Field::ServiceUrl, event.service_url)] {
        line.extend_from_slice(b" \"");
        push_text(line, has(field), value.unwrap_or_default());
        line.push(b'"');
    }
    line.push(b' ');
    push_number(line, if has(Field::Duration) { event.duration.as_millis() } else { 0 });
    line.extend_from_slice(b"ms\n");
}

/// Appends the line of a request: up to the user agent only.
pub(super) fn write_generic(log: &Inner, event: &AccessEvent<'_>, scratch: &mut Scratch) {
    push_generic(log, event, scratch);
    scratch.line.push(b'\n');
}

fn push_generic(log: &Inner, event: &AccessEvent<'_>, Scratch { line, start, .. }: &mut Scratch) {
    let has = |field| log.rules.fields.has(field);
    push_text(line, has(Field::ClientHost), event.client().0);
    line.extend_from_slice(b" - ");
    push_text(line, has(Field::ClientUsername), event.client_username.unwrap_or_default());

    start.set(clock::split(event.start).0, &log.zone);
    let time = match (has(Field::StartUtc), has(Field::StartLocal)) {
        (true, _) => start.clf_utc(),
        (false, true) => start.clf_local(),
        (false, false) => b"-",
    };
    line.extend_from_slice(b" [");
    line.extend_from_slice(time);
    line.extend_from_slice(b"] \"");

    push_text(line, has(Field::RequestMethod), event.request_method);
    line.push(b' ');
    push_text(line, has(Field::RequestPath), log.rules.path(event.request_path));
    line.push(b' ');
    push_text(line, has(Field::RequestProtocol), event.request_protocol);
    line.extend_from_slice(b"\" ");
    push_number_or_dash(line, has(Field::DownstreamStatus), event.downstream_status);
    line.push(b' ');
    push_number_or_dash(line, has(Field::DownstreamContentSize), event.downstream_content_size);
    for name in [&REFERER, &USER_AGENT] {
        line.push(b' ');
        push_header(line, log, event, name);
    }
}

/// Appends a text, or `-`.
// Traefik: writes a user name with a line break as it is, which lets clients forge lines
// (tests::line_breaks_are_escaped).
fn push_text(line: &mut Vec<u8>, written: bool, text: &str) {
    let text = if written && !text.is_empty() { text } else { "-" };
    push_visible(line, text.as_bytes());
}

fn push_number_or_dash(line: &mut Vec<u8>, written: bool, number: impl itoa::Integer) {
    if written {
        push_number(line, number);
    } else {
        line.push(b'-');
    }
}

/// Appends the value of a field, or `-`, in quotes.
fn push_header(line: &mut Vec<u8>, log: &Inner, event: &AccessEvent<'_>, name: &HeaderName) {
    line.push(b'"');
    let start = line.len();
    if let Some(headers) = event.request_headers {
        log.rules.headers.push_clf(line, headers.fields, name);
    }
    if line.len() == start {
        line.push(b'-');
    }
    line.push(b'"');
}
