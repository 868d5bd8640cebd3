//! Finds the few routes that can match a request at all.
//!
//! Each route is filed under the keys of one of its anchors: the one whose keys the fewest routes share.
//! Where many routes share even that one, they get an index of their own by their other anchors. Routes
//! without an anchor are kept in a list that every request tries.
//!
//! A search visits the lists that the request's own keys lead to. Each list is in the order of the table, and
//! is left as soon as it cannot improve on the best match so far; this gives the same answer as visiting all
//! lists at once in that order, and needs no memory.

use hashbrown::HashTable;
use http::HeaderName;

use crate::anchors::MAX_ANCHORS;
use crate::key::{Key, Probe, hash_of};
use crate::{CompiledRule, RequestView};

/// Up to so many routes are tried one by one: that is cheaper than looking them up.
const FEW: usize = 6;

/// What a search does with the routes that it finds. A rank is the place of a route in the table.
pub(crate) trait Visitor {
    /// Ranks from this one on need not be visited any more.
    fn end(&self) -> usize;

    /// Takes a route that may match. Routes come in no particular order, and may come twice.
    fn visit(&mut self, rank: usize);
}

/// An index over rules.
#[derive(Debug)]
pub(crate) struct Index {
    root: Slot,
    nodes: Vec<Node>,
    /// The ranks of all lists, one list after the other.
    ranks: Vec<u32>,
}

/// Routes that share a key.
#[derive(Debug, Clone, Copy)]
enum Slot {
    One(u32),
    /// The ranks from `start` up to `end`, ascending.
    List {
        start: u32,
        end: u32,
    },
    Node(u32),
}

/// Routes by their keys.
#[derive(Debug)]
struct Node {
    /// The smallest rank in here.
    first: u32,
    by_key: HashTable<(u64, Slot)>,
    /// Routes without a key.
    rest: Slot,
    probes: Probes,
}

/// Which keys of a request are worth looking up.
#[derive(Debug, Default)]
struct Probes {
    host: bool,
    parent_domain: bool,
    path: bool,
    query: bool,
    method: bool,
    /// Lengths of prefixes of the path, the longest first: it belongs to the higher priority more often than
    /// not.
    path_prefixes: Vec<usize>,
    /// Lengths of suffixes of the host.
    host_suffixes: Vec<usize>,
    headers: Vec<HeaderName>,
}

impl Index {
    /// An index over `rules`, which come in the order of their ranks.
    pub(crate) fn new<'r>(rules: impl Iterator<Item = &'r CompiledRule>) -> Self {
        let rules: Vec<&CompiledRule> = rules.collect();
        let members: Vec<Member> =
            (0..rules.len()).map(|rank| Member { rank: small(rank), used: 0, key: 0 }).collect();
        let mut builder = Builder {
            rules,
            index: Self { root: Slot::List { start: 0, end: 0 }, nodes: Vec::new(), ranks: Vec::new() },
        };
        builder.index.root = builder.slot(&members);
        builder.index
    }

    /// Shows `visitor` every route that may match.
    pub(crate) fn search(&self, request: &RequestView<'_>, visitor: &mut impl Visitor) {
        self.search_slot(self.root, request, visitor);
    }

    fn search_slot(&self, slot: Slot, request: &RequestView<'_>, visitor: &mut impl Visitor) {
        match slot {
            Slot::One(rank) => visit(&[rank], visitor),
            Slot::List { start, end } => visit(&self.ranks[start as usize..end as usize], visitor),
            Slot::Node(number) => {
                let node = &self.nodes[number as usize];
                if (node.first as usize) < visitor.end() {
                    self.search_node(node, request, visitor);
                }
            }
        }
    }

    fn search_node(&self, node: &Node, request: &RequestView<'_>, visitor: &mut impl Visitor) {
        let probes = &node.probes;
        let mut look_up = |hash: u64| {
            if let Some((_, slot)) = node.by_key.find(hash, |(key, _)| *key == hash) {
                self.search_slot(*slot, request, visitor);
            }
        };
        if probes.host {
            look_up(hash_of::host(request.host));
        }
        if probes.path {
            look_up(hash_of::path(request.path.as_bytes()));
        }
        for length in &probes.path_prefixes {
            if let Some(prefix) = request.path.as_bytes().get(..*length) {
                look_up(hash_of::path_prefix(prefix));
            }
        }
        if probes.parent_domain {
            look_up(hash_of::parent_domain(request.host));
        }
        for length in &probes.host_suffixes {
            if let Some(start) = request.host.len().checked_sub(*length) {
                look_up(hash_of::host_suffix(&request.host.as_bytes()[start..]));
            }
        }
        search_headers(&probes.headers, request, &mut look_up);
        if probes.query {
            request.query.pairs().for_each(|(name, value)| look_up(hash_of::query(name, value)));
        }
        if probes.method {
            look_up(hash_of::method(request.method));
        }
        self.search_slot(node.rest, request, visitor);
    }
}

