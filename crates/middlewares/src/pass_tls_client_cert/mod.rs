//! `passTLSClientCert`: tells the server about the client's certificate (specification section 4.20).
//!
//! What a client sends under the names of these fields is taken off at the entry point, where clients are not trusted.
//! A client that is trusted and has no certificate of its own is a proxy that passes those of others.

mod info;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use http::{HeaderName, HeaderValue};

use info::Info;

const CERTIFICATE: HeaderName = HeaderName::from_static("x-forwarded-tls-client-cert");
const INFO: HeaderName = HeaderName::from_static("x-forwarded-tls-client-cert-info");

/// What servers are told.
pub(crate) struct PassTlsClientCert {
    pem: bool,
    info: Option<Info>,
}

impl PassTlsClientCert {
    /// From the options.
    pub(crate) fn new(options: &dynamic::PassTlsClientCert) -> Self {
        Self { pem: options.pem, info: options.info.as_ref().map(Info::new) }
    }
}

impl Filter for PassTlsClientCert {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let certificates = exchange.conn.tls.as_ref().map_or(&[][..], |tls| &tls.client_certificates);
        if certificates.is_empty() {
            return Flow::Next;
        }
        if self.pem {
            set(request, CERTIFICATE, Some(encode(certificates)));
        }
        if let Some(info) = &self.info {
            set(request, INFO, info.describe(certificates));
        }
        Flow::Next
    }
}

/// Sets a field in place of what the client may have sent.
fn set(request: &mut RequestHead, name: HeaderName, value: Option<String>) {
    match value.and_then(|value| HeaderValue::try_from(value).ok()) {
        Some(value) => request.headers.insert(name, value),
        None => drop(request.headers.remove(&name)),
    }
}

/// What is between the lines of PEM, without line ends.
fn encode(certificates: &[Box<[u8]>]) -> String {
    let encoded: Vec<String> = certificates.iter().map(|der| STANDARD.encode(der)).collect();
    encoded.join(",")
}

#[cfg(test)]
mod tests;
