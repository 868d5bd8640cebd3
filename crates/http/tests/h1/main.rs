//! Byte-exact tests of HTTP/1.1: what one end of a connection writes, and exactly what comes back. The other
//! end is the codec with a scripted handler (the side towards clients) or a scripted caller (the side towards
//! servers). Time stands still until everybody waits, so that timeouts take no time and nothing is raced.

mod client;
mod property;
mod server;
mod support;
mod tcp;
