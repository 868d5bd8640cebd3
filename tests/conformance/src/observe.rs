//! What counts in an observation: everything that a case compares, in a neutral and readable form.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::backend::Record;
use crate::client::{Answer, Exchanged, Failure, Response, TlsSeen};
use crate::exchange::Exchange;
use crate::hello::Choice;
use crate::http1::Fields;
use crate::text::text;

/// Header fields that only frame a message. They count with `framing`.
const FRAMING: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];

/// Request fields that a proxy adds or rewrites. They count with [`View::Full`].
const PROXY_ADDED: [&str; 8] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "accept-encoding",
    "user-agent",
];

/// Bodies longer than this are stored as length and checksum.
const LONG_BODY: usize = 4000;

/// What a case compares. The defaults suit most cases.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of the case format")]
pub struct Rules {
    /// How much of the requests that the backends saw.
    pub view: View,
    /// The body of the answer.
    pub body: bool,
    /// Informational answers.
    pub interim: bool,
    /// Framing and protocol version of the answer and of what the backends saw.
    pub framing: bool,
    /// `Accept-Encoding` of what the backends saw, with [`View::Full`].
    pub accept_encoding: bool,
    /// Only these header fields of the answer.
    pub only_headers: Option<Vec<String>>,
    /// Not these header fields of the answer.
    pub ignore_headers: Vec<String>,
    /// Not these header fields of what the backends saw.
    pub ignore_view: Vec<String>,
    /// Header fields of the answer that are lists whose order means nothing.
    pub token_sets: Vec<String>,
    /// Of an answer that refuses a malformed request only the status.
    pub status_only_errors: bool,
    /// Statuses between which Traefik itself wavers.
    pub one_of: Vec<u16>,
    /// Of an answer that was cut off only that it was: how much got through is a matter of buffering.
    pub broken: bool,
    /// The order in which the backends saw the requests does not count.
    pub unordered: bool,
    /// The order of what the steps observed does not count: which server comes first is random.
    pub unordered_steps: bool,
    /// The TLS alert by name. Libraries differ in them, so mostly only that there was one counts.
    pub alerts: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            view: View::App,
            body: true,
            interim: true,
            framing: false,
            accept_encoding: false,
            only_headers: None,
            ignore_headers: Vec::new(),
            ignore_view: Vec::new(),
            token_sets: Vec::new(),
            status_only_errors: false,
            one_of: Vec::new(),
            broken: false,
            unordered: false,
            unordered_steps: false,
            alerts: false,
        }
    }
}

/// How much of the requests that the backends saw counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Nothing.
    None,
    /// Backend, method and request target.
    Line,
    /// The same with header fields, body and trailers, but without what a proxy adds.
    App,
    /// Everything but framing.
    Full,
}

/// The comparable part of an answer.
pub fn answer(answer: &Answer, rules: &Rules) -> Value {
    match answer {
        Answer::Several(answers) => {
            json!({"responses": answers.iter().map(|one| self::answer(one, rules)).collect::<Vec<_>>()})
        }
        Answer::None(Failure::Closed) | Answer::NoneOverTls(Failure::Closed, _) if rules.broken => {
            json!({"broken": true})
        }
        Answer::NoneOverTls(failure, seen) => {
            let mut out = self::failure(failure, rules);
            out["tls"] = tls(seen);
            out
        }
        Answer::None(failure) => self::failure(failure, rules),
        Answer::Response(response) => self::response(response, rules),
    }
}

