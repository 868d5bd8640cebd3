//! The routes of an entry point, in the order in which they are tried (specification section 2.4).

use std::cmp::Reverse;
use std::sync::Arc;

use crate::index::{Index, Visitor};
use crate::{CompiledRule, RequestView};

/// A rule and what it leads to.
#[derive(Debug, Clone)]
pub struct Route<T> {
    /// The rule.
    pub rule: Arc<CompiledRule>,
    /// The priority: the router's own, or [`CompiledRule::default_priority`].
    pub priority: i64,
    /// What decides between equal priorities.
    pub tie: Tie,
    /// What the rule leads to.
    pub value: T,
}

/// The order of routes of equal priority: by provider, then by name.
///
/// Traefik leaves the order within a provider to chance, and it changes with every reload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    /// The place of the provider in the list of precedence; smaller ones first.
    pub provider: u32,
    /// The name of the router.
    pub name: Arc<str>,
}

/// Routes, ordered and indexed. It does not change; a reload builds a new one from the rules that are
/// compiled already.
#[derive(Debug)]
pub struct Table<T> {
    routes: Vec<Route<T>>,
    index: Index,
}

impl<T> Table<T> {
    /// A table of `routes`.
    pub fn new(mut routes: Vec<Route<T>>) -> Self {
        sort(&mut routes);
        Self::indexed(routes)
    }

    /// A table of `routes`, which is the one `before` if that has the same values in the same order.
    pub fn kept_or_new(
        mut routes: Vec<Route<T>>,
        before: &Arc<Self>,
        is_same: impl Fn(&T, &T) -> bool,
    ) -> Arc<Self> {
        sort(&mut routes);
        let same = |(a, b): (&Route<T>, &Route<T>)| is_same(&a.value, &b.value);
        let kept = routes.len() == before.routes.len() && routes.iter().zip(&before.routes).all(same);
        if kept { Arc::clone(before) } else { Arc::new(Self::indexed(routes)) }
    }

    fn indexed(routes: Vec<Route<T>>) -> Self {
        let index = Index::new(routes.iter().map(|route| &*route.rule));
        Self { routes, index }
    }

    /// The first route whose rule matches.
    ///
    /// Allocates nothing, unless rules ask for a query that has escapes or many parameters, for a header that
    /// is not UTF-8, or with a v2 query template; and a regular expression allocates on its first use in a
    /// thread. The cost follows the number of routes that have a host, path, header, parameter or method in
    /// common with the request, and the number of those whose rules are nothing but expressions and negations.
    pub fn lookup(&self, request: &RequestView<'_>) -> Option<&Route<T>> {
        let mut first = First { routes: &self.routes, request, found: None };
        self.index.search(request, &mut first);
        first.found.map(|rank| &self.routes[rank])
    }

    /// As [`Table::lookup`], by trying one route after the other.
    pub fn lookup_naive(&self, request: &RequestView<'_>) -> Option<&Route<T>> {
        self.routes.iter().find(|route| route.rule.matches(request))
    }

    /// The routes that [`Table::lookup`] considers, in the order in which they are tried: all others cannot
    /// match.
    pub fn candidates(&self, request: &RequestView<'_>) -> Vec<&Route<T>> {
        let mut all = All { ranks: Vec::new() };
        self.index.search(request, &mut all);
        all.ranks.sort_unstable();
        all.ranks.dedup();
        all.ranks.into_iter().map(|rank| &self.routes[rank]).collect()
    }

    /// All routes, in the order in which they are tried.
    pub fn routes(&self) -> &[Route<T>] {
        &self.routes
    }
}

/// Orders routes by priority and tie. They come by name mostly, so that names need only be compared once.
fn sort<T>(routes: &mut [Route<T>]) {
    let rank = |route: &Route<T>| (Reverse(route.priority), route.tie.provider);
    routes.sort_by_key(rank);
    for equal in routes.chunk_by_mut(|a, b| rank(a) == rank(b)) {
        let by_name = |a: &Route<T>, b: &Route<T>| a.tie.name.cmp(&b.tie.name);
        if !equal.is_sorted_by(|a, b| by_name(a, b).is_le()) {
            equal.sort_by(by_name);
        }
    }
}

/// Finds the first route that matches.
struct First<'a, 'q, T> {
    routes: &'a [Route<T>],
    request: &'a RequestView<'q>,
    found: Option<usize>,
}

impl<T> Visitor for First<'_, '_, T> {
    fn end(&self) -> usize {
        self.found.unwrap_or(self.routes.len())
    }

    fn visit(&mut self, rank: usize) {
        if self.routes[rank].rule.matches(self.request) {
            self.found = Some(rank);
        }
    }
}

/// Collects whatever the index proposes.
struct All {
    ranks: Vec<usize>,
}

impl Visitor for All {
    fn end(&self) -> usize {
        usize::MAX
    }

    fn visit(&mut self, rank: usize) {
        self.ranks.push(rank);
    }
}

#[cfg(test)]
mod tests;
