//! Derives from a rule what a request must have for the rule to match: the keys that the index files it
//! under.

use ferroway_rules::Tree;
use smallvec::SmallVec;

use crate::key::Key;
use crate::rule::Condition;

/// How many anchors of a rule are worth keeping. The index marks used ones in the bits of a byte.
pub(crate) const MAX_ANCHORS: usize = 8;

/// How many keys an anchor may have: the rule takes a place in the index for each.
const MAX_KEYS: usize = 2048;

/// The anchors of a rule: lists of keys, of each of which a request has at least one whenever the rule
/// matches.
///
/// Most rules have one or two with a single key, and these stand in the rule itself: building an index is
/// mostly waiting for memory.
#[derive(Debug)]
pub(crate) struct Anchors {
    /// The keys of all anchors, one anchor after the other.
    keys: SmallVec<[Key; 2]>,
    /// Where the keys of each anchor end.
    ends: SmallVec<[usize; 2]>,
}

impl Anchors {
    /// The anchors of a rule, those that are preferred when equally rare first.
    pub(crate) fn of(tree: &Tree<Condition>) -> Self {
        let mut anchors = necessary(tree);
        for keys in &mut anchors {
            keys.sort_unstable_by_key(|key| key.hash);
            keys.dedup_by_key(|key| key.hash);
        }
        anchors.sort_by_key(|keys| keys.iter().map(|key| key.probe.preference()).max());
        anchors.truncate(MAX_ANCHORS);
        let mut all = Self { keys: SmallVec::new(), ends: SmallVec::new() };
        for keys in anchors {
            all.keys.extend(keys);
            all.ends.push(all.keys.len());
        }
        all.keys.shrink_to_fit();
        all
    }

    /// The keys of each anchor.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Key]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let keys = &self.keys[start..*end];
            start = *end;
            keys
        })
    }
}

fn necessary(tree: &Tree<Condition>) -> Vec<Vec<Key>> {
    match tree {
        Tree::Leaf { negated: false, leaf } => leaf.matcher.keys().into_iter().collect(),
        Tree::Leaf { negated: true, .. } => Vec::new(),
        // Each child is necessary.
        Tree::And(children) => children.iter().flat_map(necessary).collect(),
        // One key of any child is necessary, as long as every child has keys.
        Tree::Or(children) => {
            let mut children = children.iter().map(necessary);
            let first = children.next().unwrap_or_default();
            children.fold(first, |anchors, others| either(anchors, &others))
        }
    }
}

/// The anchors of `a || b` from those of both sides: pairs of the same kind, so that routes for one host or
/// another are found by host, and others by whatever there is.
fn either(a: Vec<Vec<Key>>, b: &[Vec<Key>]) -> Vec<Vec<Key>> {
    let kind = |keys: &[Key]| keys.first().map(|key| std::mem::discriminant(&key.probe));
    let mut both = Vec::with_capacity(a.len());
    for mut keys in a {
        let partner = b.iter().find(|other| kind(other) == kind(&keys)).or(b.first());
        if let Some(partner) = partner.filter(|partner| keys.len() + partner.len() <= MAX_KEYS) {
            keys.extend_from_slice(partner);
            both.push(keys);
        }
    }
    both
}
