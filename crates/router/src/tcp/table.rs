//! The TCP routes of an entry point, in the order in which they are tried.

use std::sync::Arc;

use hashbrown::HashMap;

use super::matchers::{NameKey, without_dot};
use super::{TcpRule, TcpView};
use crate::Tie;

/// A rule and what it leads to.
#[derive(Debug, Clone)]
pub struct TcpRoute<T> {
    /// The rule.
    pub rule: Arc<TcpRule>,
    /// The priority: the router's own, or [`TcpRule::default_priority`].
    pub priority: i64,
    /// What decides between equal priorities.
    pub tie: Tie,
    /// What the rule leads to.
    pub value: T,
}

/// Routes, ordered and indexed. It does not change; a reload builds a new one from the rules that are
/// compiled already.
#[derive(Debug)]
pub struct TcpTable<T> {
    routes: Vec<TcpRoute<T>>,
    /// Routes by each of their names. A rank is the place of a route in `routes`; ranks ascend.
    by_name: Ranks,
    /// Routes by what their wildcards end in.
    by_parent: Ranks,
    /// Routes that match by something else.
    rest: Vec<usize>,
}

type Ranks = HashMap<Box<str>, Vec<usize>, foldhash::fast::RandomState>;

impl<T> TcpTable<T> {
    /// A table of `routes`.
    pub fn new(mut routes: Vec<TcpRoute<T>>) -> Self {
        routes.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.tie.cmp(&b.tie)));
        let (mut by_name, mut by_parent, mut rest) = (Ranks::default(), Ranks::default(), Vec::new());
        for (rank, route) in routes.iter().enumerate() {
            let Some(keys) = route.rule.keys() else {
                rest.push(rank);
                continue;
            };
            for key in keys {
                match key {
                    NameKey::Name(name) => by_name.entry(name).or_default().push(rank),
                    NameKey::Parent(parent) => by_parent.entry(parent).or_default().push(rank),
                }
            }
        }
        Self { routes, by_name, by_parent, rest }
    }

    /// The first route whose rule matches.
    ///
    /// Allocates nothing. The cost follows the number of routes for the connection's server name, and the number
    /// of those that name none.
    pub fn lookup(&self, connection: &TcpView<'_>) -> Option<&TcpRoute<T>> {
        let name = without_dot(&connection.server_name);
        let parent = name.find('.').map_or("", |dot| &name[dot..]);
        let lists = [self.by_name.get(name), self.by_parent.get(parent), Some(&self.rest)];
        let mut best = self.routes.len();
        for ranks in lists.into_iter().flatten() {
            let matches = |rank: &&usize| self.routes[**rank].rule.matches(connection);
            let first = ranks.iter().take_while(|rank| **rank < best).find(matches);
            best = first.copied().unwrap_or(best);
        }
        self.routes.get(best)
    }

    /// As [`TcpTable::lookup`], by trying one route after the other.
    pub fn lookup_naive(&self, connection: &TcpView<'_>) -> Option<&TcpRoute<T>> {
        self.routes.iter().find(|route| route.rule.matches(connection))
    }

    /// All routes, in the order in which they are tried.
    pub fn routes(&self) -> &[TcpRoute<T>] {
        &self.routes
    }

    /// How many routes a lookup tries at most for any one name.
    #[cfg(test)]
    pub(super) fn most_tried(&self) -> usize {
        let longest = |ranks: &Ranks| ranks.values().map(Vec::len).max().unwrap_or(0);
        longest(&self.by_name).max(longest(&self.by_parent)) + self.rest.len()
    }
}
