//! What the data plane tells about one request.

use ferroway_core::HeaderList;
use std::time::{Duration, SystemTime};

/// One finished request. Every part is borrowed; a missing part is `None`, zero or empty.
///
/// `ClientHost`, `ClientPort`, `RequestHost`, `RequestPort`, `Overhead` and `GzipRatio` of the log are
/// derived from these parts.
#[derive(Debug, Clone, Copy)]
pub struct AccessEvent<'a> {
    /// When the request's head had been read (`StartUTC`, `StartLocal`).
    pub start: SystemTime,
    /// From then to the end of the response (`Duration`).
    pub duration: Duration,
    /// The entry point's name (`entryPointName`).
    pub entry_point_name: &'a str,
    /// The router that matched (`RouterName`).
    pub router_name: Option<&'a str>,
    /// The service that was called (`ServiceName`); none when a middleware answered.
    pub service_name: Option<&'a str>,
    /// The server's URL (`ServiceURL`).
    pub service_url: Option<&'a str>,
    /// The server's host and port (`ServiceAddr`).
    pub service_addr: Option<&'a str>,
    /// The peer's address and port (`ClientAddr`); `ClientHost` and `ClientPort` are its parts.
    pub client_addr: &'a str,
    /// In place of the peer's address as `ClientHost`: `X-Forwarded-For` as it came, if it was trusted.
    pub forwarded_for: Option<&'a str>,
    /// The user who was authenticated, or tried to be (`ClientUsername`); `-` when no one tried.
    pub client_username: Option<&'a str>,
    /// Host and port that the client asked for (`RequestAddr`); `RequestHost` and `RequestPort` are its parts.
    pub request_addr: &'a str,
    /// `RequestMethod`
    pub request_method: &'a str,
    /// Path and query before middlewares changed them (`RequestPath`).
    pub request_path: &'a str,
    /// As in `HTTP/1.1` (`RequestProtocol`).
    pub request_protocol: &'a str,
    /// `http` or `https` (`RequestScheme`).
    pub request_scheme: &'a str,
    /// Bytes of the request's content that were read (`RequestContentSize`).
    pub request_content_size: u64,
    /// The number of the request (`RequestCount`), from [`AccessLog::count_request`](crate::AccessLog::count_request).
    pub request_count: u64,
    /// The server's status (`OriginStatus`); 0 when no server was asked.
    pub origin_status: u16,
    /// From the first try to the end of the server's response (`OriginDuration`).
    pub origin_duration: Duration,
    /// Bytes of content that the server sent (`OriginContentSize`).
    pub origin_content_size: u64,
    /// The status that the client got (`DownstreamStatus`).
    pub downstream_status: u16,
    /// Bytes of content that the client got (`DownstreamContentSize`).
    pub downstream_content_size: u64,
    /// Tries beyond the first (`RetryAttempts`).
    pub retry_attempts: u32,
    /// Parameters of the client's TLS connection.
    pub tls: Option<TlsDetails<'a>>,
    /// Why ferroway answered by itself (`Reason`); not part of Traefik's log.
    pub reason: Option<&'a str>,
    /// The request's fields as middlewares saw them (`request_<name>`).
    pub request_headers: Option<LoggedHeaders<'a>>,
    /// The fields of the server's response (`origin_<name>`).
    pub origin_headers: Option<LoggedHeaders<'a>>,
    /// The fields of the response to the client, without those that the connection adds
    /// (`downstream_<name>`).
    pub downstream_headers: Option<LoggedHeaders<'a>>,
}

/// The TLS part of an [`AccessEvent`].
#[derive(Debug, Clone, Copy)]
pub struct TlsDetails<'a> {
    /// As in `1.3` (`TLSVersion`).
    pub version: &'a str,
    /// As in `TLS_AES_128_GCM_SHA256` (`TLSCipher`).
    pub cipher: &'a str,
    /// The distinguished name of the client's certificate (`TLSClientSubject`).
    pub client_subject: Option<&'a str>,
}

/// Fields of a message. `Content-Length` may stand beside the map: framing fields are not among those
/// of ferroway's messages, but they are in the log.
#[derive(Debug, Clone, Copy)]
pub struct LoggedHeaders<'a> {
    /// The fields.
    pub fields: &'a HeaderList,
    /// The value of `Content-Length`, where the message had one that is not in the map.
    pub content_length: Option<u64>,
}

impl<'a> From<&'a HeaderList> for LoggedHeaders<'a> {
    fn from(fields: &'a HeaderList) -> Self {
        Self { fields, content_length: None }
    }
}

impl Default for AccessEvent<'_> {
    fn default() -> Self {
        Self {
            start: SystemTime::UNIX_EPOCH,
            duration: Duration::ZERO,
            entry_point_name: "",
            router_name: None,
            service_name: None,
            service_url: None,
            service_addr: None,
            client_addr: "",
            forwarded_for: None,
            client_username: None,
            request_addr: "",
            request_method: "",
            request_path: "",
            request_protocol: "",
            request_scheme: "",
            request_content_size: 0,
            request_count: 0,
            origin_status: 0,
            origin_duration: Duration::ZERO,
            origin_content_size: 0,
            downstream_status: 0,
            downstream_content_size: 0,
            retry_attempts: 0,
            tls: None,
            reason: None,
            request_headers: None,
            origin_headers: None,
            downstream_headers: None,
        }
    }
}

impl<'a> AccessEvent<'a> {
    /// `ClientHost` and `ClientPort`.
    pub(crate) fn client(&self) -> (&'a str, &'a str) {
        let (host, port) = split_host_port(self.client_addr);
        (self.forwarded_for.unwrap_or(host), port)
    }

    /// `RequestHost` and `RequestPort`.
    pub(crate) fn request_host_port(&self) -> (&'a str, &'a str) {
        split_host_port(self.request_addr)
    }
}

/// Host and port of an address, the host without brackets. An address without a port, or one that Go's
/// `net.SplitHostPort` refuses, is all host, with port `-`.
fn split_host_port(address: &str) -> (&str, &str) {
    parse_host_port(address).unwrap_or((address, "-"))
}

fn parse_host_port(address: &str) -> Option<(&str, &str)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':')?)
        }
        None => address.rsplit_once(':').filter(|(host, _)| !host.contains(':'))?,
    };
    let clean = |part: &str| !part.bytes().any(|byte| matches!(byte, b'[' | b']'));
    (clean(host) && clean(port) && !port.contains(':')).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::split_host_port;

    #[test]
    fn addresses() {
        let cases = [
            ("127.0.0.1:80", ("127.0.0.1", "80")),
            ("one.test", ("one.test", "-")),
            ("one.test:", ("one.test", "")),
            ("[::1]:99", ("::1", "99")),
            ("[::1]", ("[::1]", "-")),
            ("::1", ("::1", "-")),
            ("[::1]:9:9", ("[::1]:9:9", "-")),
            ("[fe80::1%eth0]:443", ("fe80::1%eth0", "443")),
            ("a[b:80", ("a[b:80", "-")),
            ("@", ("@", "-")),
            ("", ("", "-")),
            (":80", ("", "80")),
        ];
        for (address, expected) in cases {
            assert_eq!(split_host_port(address), expected, "{address}");
        }
    }
}
