//! Services in front of a scripted server: exactly what it gets, what the client gets back, and whose turn it is.

mod failures;
mod health;
mod requests;
mod responses;
mod support;
mod turns;
