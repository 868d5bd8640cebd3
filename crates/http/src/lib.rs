//! The codecs: bytes on a connection to the messages of [`ferroway_core`] and back.
//!
//! HTTP/1.1 is written here, on `httparse`; both sides share the parser's checks ([`h1::head`]) and the
//! body framing ([`h1::decode`], [`h1::encode`]). HTTP/2 ([`h2`]) is the crate of that name with the rules of a proxy
//! around it.

mod buffer;
mod date;
pub mod h1;
pub mod h2;
pub mod server;
