//! The step `hello`: a ClientHello made byte by byte, and what the server chooses.
//!
//! It asks for versions, suites and groups that no TLS library of today speaks, and cuts the message in pieces. The
//! handshake is never finished, so nothing here is cryptography.

mod answer;
mod build;
mod names;

use std::net::IpAddr;

use serde::Deserialize;

pub use self::answer::{Choice, NotTls, choice};
use crate::cases::default_entry_point;

/// A ClientHello as it stands in case files.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hello {
    /// The entry point.
    #[serde(default = "default_entry_point")]
    pub entry_point: String,
    /// The client's address, when it is not to be 127.0.0.1.
    pub source: Option<IpAddr>,
    /// Sent first, one character a byte.
    pub proxy_header: Option<String>,
    /// The server name, verbatim.
    pub sni: Option<String>,
    /// The versions offered, `1.0` to `1.3`.
    #[serde(default = "all_versions")]
    pub versions: Vec<String>,
    /// The cipher suites offered, by their IANA names. Without any, those of usual browsers.
    #[serde(default)]
    pub ciphers: Vec<String>,
    /// The groups offered for the key exchange, by their IANA names.
    #[serde(default = "usual_groups")]
    pub groups: Vec<String>,
    /// Application protocols offered.
    #[serde(default)]
    pub alpn: Vec<String>,
    /// Send these bytes instead, in hexadecimal.
    pub bytes_hex: Option<String>,
    /// Split the message over TLS records of these sizes, then the rest.
    #[serde(default)]
    pub records: Vec<usize>,
    /// Write the bytes in pieces of these sizes, then the rest.
    #[serde(default)]
    pub pieces: Vec<usize>,
    /// Make the message so much longer.
    #[serde(default)]
    pub padding: u16,
}

fn all_versions() -> Vec<String> {
    ["1.2", "1.3"].map(str::to_owned).to_vec()
}

fn usual_groups() -> Vec<String> {
    ["x25519", "secp256r1", "secp384r1"].map(str::to_owned).to_vec()
}