/// Looks up the lines of the headers `names`.
fn search_headers(names: &[HeaderName], request: &RequestView<'_>, look_up: &mut impl FnMut(u64)) {
    if names.len() <= request.headers.len() {
        for name in names {
            for value in request.headers.get_all(name) {
                look_up(hash_of::header(name, value.as_bytes()));
            }
        }
    } else {
        for (name, value) in request.headers {
            look_up(hash_of::header(name, value.as_bytes()));
        }
    }
}

fn visit(ranks: &[u32], visitor: &mut impl Visitor) {
    for rank in ranks {
        let rank = *rank as usize;
        if rank >= visitor.end() {
            return;
        }
        visitor.visit(rank);
    }
}

/// Ranks and places in lists take half the memory this way.
fn small(number: usize) -> u32 {
    u32::try_from(number).expect("so many routes fit into no memory")
}

/// A route on its way into the index.
#[derive(Debug, Clone, Copy)]
struct Member {
    rank: u32,
    /// The anchors by which it has been found already, one bit for each.
    used: u8,
    /// The key under which it is being filed.
    key: u64,
}

const _: () = assert!(MAX_ANCHORS <= u8::BITS as usize, "each anchor of a rule needs its bit");

struct Builder<'r> {
    rules: Vec<&'r CompiledRule>,
    index: Index,
}

impl<'r> Builder<'r> {
    /// The anchors of a route by which it has not been found yet, with their numbers.
    fn unused(&self, member: Member) -> impl Iterator<Item = (usize, &'r [Key])> + use<'r> {
        self.rules[member.rank as usize]
            .anchors()
            .iter()
            .enumerate()
            .filter(move |(number, _)| member.used & (1 << number) == 0)
    }

    /// Files `members`, whose ranks ascend.
    fn slot(&mut self, members: &[Member]) -> Slot {
        match members {
            [only] => Slot::One(only.rank),
            few if few.len() <= FEW => self.list(few),
            many if many.iter().all(|member| self.unused(*member).next().is_none()) => self.list(many),
            many => self.node(many),
        }
    }

    fn list(&mut self, members: &[Member]) -> Slot {
        let start = small(self.index.ranks.len());
        self.index.ranks.extend(members.iter().map(|member| member.rank));
        Slot::List { start, end: small(self.index.ranks.len()) }
    }

    fn node(&mut self, members: &[Member]) -> Slot {
        let popularity = self.popularity(members);
        let mut probes = Probes::default();
        let mut filed: Vec<Member> = Vec::with_capacity(members.len());
        let mut rest: Vec<Member> = Vec::new();
        for member in members {
            let most_popular = |keys: &[Key]| keys.iter().map(|key| popularity.of(key)).max().unwrap_or(0);
            let Some((number, keys)) = self.unused(*member).min_by_key(|(_, keys)| most_popular(keys)) else {
                rest.push(*member);
                continue;
            };
            for key in keys {
                probes.add(&key.probe);
                filed.push(Member { used: member.used | 1 << number, key: key.hash, ..*member });
            }
        }
        probes.finish();
        filed.sort_unstable_by_key(|member| (member.key, member.rank));
        let mut by_key = HashTable::with_capacity(filed.chunk_by(|a, b| a.key == b.key).count());
        for group in filed.chunk_by(|a, b| a.key == b.key) {
            let slot = self.slot(group);
            by_key.insert_unique(group[0].key, (group[0].key, slot), |(key, _)| *key);
        }
        let node = Node { first: members[0].rank, by_key, rest: self.list(&rest), probes };
        self.index.nodes.push(node);
        Slot::Node(small(self.index.nodes.len() - 1))
    }

    fn popularity(&self, members: &[Member]) -> Popularity {
        let mut popularity = Popularity { counts: HashTable::with_capacity(members.len()) };
        for member in members {
            self.unused(*member).flat_map(|(_, keys)| keys).for_each(|key| popularity.count(key));
        }
        popularity
    }
}

/// How many routes have a key.
struct Popularity {
    counts: HashTable<(u64, u32)>,
}

impl Popularity {
    fn count(&mut self, key: &Key) {
        let entry = self.counts.entry(key.hash, |(hash, _)| *hash == key.hash, |(hash, _)| *hash);
        entry.or_insert((key.hash, 0)).into_mut().1 += 1;
    }

    fn of(&self, key: &Key) -> u32 {
        self.counts.find(key.hash, |(hash, _)| *hash == key.hash).map_or(0, |(_, count)| *count)
    }
}

impl Probes {
    fn add(&mut self, probe: &Probe) {
        match probe {
            Probe::Host => self.host = true,
            Probe::ParentDomain => self.parent_domain = true,
            Probe::Path => self.path = true,
            Probe::Query => self.query = true,
            Probe::Method => self.method = true,
            Probe::PathPrefix(length) => self.path_prefixes.push(*length),
            Probe::HostSuffix(length) => self.host_suffixes.push(*length),
            Probe::Header(name) => self.headers.push((**name).clone()),
        }
    }

    fn finish(&mut self) {
        for lengths in [&mut self.path_prefixes, &mut self.host_suffixes] {
            lengths.sort_unstable_by(|a, b| b.cmp(a));
            lengths.dedup();
            lengths.shrink_to_fit();
        }
        self.headers.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        self.headers.dedup();
        self.headers.shrink_to_fit();
    }
}
