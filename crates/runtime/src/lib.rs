//! What runs: the snapshot that a plan becomes, how workers get it, and the workers themselves.
//!
//! A [`Builder`] makes a [`Snapshot`] of a plan, re-using whatever did not change; a [`Publisher`] hands it
//! to all workers by one swap; each worker drops the old one when its last request is done.

mod access;
mod build;
mod connection;
mod entry_point;
mod handler;
mod internal;
mod opening;
mod route;
mod snapshot;
mod stapling;
mod tcp;
mod worker;

pub use build::{BuildOptions, Builder, Outcome};
pub use connection::Transport;
pub use entry_point::{Aliases, EncodedCharacters, EntryPoint, Forwarded, Trust};
pub use ferroway_tcp::UdpOptions;
pub use internal::{InternalServices, Noop};
pub use route::Route;
pub use snapshot::{EntryTable, Held, Publisher, Snapshot, WorkerSnapshot};
pub use tcp::{TcpRoute, TcpTables};
pub use worker::{Listening, UdpListening, Workers, WorkersOptions};
