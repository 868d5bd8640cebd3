//! The turn of a weighted round robin.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Longest turn; weights whose reduced sum is larger are scaled down to fit.
const MAX_TURN: u64 = 16_384;

/// Targets in turn, shared by all workers without a lock. As in Traefik, a turn is made of rounds: in each of
/// them every target takes part whose weight reaches a threshold, which falls from the greatest weight.
///
/// The first target is chosen by chance, so that many processes do not all begin with the same one.
#[derive(Debug)]
pub(crate) struct Turn {
    targets: Box<[u16]>,
    next: AtomicUsize,
}

impl Turn {
    /// A turn over targets of these weights; those of 0 or less are never chosen. Targets from the 65,537th on
    /// are left out.
    pub(crate) fn new(weights: impl IntoIterator<Item = i64>) -> Self {
        let chance = usize::try_from(RandomState::new().hash_one(0) >> 33).unwrap_or(0);
        Self::starting_at(chance, weights)
    }

    fn starting_at(start: usize, weights: impl IntoIterator<Item = i64>) -> Self {
        let weights: Vec<u64> =
            weights.into_iter().take(1 << 16).map(|weight| u64::try_from(weight).unwrap_or(0)).collect();
        let targets: Box<[u16]> = rounds(&reduced(&weights)).into();
        let next = AtomicUsize::new(start % targets.len().max(1));
        Self { targets, next }
    }

    /// The next target that is `usable`; `None` when there is none.
    pub(crate) fn next(&self, usable: impl Fn(usize) -> bool) -> Option<usize> {
        let length = self.targets.len();
        if length == 0 {
            return None;
        }
        for _ in 0..length {
            let at = self.next.fetch_add(1, Ordering::Relaxed) % length;
            let target = usize::from(self.targets[at]);
            if usable(target) {
                return Some(target);
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

fn rounds(weights: &[u64]) -> Vec<u16> {
    let greatest = weights.iter().copied().max().unwrap_or(0);
    let mut heaviest: Vec<(u16, u64)> =
        (0..=u16::MAX).zip(weights.iter().copied()).filter(|(_, weight)| *weight > 0).collect();
    heaviest.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let mut targets = Vec::new();
    for threshold in (1..=greatest).rev() {
        let taking_part = heaviest.partition_point(|(_, weight)| *weight >= threshold);
        let start = targets.len();
        targets.extend(heaviest[..taking_part].iter().map(|(target, _)| *target));
        targets[start..].sort_unstable();
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns() {
        for (weights, start, down, expected) in [
            (&[1, 1, 1][..], 0, None, &[0, 1, 2, 0, 1, 2][..]),
            (&[1, 1, 1], 2, None, &[2, 0, 1]),
            (&[3, 1], 0, None, &[0, 0, 0, 1, 0, 0, 0, 1]),
            (&[30, 20], 0, None, &[0, 0, 1, 0, 1]),
            (&[0, 2, -1], 0, None, &[1, 1, 1]),
            (&[1, 1, 1], 0, Some(1), &[0, 2, 0, 2]),
            (&[100, 1], 0, Some(0), &[1, 1, 1]),
            (&[1], 0, Some(0), &[]),
            (&[0], 0, None, &[]),
            (&[], 0, None, &[]),
        ] {
            let turn = Turn::starting_at(start, weights.iter().copied());
            let count = expected.len().max(1);
            let chosen: Vec<usize> =
                (0..count).filter_map(|_| turn.next(|target| Some(target) != down)).collect();
            assert_eq!(chosen, expected, "{weights:?} from {start} without {down:?}");
        }
    }

    #[test]
    fn huge_weights_keep_their_proportion() {
        let turn = Turn::starting_at(0, [i64::MAX, i64::MAX / 3, 1]);
        let chosen: Vec<usize> = (0..16_384).filter_map(|_| turn.next(|_| true)).collect();
        let share = |target| chosen.iter().filter(|chosen| **chosen == target).count();
        assert!((12_200..12_400).contains(&share(0)) && share(2) >= 1, "{} {}", share(0), share(2));
    }

    #[test]
    fn the_first_target_is_chosen_by_chance() {
        let first = || Turn::new([1; 8]).next(|_| true).expect("all are usable");
        let seen: std::collections::HashSet<usize> = (0..200).map(|_| first()).collect();
        assert!(seen.len() > 4, "{seen:?}");
    }
}
