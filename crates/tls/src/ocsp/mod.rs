//! The status of certificates: what is asked of a responder, and whether its answer is to be believed (RFC 6960).
//!
//! Messages only: who asks, when, and over what is decided elsewhere. An answer that was believed is stapled by
//! [`Served::staple`](crate::Served::staple).

mod der;
mod request;
mod response;

pub use der::Malformed;
pub use request::Subject;
pub use response::{ResponseError, Statement, Status};

/// `id-sha1`, as it is encoded.
const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];

#[cfg(test)]
mod tests;
