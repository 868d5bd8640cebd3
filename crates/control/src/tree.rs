//! The tree that routers with parents form (specification section 2.6).

use std::collections::{BTreeMap, BTreeSet};

use crate::names::qualified;
use crate::plan::{Finding, Providers};

/// Which routers are parents of others, and what is wrong with the tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    parents: BTreeSet<String>,
    findings: BTreeMap<String, Finding>,
}

/// The children of each parent, by full names.
type Children = BTreeMap<String, Vec<String>>;

impl Tree {
    /// Looks through all routers.
    pub(crate) fn of(providers: &Providers) -> Self {
        let mut children = Children::new();
        let mut roots = Vec::new();
        for (provider, dynamic) in &providers.0 {
            for (name, router) in &dynamic.http.routers {
                for parent in &router.value.parent_refs {
                    let parent = qualified(parent, provider).into_owned();
                    children.entry(parent).or_default().push(format!("{name}@{provider}"));
                }
            }
        }
        if children.is_empty() {
            return Self::default();
        }
        for parent in children.keys() {
            if providers.router(parent).is_some_and(|router| router.value.parent_refs.is_empty()) {
                roots.push(parent.as_str());
            }
        }
        let mut findings = BTreeMap::new();
        let reached = walk(&children, &roots, &mut findings);
        for child in children.values().flatten().filter(|child| !reached.contains(child.as_str())) {
            findings.insert(child.clone(), Finding::error("router is not reachable"));
        }
        Self { findings, parents: children.into_keys().collect() }
    }

    /// Whether others name this router as their parent.
    pub(crate) fn is_parent(&self, full: &str) -> bool {
        self.parents.contains(full)
    }

    /// What is wrong with a router's place.
    pub(crate) fn finding(&self, full: &str) -> Option<Finding> {
        self.findings.get(full).cloned()
    }
}

/// Walks from the roots, and tells which routers are reached. A link that closes a cycle is a finding of the
/// router that it leads away from.
fn walk<'c>(
    children: &'c Children,
    roots: &[&'c str],
    findings: &mut BTreeMap<String, Finding>,
) -> BTreeSet<&'c str> {
    let of = |name: &str| children.get(name).map_or(&[][..], Vec::as_slice).iter();
    let mut reached = BTreeSet::new();
    for root in roots {
        reached.insert(*root);
        let mut path = vec![*root];
        let mut open = vec![of(root)];
        while let (Some(at), Some(rest)) = (path.last().copied(), open.last_mut()) {
            let Some(child) = rest.next() else {
                path.pop();
                open.pop();
                continue;
            };
            if let Some(start) = path.iter().position(|above| above == child) {
                let cycle = path[start..].join(" -> ");
                let message = format!("cyclic reference detected in router tree: {cycle} -> {child}");
                findings.insert(at.to_owned(), Finding::warning(message));
            } else if reached.insert(child) {
                path.push(child);
                open.push(of(child));
            }
        }
    }
    reached
}
