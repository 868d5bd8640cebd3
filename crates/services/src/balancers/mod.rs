//! Strategies: which of several servers is next. One file per strategy, and one line in [`STRATEGIES`].

mod rendezvous;
mod round_robin;

use ferroway_core::Exchange;

use self::rendezvous::Rendezvous;
pub use self::round_robin::RoundRobin;

/// What a strategy knows of a server.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its URL as configured.
    pub url: &'a str,
    /// Its weight; one of 0 or less is not chosen.
    pub weight: i64,
}

/// Chooses among the servers of a load balancer. It is asked by all workers at once: atomics, no lock.
pub trait Strategy: Send + Sync + std::fmt::Debug {
    /// The number of the server for a request, one of those that are `usable`; `None` when there is none that may
    /// take it.
    fn choose(&self, exchange: &Exchange, usable: &dyn Fn(usize) -> bool) -> Option<usize>;
}

/// Makes a strategy for servers.
type Make = fn(&[Target<'_>]) -> Box<dyn Strategy>;

/// The strategies by their names in `loadBalancer.strategy` (specification section 3.3).
const STRATEGIES: &[(&str, Make)] = &[
    ("wrr", |targets| Box::new(RoundRobin::of(targets))),
    ("hrw", |targets| Box::new(Rendezvous::of(targets))),
];

/// Traefik's strategies that are not there yet.
const PLANNED: &[&str] = &["p2c", "leasttime"];

/// Why there is no such strategy.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrategyError {
    /// Traefik has it, ferroway not yet.
    #[error("strategy {0} is not implemented yet")]
    NotImplemented(String),
    /// Nobody has it.
    #[error("unsupported load-balancer strategy {0:?}; expected wrr, p2c, hrw or leasttime")]
    Unknown(String),
}

/// The strategy of a name for servers; no name is `wrr`.
///
/// # Errors
/// There is none of that name.
pub fn strategy(name: &str, targets: &[Target<'_>]) -> Result<Box<dyn Strategy>, StrategyError> {
    let name = if name.is_empty() { "wrr" } else { name };
    match STRATEGIES.iter().find(|(known, _)| *known == name) {
        Some((_, make)) => Ok(make(targets)),
        None if PLANNED.contains(&name) => Err(StrategyError::NotImplemented(name.to_owned())),
        None => Err(StrategyError::Unknown(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("", None),
            ("wrr", None),
            ("hrw", None),
            ("p2c", Some("strategy p2c is not implemented yet")),
            ("WRR", Some("unsupported load-balancer strategy \"WRR\"; expected wrr, p2c, hrw or leasttime")),
        ] {
            let error = strategy(name, &[]).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), expected, "{name:?}");
        }
    }
}
