//! Listening sockets, which worker gets which connection, and what comes before a connection's data: the PROXY
//! protocol.

mod accept;
mod activation;
mod address;
mod balance;
pub mod proxy_protocol;
mod udp;

pub use accept::accept;
pub use activation::{Activated, ActivationError, Notification, notify, watchdog_interval};
pub use address::{Address, AddressError, BindError, bind};
pub use balance::{Balance, Handover, Load, Place};
pub use udp::bind_udp;
