//! Listening sockets, and which worker gets which connection.

mod accept;
mod address;
mod balance;

pub use accept::accept;
pub use address::{Address, AddressError, BindError, bind};
pub use balance::{Balance, Handover, Load, Place};
