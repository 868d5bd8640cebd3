//! Whose turn it is among weighted targets.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Longest turn; weights whose reduced sum is larger are scaled down to fit, by less than 0.1 %.
const MAX_TURN: u64 = 16_384;

/// A turn over weighted targets, shared by all workers without a lock.
#[derive(Debug)]
pub struct Turn {
    /// The targets of one whole turn in order.
    targets: Box<[u16]>,
    next: AtomicUsize,
}

impl Turn {
    /// A turn over targets of these weights; those of 0 or less are never chosen, and targets from the 65,537th on are
    /// left out. `order` puts the targets of a whole turn in order, each as often as its weight, which is in small
    /// numbers here.
    pub fn new(weights: impl IntoIterator<Item = i64>, order: fn(&[u64]) -> Vec<u16>) -> Self {
        let weights: Vec<u64> =
            weights.into_iter().take(1 << 16).map(|weight| u64::try_from(weight).unwrap_or(0)).collect();
        Self { targets: order(&reduced(&weights)).into(), next: AtomicUsize::new(0) }
    }

    /// The same, but so many targets further on.
    #[must_use]
    pub fn starting_at(self, start: usize) -> Self {
        let next = AtomicUsize::new(start % self.targets.len().max(1));
        Self { next, ..self }
    }

    /// The next target that is `usable`; `None` when there is none.
    pub fn next(&self, usable: impl Fn(usize) -> bool) -> Option<usize> {
        let length = self.targets.len();
        for _ in 0..length {
            // Where there is one target nobody has to count.
            let at = if length == 1 { 0 } else { self.next.fetch_add(1, Ordering::Relaxed) % length };
            let target = self.targets.get(at).map(|target| usize::from(*target));
            if target.is_some_and(&usable) {
                return target;
            }
        }
        // Others may have moved the turn on meanwhile.
        self.targets.iter().map(|target| usize::from(*target)).find(|target| usable(*target))
    }
}

/// The same proportions in small numbers.
fn reduced(weights: &[u64]) -> Vec<u64> {
    let divisor = weights.iter().copied().fold(0, greatest_common_divisor).max(1);
    let reduced: Vec<u64> = weights.iter().map(|weight| weight / divisor).collect();
    let sum: u128 = reduced.iter().map(|weight| u128::from(*weight)).sum();
    if sum <= u128::from(MAX_TURN) {
        return reduced;
    }
    let scaled = |weight: u64| {
        let scaled = u128::from(weight) * u128::from(MAX_TURN) / sum;
        u64::try_from(scaled).unwrap_or(MAX_TURN).max(u64::from(weight > 0))
    };
    reduced.into_iter().map(scaled).collect()
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each target as often as its weight, one after the other.
    fn in_order(weights: &[u64]) -> Vec<u16> {
        let times = |(target, weight): (u16, &u64)| vec![target; usize::try_from(*weight).expect("small")];
        (0..=u16::MAX).zip(weights).flat_map(times).collect()
    }

    #[test]
    fn turns() {
        for (weights, start, down, expected) in [
            (&[1, 1, 1][..], 0, &[][..], &[0, 1, 2, 0, 1, 2][..]),
            (&[1, 1, 1], 2, &[], &[2, 0, 1]),
            (&[30, 20], 0, &[], &[0, 0, 0, 1, 1, 0]),
            (&[0, 2, -1], 0, &[], &[1, 1, 1]),
            (&[1, 1, 1], 0, &[1], &[0, 2, 0, 2]),
            (&[3, 1, 1], 0, &[0], &[1, 2, 1, 2]),
            (&[100, 1], 0, &[0], &[1, 1, 1]),
            (&[1, 1], 0, &[0, 1], &[]),
            (&[1], 0, &[0], &[]),
            (&[0], 0, &[], &[]),
            (&[], 7, &[], &[]),
        ] {
            let turn = Turn::new(weights.iter().copied(), in_order).starting_at(start);
            let count = expected.len().max(1);
            let chosen: Vec<usize> =
                (0..count).filter_map(|_| turn.next(|target| !down.contains(&target))).collect();
            assert_eq!(chosen, expected, "{weights:?} from {start} without {down:?}");
        }
    }

    #[test]
    fn huge_weights_keep_their_proportion() {
        let turn = Turn::new([i64::MAX, i64::MAX / 3, 1], in_order);
        let chosen: Vec<usize> = (0..MAX_TURN).filter_map(|_| turn.next(|_| true)).collect();
        let share = |target| chosen.iter().filter(|chosen| **chosen == target).count();
        assert!((12_200..12_400).contains(&share(0)) && share(2) >= 1, "{} {}", share(0), share(2));
    }
}
