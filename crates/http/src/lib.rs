//! The codecs: bytes on a connection to the messages of [`ferroway_core`] and back.
//!
//! HTTP/1.1 is written here, on `httparse`; both sides share the parser's checks ([`h1::head`]), the
//! body framing ([`h1::decode`], [`h1::encode`]) and the buffers ([`buffer`]).

pub mod buffer;
mod date;
pub mod h1;
pub mod server;
