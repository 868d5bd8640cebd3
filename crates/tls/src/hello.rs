//! What the first bytes of a connection are: a TLS ClientHello, PostgreSQL's request for TLS, or
//! something else.

use std::fmt;

use rustls::CipherSuite;
use rustls::server::{Accepted, Acceptor};

/// First bytes of TLS records with handshake messages, and of SSLv2, which is refused like any malformed TLS.
const HANDSHAKE: u8 = 0x16;
const SSL2: u8 = 0x80;
/// With this, PostgreSQL clients ask for TLS; the server answers `S` and a ClientHello follows.
const POSTGRES_SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// The longest ClientHello in bytes, with the headers of its records.
const MAX_HELLO: usize = 64 * 1024;

/// Looks at the first bytes of one connection as they come in.
#[derive(Default)]
pub struct Sniffer {
    /// Made when the first byte is one of TLS: it costs an allocation, and most plain connections need none.
    acceptor: Option<Acceptor>,
    fed: usize,
}

/// What the bytes turned out to be.
#[derive(Debug)]
pub enum Sniffed {
    /// Not known yet: more bytes are needed.
    Incomplete,
    /// Not TLS.
    Plain,
    /// PostgreSQL's request for TLS, 8 bytes. The answer is `S`, and a new [`Sniffer`] for what comes then.
    PostgresSslRequest,
    /// TLS, with the whole ClientHello.
    Hello(Box<ClientHello>),
}

/// A fatal alert `decode_error` in a record of its own, for what rustls has no alert.
const DECODE_ERROR: &[u8] = &[21, 3, 3, 0, 2, 2, 50];

/// A client's first message.
#[derive(Debug)]
pub struct ClientHello {
    server_name: Option<Box<str>>,
    alpn: Box<[Box<[u8]>]>,
    prefers_chacha: bool,
    accepted: Accepted,
    /// How many bytes it took.
    length: usize,
}

/// A connection that begins like TLS but is not.
#[derive(Debug)]
pub struct HelloError {
    error: rustls::Error,
    alert: Vec<u8>,
}

impl Sniffer {
    /// Looks at all bytes `received` so far: at least those of the call before, and more. They stay the
    /// caller's, who may have to pass them on.
    ///
    /// # Errors
    /// The bytes begin like TLS but cannot become a ClientHello of at most 64 KiB.
    pub fn read(&mut self, received: &[u8]) -> Result<Sniffed, HelloError> {
        match received.first() {
            None => Ok(Sniffed::Incomplete),
            Some(&(HANDSHAKE | SSL2)) => self.read_hello(received),
            Some(_) if received.starts_with(POSTGRES_SSL_REQUEST) => Ok(Sniffed::PostgresSslRequest),
            Some(_) if POSTGRES_SSL_REQUEST.starts_with(received) => Ok(Sniffed::Incomplete),
            Some(_) => Ok(Sniffed::Plain),
        }
    }

    fn read_hello(&mut self, received: &[u8]) -> Result<Sniffed, HelloError> {
        let acceptor = self.acceptor.get_or_insert_default();
        while let Some(mut rest) = received.get(self.fed..).filter(|rest| !rest.is_empty()) {
            let taken = acceptor.read_tls(&mut rest);
            self.fed += taken.map_err(|error| HelloError::too_large(&error.to_string()))?;
            match acceptor.accept() {
                Ok(Some(accepted)) => {
                    return Ok(Sniffed::Hello(Box::new(ClientHello::new(accepted, self.fed))));
                }
                Ok(None) if self.fed >= MAX_HELLO => return Err(HelloError::too_large("more than 64 KiB")),
                Ok(None) => {}
                Err((error, mut alert)) => {
                    let mut bytes = Vec::new();
                    alert.write_all(&mut bytes).expect("a vector takes all bytes");
                    return Err(HelloError { error, alert: bytes });
                }
            }
        }
        Ok(Sniffed::Incomplete)
    }
}

impl fmt::Debug for Sniffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sniffer").field("fed", &self.fed).finish_non_exhaustive()
    }
}

impl ClientHello {
    fn new(accepted: Accepted, length: usize) -> Self {
        let hello = accepted.client_hello();
        let server_name = hello.server_name().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        let alpn = hello.alpn().into_iter().flatten().map(Box::from).collect();
        let prefers_chacha =
            hello.cipher_suites().iter().find_map(|suite| is_chacha(*suite)).unwrap_or(false);
        Self { server_name: server_name.map(String::into_boxed_str), alpn, prefers_chacha, accepted, length }
    }

    /// The name that the client asks for (SNI), in lower case and without a dot at its end.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The protocols that the client offers (ALPN), the best first.
    pub fn alpn(&self) -> impl Iterator<Item = &[u8]> {
        self.alpn.iter().map(|protocol| &**protocol)
    }

    /// Whether the client puts ChaCha20 before AES, as those without instructions for AES do.
    pub(crate) fn prefers_chacha(&self) -> bool {
        self.prefers_chacha
    }

    /// What the handshake goes on from, and how many of the received bytes are in it.
    pub(crate) fn into_parts(self) -> (Option<Box<str>>, Accepted, usize) {
        (self.server_name, self.accepted, self.length)
    }
}

/// Whether the suite is one with ChaCha20 (or with AES-GCM); none for suites that are neither.
fn is_chacha(suite: CipherSuite) -> Option<bool> {
    match suite {
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => Some(true),
        CipherSuite::TLS13_AES_128_GCM_SHA256
        | CipherSuite::TLS13_AES_256_GCM_SHA384
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => Some(false),
        _ => None,
    }
}

impl HelloError {
    fn too_large(reason: &str) -> Self {
        Self { error: rustls::Error::General(format!("too large: {reason}")), alert: Vec::new() }
    }

    /// What to write to the client before closing.
    pub fn alert(&self) -> &[u8] {
        if self.alert.is_empty() { DECODE_ERROR } else { &self.alert }
    }
}

impl fmt::Display for HelloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a ClientHello: {}", self.error)
    }
}

impl std::error::Error for HelloError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests;
