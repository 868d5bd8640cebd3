//! `wrr`: every target in turn, more often the more it weighs, evenly interleaved.

use ferroway_core::{Exchange, Turn};

use super::{Strategy, Target};

/// A turn over weighted targets, shared by all workers without a lock.
#[derive(Debug)]
pub struct RoundRobin(Turn);

impl RoundRobin {
    /// A turn over targets of these weights; see [`Turn::new`].
    pub fn new(weights: &[i64]) -> Self {
        Self(Turn::new(weights.iter().copied(), earliest_deadline_first))
    }

    /// A turn over servers.
    pub(super) fn of(targets: &[Target<'_>]) -> Self {
        Self(Turn::new(targets.iter().map(|target| target.weight), earliest_deadline_first))
    }

    /// The next target among those that are `usable`.
    pub fn next(&self, usable: impl Fn(usize) -> bool) -> Option<usize> {
        self.0.next(usable)
    }
}

impl Strategy for RoundRobin {
    fn choose(&self, _: &Exchange, usable: &dyn Fn(usize) -> bool) -> Option<usize> {
        self.next(usable)
    }
}

/// Every target `weight` times, spread evenly: target t's k-th time is due at (k + 1) / weight of the turn.
fn earliest_deadline_first(weights: &[u64]) -> Vec<u16> {
    let mut due: Vec<(u64, u64, u16)> = Vec::new();
    for (target, weight) in (0..=u16::MAX).zip(weights) {
        for time in 1..=*weight {
            due.push((time, *weight, target));
        }
    }
    // time / weight as a fraction; cross-multiplied, so exact.
    due.sort_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)).then(a.2.cmp(&b.2)));
    due.into_iter().map(|(_, _, target)| target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(weights: &[i64], n: usize) -> Vec<usize> {
        let balancer = RoundRobin::new(weights);
        (0..n).filter_map(|_| balancer.next(|_| true)).collect()
    }

    #[test]
    fn turns_are_interleaved() {
        for (weights, n, expected) in [
            (&[1, 1, 1][..], 6, &[0, 1, 2, 0, 1, 2][..]),
            (&[3, 1], 8, &[0, 0, 0, 1, 0, 0, 0, 1]),
            (&[20, 10], 3, &[0, 0, 1]),
            (&[0, 2, -1], 3, &[1, 1, 1]),
            (&[0], 3, &[]),
            (&[], 3, &[]),
        ] {
            assert_eq!(turns(weights, n), expected, "{weights:?}");
        }
    }
}
