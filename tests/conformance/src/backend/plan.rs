//! What a backend is told to do with a request: the JSON object in the header `X-Echo` (`X-Auth-Echo` for `auth`).

use std::io::Write as _;
use std::time::Duration;

use base64::Engine as _;
use flate2::{Compression, GzBuilder};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Record;
use crate::http1::Fields;

/// A default plan of a backend, as it stands in a case file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Plan(Map<String, Value>);

impl TryFrom<Map<String, Value>> for Plan {
    type Error = String;

    fn try_from(map: Map<String, Value>) -> Result<Self, String> {
        let plan = Self(map);
        plan.directive().map_err(|e| format!("bad plan of a backend: {e}"))?;
        Ok(plan)
    }
}

impl Plan {
    /// This plan with another one laid over it.
    pub(super) fn with(&self, over: Map<String, Value>) -> Self {
        let mut map = self.0.clone();
        map.extend(over);
        Self(map)
    }

    pub(super) fn directive(&self) -> Result<Directive, serde_json::Error> {
        serde_json::from_value(Value::Object(self.0.clone()))
    }
}

/// The parsed plan. Without anything, a backend answers 200 with its name, the method and the request target.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Directive {
    /// The status.
    pub(super) status: Option<u16>,
    /// The body as text, as so many letters, in base64, or that of the request.
    body: Option<String>,
    body_size: Option<usize>,
    body_b64: Option<String>,
    echo_body: bool,
    /// Compress the body.
    gzip: bool,
    /// The content type; null for none.
    #[serde(default = "plain_text")]
    ctype: Option<String>,
    /// More header fields.
    headers: Vec<(String, String)>,
    /// Trailer fields, after a chunked body.
    pub(super) trailers: Vec<(String, String)>,
    /// Send the body in these chunks, so many seconds apart.
    pub(super) chunks: Option<Vec<String>>,
    chunk_delay: f64,
    /// The `Content-Length` to claim, whatever the body.
    pub(super) length: Option<usize>,
    /// End the body by closing the connection.
    pub(super) no_length: bool,
    /// Informational answers before the final one, with their header fields.
    pub(super) early: Vec<(u16, Vec<(String, String)>)>,
    /// Wait for so many seconds first.
    delay: f64,
    /// Close the connection: `before` answering, with a `reset`, `after_headers`, in `mid_body`.
    pub(super) close: Option<Close>,
    /// Say `Connection: close` and do so.
    pub(super) conn_close: bool,
    /// Write these bytes instead of an answer, and close.
    pub(super) raw: Option<String>,
    /// Answer without `100 Continue` and without reading the body.
    pub(super) reject_expect: bool,
    /// Answer without reading the body first.
    pub(super) skip_body: bool,
    /// Lay another plan over this one for the first requests of each request target.
    pub(super) fail: Option<Fail>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Close {
    Before,
    Reset,
    AfterHeaders,
    MidBody,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fail {
    /// For how many requests.
    pub(super) n: u32,
    /// Counts apart from other keys.
    #[serde(default)]
    pub(super) key: String,
    pub(super) plan: Map<String, Value>,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the field")]
fn plain_text() -> Option<String> {
    Some("text/plain; charset=utf-8".to_owned())
}

impl Directive {
    pub(super) fn delay(&self) -> Duration {
        Duration::try_from_secs_f64(self.delay).unwrap_or_default()
    }

    pub(super) fn chunk_delay(&self) -> Duration {
        Duration::try_from_secs_f64(self.chunk_delay).unwrap_or_default()
    }

    /// The body of the answer and the header fields that are not about framing.
    pub(super) fn payload(&self, request: &Record) -> (Vec<u8>, Fields) {
        let mut payload = if let Some(body) = &self.body {
            body.clone().into_bytes()
        } else if let Some(size) = self.body_size {
            b"abcdefghij".iter().copied().cycle().take(size).collect()
        } else if let Some(encoded) = &self.body_b64 {
            base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default()
        } else if self.echo_body {
            request.body.clone()
        } else {
            format!("{} {} {}", request.backend, request.method, request.uri).into_bytes()
        };
        let mut fields = Fields::default();
        fields.push("X-Backend", request.backend);
        if let Some(content_type) = &self.ctype {
            fields.push("Content-Type", content_type);
        }
        if self.gzip {
            payload = gzip(&payload);
            fields.push("Content-Encoding", "gzip");
        }
        fields.0.extend(self.headers.iter().cloned());
        (payload, fields)
    }
}

fn gzip(payload: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let _ = writer.write_all(payload);
    writer.finish().unwrap_or_default()
}
