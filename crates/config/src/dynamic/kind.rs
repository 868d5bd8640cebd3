//! Objects that must be of exactly one kind.

use std::fmt;

/// An object has no kind, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindError {
    /// None.
    None,
    /// More than one.
    Several,
}

impl KindError {
    /// The only item of `kinds`.
    pub(crate) fn only<K>(mut kinds: impl Iterator<Item = K>) -> Result<K, Self> {
        let first = kinds.next().ok_or(Self::None)?;
        if kinds.next().is_some() { Err(Self::Several) } else { Ok(first) }
    }
}

impl fmt::Display for KindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "it has no kind",
            Self::Several => "it has more than one kind",
        })
    }
}

impl std::error::Error for KindError {}
