//! `wrr`: every target in turn, more often the more it weighs, evenly interleaved.

use std::sync::atomic::{AtomicUsize, Ordering};

use ferroway_core::Exchange;

use super::{Strategy, Target};

/// Longest turn; weights whose reduced sum is larger are scaled down to fit, by less than 0.1 %.
const MAX_TURN: u64 = 16_384;

/// A turn over weighted targets, shared by all workers without a lock.
#[derive(Debug)]
pub struct RoundRobin {
    /// The targets of one whole turn in order.
    turn: Box<[u16]>,
    next: AtomicUsize,
}

impl RoundRobin {
    /// A turn over targets of these weights. Targets that weigh nothing (or less) are never chosen.
    /// More than 65,536 targets are not supported: the rest is left out.
    pub fn new(weights: &[i64]) -> Self {
        let weights: Vec<u64> =
            weights.iter().take(1 << 16).map(|weight| u64::try_from(*weight).unwrap_or(0)).collect();
        Self { turn: earliest_deadline_first(&reduced(&weights)).into(), next: AtomicUsize::new(0) }
    }

    /// A turn over servers.
    pub(super) fn of(targets: &[Target<'_>]) -> Self {
        Self::new(&targets.iter().map(|target| target.weight).collect::<Vec<_>>())
    }

    /// The next target among those that are `usable`.
    pub fn next(&self, usable: impl Fn(usize) -> bool) -> Option<usize> {
        let length = self.turn.len();
        for _ in 0..length {
            // Where there is one target nobody has to count.
            let at = if length == 1 { 0 } else { self.next.fetch_add(1, Ordering::Relaxed) % length };
            let target = self.turn.get(at).map(|target| usize::from(*target));
            if target.is_some_and(&usable) {
                return target;
            }
        }
        // Others may have moved the turn on meanwhile.
        self.turn.iter().map(|target| usize::from(*target)).find(|target| usable(*target))
    }
}

impl Strategy for RoundRobin {
    fn choose(&self, _: &Exchange, usable: &dyn Fn(usize) -> bool) -> Option<usize> {
        self.next(usable)
    }
}

/// The same proportions in small numbers.
fn reduced(weights: &[u64]) -> Vec<u64> {
    let divisor = weights.iter().copied().fold(0, greatest_common_divisor).max(1);
    let reduced: Vec<u64> = weights.iter().map(|weight| weight / divisor).collect();
    let sum = reduced.iter().fold(0_u64, |sum, weight| sum.saturating_add(*weight));
    if sum <= MAX_TURN {
        return reduced;
    }
    let scaled = |weight: u64| {
        let scaled = u128::from(weight) * u128::from(MAX_TURN) / u128::from(sum);
        u64::try_from(scaled).unwrap_or(MAX_TURN).max(u64::from(weight > 0))
    };
    reduced.into_iter().map(scaled).collect()
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
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
    fn targets_that_are_down_are_passed_over() {
        for (weights, down, expected) in [
            (&[1, 1, 1][..], &[1][..], &[0, 2, 0, 2][..]),
            (&[3, 1], &[0], &[1, 1]),
            (&[3, 1, 1], &[0], &[1, 2, 1, 2]),
            (&[1], &[0], &[]),
            (&[1, 1], &[0, 1], &[]),
        ] {
            let balancer = RoundRobin::new(weights);
            let usable = |target| !down.contains(&target);
            let chosen: Vec<usize> =
                (0..expected.len().max(1)).filter_map(|_| balancer.next(usable)).collect();
            assert_eq!(chosen, expected, "{weights:?} without {down:?}");
        }
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

    #[test]
    fn huge_weights_keep_their_proportion() {
        let weights = [i64::MAX, i64::MAX / 3, 1];
        let picks = turns(&weights, usize::try_from(MAX_TURN).expect("small"));
        let share = |target| picks.iter().filter(|pick| **pick == target).count();
        assert!(share(0) > 12_200 && share(0) < 12_400, "{}", share(0));
        assert!(share(2) >= 1);
    }
}
