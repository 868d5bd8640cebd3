//! Semantic versions, read as leniently as the Masterminds library reads them.

use std::cmp::Ordering;
use std::fmt;

/// A version. Missing numbers are zero.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Version {
    pub(super) numbers: [u64; 3],
    pub(super) prerelease: String,
    pub(super) metadata: String,
    /// The text that it was read from.
    pub(super) original: String,
}

/// `1.2.3-beta+build` in its three parts; a part that is missing is none.
pub(super) fn split_suffixes(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, metadata) = text.split_once('+').map_or((text, None), |(rest, found)| (rest, Some(found)));
    let (numbers, prerelease) =
        rest.split_once('-').map_or((rest, None), |(rest, found)| (rest, Some(found)));
    (numbers, prerelease, metadata)
}

/// A word of digits as a number.
pub(super) fn number(word: &str) -> Option<u64> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) { word.parse().ok() } else { None }
}

/// Dot-separated words of letters, digits and `-`.
fn is_identifier(text: &str) -> bool {
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.split('.').all(|word| !word.is_empty() && is_word(word))
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (numbers, prerelease, metadata) = split_suffixes(text);
        if !prerelease.is_none_or(is_identifier) || !metadata.is_none_or(is_identifier) {
            return None;
        }
        let mut parsed = [0; 3];
        for (at, word) in numbers.strip_prefix('v').unwrap_or(numbers).split('.').enumerate() {
            *parsed.get_mut(at)? = number(word)?;
        }
        Some(Self {
            numbers: parsed,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// The order of versions; metadata does not count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (&*self.prerelease, &*other.prerelease) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (a, b) => compare_prereleases(a, b),
        })
    }
}

/// Numbers before words, numbers by value, words by text, and the shorter list first.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// In full, whatever the original left out.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        for (sign, suffix) in [('-', &self.prerelease), ('+', &self.metadata)] {
            if !suffix.is_empty() {
                write!(f, "{sign}{suffix}")?;
            }
        }
        Ok(())
    }
}
