//! The side towards clients.

mod broken;
mod expect;
mod framing;
mod keep_alive;
mod preface;
mod refusals;
mod request_bodies;
mod shutdown;
mod timeouts;
mod tunnel;
