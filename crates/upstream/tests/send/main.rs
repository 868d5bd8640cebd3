//! Requests over real connections to a scripted server: which connection carries which request, what is kept,
//! what is tried again, and what is said when nothing helps.

mod failures;
mod multiplexed;
mod pool;
mod repeat;
mod secure;
mod support;
mod upgrade;
