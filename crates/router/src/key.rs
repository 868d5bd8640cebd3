//! What the index looks routes up by.
//!
//! A key is a property of a request that is necessary for a rule to match, such as "the host is example.com".
//! Keys are stored and compared as hashes only: two that collide give a candidate too many, which its rule
//! then refuses.

use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use http::HeaderName;

/// A property of a request, and how to find out the hash of that property in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) hash: u64,
    pub(crate) probe: Probe,
}

/// Which part of a request a key is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probe {
    /// The host, without trailing dots.
    Host,
    /// The whole path.
    Path,
    /// The beginning of the path, of this length in bytes.
    PathPrefix(usize),
    /// The host behind its first label, without trailing dots.
    ParentDomain,
    /// The end of the host, of this length in bytes.
    HostSuffix(usize),
    /// A field line of this header.
    Header(Box<HeaderName>),
    /// A parameter of the query.
    Query,
    /// The method.
    Method,
}

static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::default);

impl Probe {
    /// Of equally rare keys the one with the smallest number serves best: it is cheap to look up, and says
    /// most.
    pub(crate) fn preference(&self) -> u8 {
        let kind = match self {
            Self::Host => Kind::Host,
            Self::Path => Kind::Path,
            Self::PathPrefix(_) => Kind::PathPrefix,
            Self::ParentDomain => Kind::ParentDomain,
            Self::HostSuffix(_) => Kind::HostSuffix,
            Self::Header(_) => Kind::Header,
            Self::Query => Kind::Query,
            Self::Method => Kind::Method,
        };
        kind as u8
    }
}

/// The kinds of [`Probe`] as numbers, so that equal texts in different parts of a request differ.
#[derive(Clone, Copy)]
enum Kind {
    Host,
    Path,
    PathPrefix,
    ParentDomain,
    HostSuffix,
    Header,
    Query,
    Method,
}

fn hash(kind: Kind, name: &[u8], value: &[u8]) -> u64 {
    let mut hasher = HASHER.build_hasher();
    hasher.write_u8(kind as u8);
    hasher.write(name);
    hasher.write(value);
    hasher.finish()
}

/// The hash of each property, of a rule as of a request.
pub(crate) mod hash_of {
    use super::{HeaderName, Kind, hash};

    pub(crate) fn host(host: &str) -> u64 {
        hash(Kind::Host, b"", host.trim_end_matches('.').as_bytes())
    }

    pub(crate) fn parent_domain(host: &str) -> u64 {
        let host = host.trim_end_matches('.');
        let dot = host.find('.').unwrap_or(host.len());
        hash(Kind::ParentDomain, b"", &host.as_bytes()[dot..])
    }

    pub(crate) fn host_suffix(suffix: &[u8]) -> u64 {
        hash(Kind::HostSuffix, b"", suffix)
    }

    pub(crate) fn path(path: &[u8]) -> u64 {
        hash(Kind::Path, b"", path)
    }

    pub(crate) fn path_prefix(prefix: &[u8]) -> u64 {
        hash(Kind::PathPrefix, b"", prefix)
    }

    pub(crate) fn header(name: &HeaderName, value: &[u8]) -> u64 {
        hash(Kind::Header, name.as_str().as_bytes(), value)
    }

    pub(crate) fn query(name: &str, value: &str) -> u64 {
        hash(Kind::Query, name.as_bytes(), value.as_bytes())
    }

    pub(crate) fn method(method: &str) -> u64 {
        hash(Kind::Method, b"", method.as_bytes())
    }
}

impl Key {
    /// The host is `host`, give or take trailing dots.
    pub(crate) fn host(host: &str) -> Self {
        Self { hash: hash_of::host(host), probe: Probe::Host }
    }

    /// The host is one label before `parent`, which begins with a dot; give or take trailing dots.
    pub(crate) fn parent_domain(parent: &str) -> Self {
        Self { hash: hash_of::parent_domain(parent), probe: Probe::ParentDomain }
    }

    pub(crate) fn host_suffix(suffix: &[u8]) -> Self {
        Self { hash: hash_of::host_suffix(suffix), probe: Probe::HostSuffix(suffix.len()) }
    }

    pub(crate) fn path(path: &[u8]) -> Self {
        Self { hash: hash_of::path(path), probe: Probe::Path }
    }

    pub(crate) fn path_prefix(prefix: &[u8]) -> Self {
        Self { hash: hash_of::path_prefix(prefix), probe: Probe::PathPrefix(prefix.len()) }
    }

    pub(crate) fn header(name: &HeaderName, value: &[u8]) -> Self {
        Self { hash: hash_of::header(name, value), probe: Probe::Header(Box::new(name.clone())) }
    }

    pub(crate) fn query(name: &str, value: &str) -> Self {
        Self { hash: hash_of::query(name, value), probe: Probe::Query }
    }

    /// `method` is in its own case.
    pub(crate) fn method(method: &str) -> Self {
        Self { hash: hash_of::method(method), probe: Probe::Method }
    }
}