fn response(response: &Response, rules: &Rules) -> Value {
    if rules.broken && response.incomplete.is_some() {
        return json!({"broken": true});
    }
    if rules.one_of.contains(&response.status) {
        let statuses: Vec<String> = rules.one_of.iter().map(ToString::to_string).collect();
        return json!({"status": format!("one of {}", statuses.join(", "))});
    }
    if rules.status_only_errors && matches!(response.status, 400 | 405 | 431 | 501 | 505) {
        return json!({"status": response.status});
    }
    let mut out = Map::from_iter([("status".to_owned(), json!(response.status))]);
    let mut add = |key: &str, value: Value| {
        if !matches!(&value, Value::Null) && value != json!({}) && value != json!("") {
            out.insert(key.to_owned(), value);
        }
    };
    add("headers", headers(&response.headers, rules));
    if rules.body {
        add("body", json!(body(&response.body, &response.headers)));
    }
    if rules.interim && !response.interim.is_empty() {
        let one =
            |(status, fields): &(u16, Fields)| json!({"status": status, "headers": headers(fields, rules)});
        add("interim", response.interim.iter().map(one).collect());
    }
    add("incomplete", json!(response.incomplete.as_ref().map(Failure::name)));
    add("echo", json!(response.echo));
    if let Some(seen) = &response.tls {
        add("tls", tls(seen));
    }
    add("trailers", fields(&response.trailers, |_| true));
    if rules.framing {
        add("framing", json!(response.framing));
        add("proto", json!(response.proto));
    }
    Value::Object(out)
}

/// Why there is nothing.
pub fn failure(failure: &Failure, rules: &Rules) -> Value {
    let mut out = json!({"error": failure.name()});
    match failure {
        Failure::NotHttp(got) | Failure::NotTls(got) | Failure::StartTls(got) | Failure::Wrong(got) => {
            out["got"] = json!(got);
        }
        Failure::Tls(Some(alert)) if rules.alerts => out["alert"] = json!(alert),
        _ => {}
    }
    out
}

/// The comparable part of a TLS connection.
fn tls(tls: &TlsSeen) -> Value {
    let mut seen = json!({"cert": tls.certificate, "version": tls.version});
    for (key, value) in
        [("alpn", tls.alpn.as_deref()), ("cipher", tls.cipher), ("group", tls.group.as_deref())]
    {
        if let Some(value) = value {
            seen[key] = json!(value);
        }
    }
    if tls.chain > 1 {
        seen["chain"] = json!(tls.chain);
    }
    if let Some(resumed) = tls.resumed {
        seen["resumed"] = json!(resumed);
    }
    seen
}

/// The comparable part of an exchange of bytes.
pub fn exchanged(seen: &Result<Exchanged, Failure>, exchange: &Exchange, rules: &Rules) -> Value {
    let seen = match (seen, &exchange.only_has) {
        (Ok(seen), None) => seen,
        (Ok(seen), Some(part)) => return json!({"has": seen.got.contains(part)}),
        (Err(failure), _) => return self::failure(failure, rules),
    };
    let mut out = json!({});
    if !exchange.only_end {
        out["got"] = json!(shortened(undated(&seen.got).as_bytes()));
    }
    if let Some(closed) = seen.closed {
        out["end"] = json!(if closed { "closed" } else { "open" });
    }
    if let Some(seen) = &seen.tls {
        out["tls"] = tls(seen);
    }
    out
}

/// What the server chose for a TLS hello.
pub fn choice(seen: &Result<Choice, Failure>, rules: &Rules) -> Value {
    let choice = match seen {
        Ok(choice) => choice,
        Err(failure) => return self::failure(failure, rules),
    };
    if let Some(alert) = &choice.alert {
        return if rules.alerts { json!({"alert": alert}) } else { json!({"error": "tls"}) };
    }
    let mut out = json!({"version": choice.version, "cipher": choice.cipher});
    let optional = [("group", &choice.group), ("alpn", &choice.alpn)];
    for (key, value) in optional {
        if let Some(value) = value {
            out[key] = json!(value);
        }
    }
    if let Some(certificate) = choice.certificate {
        out["cert"] = json!(certificate);
    }
    if choice.wants_client {
        out["wantsClientCertificate"] = json!(true);
    }
    out
}

fn headers(headers: &Fields, rules: &Rules) -> Value {
    let listed = |list: &[String], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    let mut out = fields(headers, |name| {
        name != "date"
            && !listed(&rules.ignore_headers, name)
            && (rules.framing || !FRAMING.contains(&name))
            && rules.only_headers.as_ref().is_none_or(|only| listed(only, name))
    });
    for name in &rules.token_sets {
        if let Some(value) = out.get_mut(name) {
            *value = json!(tokens(value));
        }
    }
    out
}

