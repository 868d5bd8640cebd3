//! HTTP/1.1 and HTTP/1.0 (RFC 9112), both sides.

pub mod client;
pub mod decode;
pub mod encode;
pub(crate) mod fields;
pub mod head;
mod request_body;
pub mod server;
pub(crate) mod timer;
mod tunnel;
