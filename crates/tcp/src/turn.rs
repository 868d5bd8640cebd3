//! The turn of a weighted round robin, as Traefik's is for TCP and UDP.

use std::hash::{BuildHasher, RandomState};

use ferroway_core::Turn;

/// A turn over targets of these weights, made of rounds: in each of them every target takes part whose weight reaches
/// a threshold, which falls from the greatest weight.
///
/// The first target is chosen by chance, so that many processes do not all begin with the same one.
pub(crate) fn by_rounds(weights: impl IntoIterator<Item = i64>) -> Turn {
    let chance = usize::try_from(RandomState::new().hash_one(0) >> 33).unwrap_or(0);
    Turn::new(weights, rounds).starting_at(chance)
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
    fn a_turn_is_made_of_rounds() {
        for (weights, expected) in [
            (&[1, 1, 1][..], &[0, 1, 2][..]),
            (&[3, 1], &[0, 0, 0, 1]),
            (&[3, 2], &[0, 0, 1, 0, 1]),
            (&[1, 3, 2], &[1, 1, 2, 0, 1, 2]),
            (&[0, 2], &[1, 1]),
            (&[], &[]),
        ] {
            assert_eq!(rounds(weights), expected, "{weights:?}");
        }
    }

    #[test]
    fn the_first_target_is_chosen_by_chance() {
        let first = || by_rounds([1; 8]).next(|_| true).expect("all are usable");
        let seen: std::collections::HashSet<usize> = (0..200).map(|_| first()).collect();
        assert!(seen.len() > 4, "{seen:?}");
    }
}
