//! The PROXY protocol, versions 1 and 2: a header in front of a connection's data that tells who the client of
//! a load balancer in front of us is.
//!
//! [`parse`] looks at bytes and nothing else. [`read_header`] takes a header, and not a byte more, off a
//! connection; whether a peer may send one is the caller's decision. [`encode`] writes headers for servers.

mod encode;
mod read;
mod v1;
mod v2;

use std::net::SocketAddr;

pub use encode::{Version, encode};
pub use read::{ReadError, read_header};

/// Longest header of version 1, with its line end; the protocol sets it.
const MAX_V1: usize = 107;
/// Longest header of version 2 that is accepted: addresses and a generous share of extensions.
const MAX_V2: usize = 4096;

/// What bytes at the start of a connection are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Not the PROXY protocol.
    NotAHeader,
    /// Too few bytes to tell.
    Undecided,
    /// The beginning of a header, of which so many bytes are known to be needed.
    Incomplete(usize),
    /// A header.
    Header(Header),
}

/// A header of either version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Who speaks to whom; `None` when the sender speaks for itself, or does not say.
    pub addresses: Option<Addresses>,
    /// Length of the header in bytes.
    pub length: usize,
}

/// The two ends of the client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// The client.
    pub source: SocketAddr,
    /// Where the client connected to.
    pub destination: SocketAddr,
}

/// Something that begins like a header and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed PROXY protocol header: {0}")]
pub struct Malformed(pub(crate) &'static str);

/// Looks for a header at the start of `bytes`, which may hold more, or not yet all of it.
///
/// # Errors
/// The bytes begin like a header, and break its rules.
pub fn parse(bytes: &[u8]) -> Result<Parsed, Malformed> {
    if bytes.starts_with(v1::SIGNATURE) {
        v1::parse(bytes)
    } else if bytes.starts_with(v2::SIGNATURE) {
        v2::parse(bytes)
    } else if v1::SIGNATURE.starts_with(bytes) || v2::SIGNATURE.starts_with(bytes) {
        Ok(Parsed::Undecided)
    } else {
        Ok(Parsed::NotAHeader)
    }
}

#[cfg(test)]
mod tests;
