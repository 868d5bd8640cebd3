//! HTTP/2 as frames: what one end of a connection writes, and what comes back. The other end is the codec with a
//! handler that does what the path says. Time stands still until everybody waits, so that timeouts take no time
//! and nothing is raced.

mod abuse;
mod client;
mod server;
mod support;
mod tools;
mod websocket;
