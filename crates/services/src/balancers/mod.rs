//! Strategies: which of several targets is next. One file per strategy.

mod round_robin;

pub use round_robin::RoundRobin;