/// The members of a list field, sorted.
fn tokens(value: &Value) -> Vec<String> {
    let all = match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        value => value.as_str().unwrap_or_default().to_owned(),
    };
    let mut tokens: Vec<String> = all.split(',').map(|token| token.trim().to_lowercase()).collect();
    tokens.sort();
    tokens.dedup();
    tokens
}

/// Fields by lower-case name; several values of one name become a list in order.
fn fields(fields: &Fields, keep: impl Fn(&str) -> bool) -> Value {
    let mut values: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, value) in &fields.0 {
        let name = name.to_ascii_lowercase();
        if keep(&name) {
            values.entry(name).or_default().push(value);
        }
    }
    let one_or_list = |(name, values): (String, Vec<&str>)| match values.as_slice() {
        [value] => (name, json!(value)),
        values => (name, json!(values)),
    };
    Value::Object(values.into_iter().map(one_or_list).collect())
}

/// A body as text: gzip and deflate unpacked, other codings by name, long ones as length and checksum.
fn body(body: &[u8], headers: &Fields) -> String {
    let coding = headers.get("content-encoding").unwrap_or_default().to_ascii_lowercase();
    let unpacked = match coding.as_str() {
        "br" | "zstd" if !body.is_empty() => return format!("<{coding}>"),
        "gzip" => unpack(flate2::read::GzDecoder::new(body)),
        "deflate" => unpack(flate2::read::ZlibDecoder::new(body)),
        _ => Some(body.to_vec()),
    };
    // What the API says has ports and paths in it, which are compared by name.
    let is_json = headers.get("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    match unpacked {
        Some(bytes) if is_json => text(&bytes),
        Some(bytes) => shortened(&bytes),
        None if body.is_empty() => String::new(),
        None => format!("<not {coding}> {}", shortened(body)),
    }
}

fn unpack(mut decoder: impl std::io::Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    decoder.read_to_end(&mut out).ok().map(|_| out)
}

/// Text without the time of day in a `Date` field.
fn undated(text: &str) -> String {
    const FIELD: &str = "\r\nDate: ";
    let Some((before, value)) = text.split_once(FIELD) else { return text.to_owned() };
    let after = value.find("\r\n").map_or("", |end| &value[end..]);
    format!("{before}{FIELD}{{date}}{after}")
}

fn shortened(bytes: &[u8]) -> String {
    if bytes.len() <= LONG_BODY {
        return text(bytes);
    }
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    format!("<{} bytes, crc {:08x}>", bytes.len(), crc.sum())
}

/// The comparable part of what the backends saw; nothing when the case does not look at it.
pub fn view(records: &[Record], rules: &Rules) -> Option<Value> {
    let mut items: Vec<Value> = match rules.view {
        View::None => return None,
        View::Line => records.iter().map(|record| json!(line(record))).collect(),
        View::App | View::Full => records.iter().map(|record| request(record, rules)).collect(),
    };
    if rules.unordered {
        items.sort_by_key(ToString::to_string);
    }
    Some(Value::Array(items))
}

fn line(record: &Record) -> String {
    format!("{} {} {}", record.backend, record.method, record.uri)
}

fn request(record: &Record, rules: &Rules) -> Value {
    let full = rules.view == View::Full;
    let headers = fields(&record.headers, |name| {
        let added =
            PROXY_ADDED.contains(&name) && (!full || name == "accept-encoding" && !rules.accept_encoding);
        !added
            && !matches!(name, "x-echo" | "x-auth-echo")
            && (rules.framing || !FRAMING.contains(&name))
            && !rules.ignore_view.iter().any(|one| one.eq_ignore_ascii_case(name))
    });
    let mut out = json!({"request": line(record), "headers": headers});
    if !record.body.is_empty() {
        out["body"] = json!(shortened(&record.body));
    }
    if !record.trailers.0.is_empty() {
        out["trailers"] = fields(&record.trailers, |_| true);
    }
    if let Some(client) = record.client_certificate {
        out["clientCertificate"] = json!(client);
    }
    if rules.framing {
        out["version"] = json!(record.version);
    }
    out
}
