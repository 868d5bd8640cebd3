//! The step `tcp`: plain bytes to a TCP router and what comes back.

use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;

use crate::cases::default_entry_point;
use crate::client::Opening;
use crate::request::{StartTls, TlsChoice};
use crate::text::{from_hex, latin1};

/// An exchange of bytes.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Form")]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of the case format")]
pub struct Exchange {
    /// The entry point.
    pub entry_point: String,
    /// What is sent.
    pub send: Vec<u8>,
    /// Shut down the sending side after that.
    pub half_close: bool,
    /// Read a line.
    pub line: bool,
    /// Read so many bytes.
    pub want: Option<usize>,
    /// Observe what came in hexadecimal.
    pub hex: bool,
    /// Give the ports in a PROXY protocol header neutral names.
    pub mask_port: bool,
    /// Find out who is there instead: a server that greets, or one that speaks HTTP.
    pub probe: bool,
    /// Observe only whether this arrived.
    pub only_has: Option<String>,
    /// Observe only how it ended.
    pub only_end: bool,
    /// Keep the connection under this name, or go on with the one of this name.
    pub connection: Option<String>,
    source: Option<IpAddr>,
    preface: Vec<u8>,
    start_tls: Option<StartTls>,
    tls: Option<TlsChoice>,
    read_timeout: Duration,
}

/// An exchange as it stands in case files.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of the case format")]
struct Form {
    #[serde(default = "default_entry_point")]
    entry_point: String,
    source: Option<IpAddr>,
    /// Sent first, one character a byte.
    proxy_header: Option<String>,
    proxy_header_hex: Option<String>,
    start_tls: Option<StartTls>,
    tls: Option<TlsChoice>,
    connection: Option<String>,
    /// One character a byte.
    #[serde(default)]
    send: String,
    send_hex: Option<String>,
    #[serde(default)]
    half_close: bool,
    #[serde(default)]
    line: bool,
    want: Option<usize>,
    #[serde(default)]
    hex: bool,
    #[serde(default)]
    mask_port: bool,
    #[serde(default)]
    probe: bool,
    only_has: Option<String>,
    #[serde(default)]
    only_end: bool,
    /// Seconds without anything new after which reading ends.
    #[serde(default = "default_pause")]
    read_timeout: f64,
}

fn default_pause() -> f64 {
    3.0
}

impl TryFrom<Form> for Exchange {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let preface = match (&form.proxy_header, &form.proxy_header_hex) {
            (Some(text), _) => latin1(text)?,
            (None, Some(hex)) => from_hex(hex)?,
            (None, None) => Vec::new(),
        };
        let send = match &form.send_hex {
            Some(hex) => from_hex(hex)?,
            None => latin1(&form.send)?,
        };
        let read_timeout =
            Duration::try_from_secs_f64(form.read_timeout).map_err(|e| format!("bad readTimeout: {e}"))?;
        Ok(Self {
            entry_point: form.entry_point,
            send,
            half_close: form.half_close,
            line: form.line,
            want: form.want,
            hex: form.hex,
            mask_port: form.mask_port,
            probe: form.probe,
            only_has: form.only_has,
            only_end: form.only_end,
            connection: form.connection,
            source: form.source,
            preface,
            start_tls: form.start_tls,
            tls: form.tls,
            read_timeout,
        })
    }
}

impl Exchange {
    /// How the connection is opened.
    pub fn opening(&self) -> Opening<'_> {
        Opening {
            entry_point: &self.entry_point,
            source: self.source,
            preface: &self.preface,
            start_tls: self.start_tls.as_ref(),
            tls: self.tls.as_ref(),
        }
    }

    /// How long opening may take.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(4)
    }

    /// The time without anything new after which reading ends.
    pub fn pause(&self) -> Duration {
        self.read_timeout
    }
}
