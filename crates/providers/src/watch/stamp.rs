//! How to see that a file has changed without reading it.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

/// What changes when a file or folder is written, replaced, or made readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    identity: Identity,
}

/// Which object of the file system a name stands for, and the time of its last change of any kind.
#[cfg(unix)]
type Identity = (u64, u64, i64, i64);
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}

#[cfg(unix)]
fn same_object(a: Identity, b: Identity) -> bool {
    (a.0, a.1) == (b.0, b.1)
}

#[cfg(not(unix))]
fn same_object(_: Identity, _: Identity) -> bool {
    true
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), size: metadata.len(), identity: identity(metadata) }
    }

    /// True when both stamps are of one object of the file system, changed or not.
    pub(crate) fn is_same_object(&self, other: &Self) -> bool {
        same_object(self.identity, other.identity)
    }

    /// The stamp of what a path leads to, through links.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| Self::of(&metadata))
    }
}
