//! Connections to servers: dialling, keeping and re-using them, and sending one request over one.
//!
//! Pools belong to a worker thread and are never locked. An [`Endpoint`] is the identity that a pool
//! hangs on: as long as some configuration snapshot names the same server over the same transport
//! it is the same endpoint, so connections survive a reload.

mod dial;
mod endpoint;
mod multiplexed;
mod pool;
mod secure;
mod send;

pub use endpoint::{Endpoint, EndpointKey, Protocol, TransportOptions};
pub use pool::{reap_idle, set_workers};
pub use secure::Tls;
pub use send::{Failure, send};
