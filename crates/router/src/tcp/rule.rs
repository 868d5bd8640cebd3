//! A TCP rule, ready to be matched.

use std::sync::Arc;

use ferroway_rules::{Call, RuleError, Syntax, Tree, parse};

use super::TcpView;
use super::matchers::{HOST_SNI, MATCHERS, Matcher, NameKey, VOCABULARY};
use crate::matchers::Arguments;

/// A rule takes a place in the index for each of its names; one with more than this is tried always.
const MAX_KEYS: usize = 2048;

/// A compiled TCP rule. It does not change, and is shared by the tables that contain it.
#[derive(Debug)]
pub struct TcpRule {
    text: Box<str>,
    syntax: Syntax,
    tree: Tree<Box<[Matcher]>>,
    host_sni_names: Box<[Box<str>]>,
}

impl TcpRule {
    /// Compiles the rule `text`.
    ///
    /// # Errors
    /// The first thing in the text that is not a rule, or that a matcher does not accept.
    pub fn compile(text: &str, syntax: Syntax) -> Result<Arc<Self>, RuleError> {
        let calls = parse(text, syntax, &VOCABULARY)?;
        let mut host_sni_names = Vec::new();
        collect_names(&calls, &mut host_sni_names);
        let tree = calls.try_map(&mut |call| {
            let mut warnings = Vec::new();
            let arguments = Arguments::new(text, &call, &mut warnings);
            let build = MATCHERS[call.matcher].build;
            (0..arguments.len()).map(|number| build(&arguments, number)).collect::<Result<Box<[_]>, _>>()
        })?;
        Ok(Arc::new(Self { text: text.into(), syntax, tree, host_sni_names: host_sni_names.into() }))
    }

    /// The text of the rule.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The dialect of the rule.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Whether the rule is exactly ``HostSNI(`*`)``, for which everything else goes first: also HTTPS routers
    /// for a name.
    pub fn is_catch_all(&self) -> bool {
        matches!(&self.tree, Tree::Leaf { negated: false, leaf } if matches!(**leaf, [Matcher::Everything]))
    }

    /// The priority of a router that sets none: the length of the rule in bytes, as written; -1 for
    /// [catch-all](Self::is_catch_all) rules.
    pub fn default_priority(&self) -> i64 {
        if self.is_catch_all() {
            return -1;
        }
        i64::try_from(self.text.len()).expect("rules are at most a megabyte long")
    }

    /// Whether the rule matches.
    pub fn matches(&self, connection: &TcpView<'_>) -> bool {
        self.tree.evaluate(&mut |any| any.iter().any(|matcher| matcher.matches(connection)))
    }

    /// The names in every `HostSNI` of the rule, whatever the operators, in lower case and in the order of the
    /// text.
    pub fn host_sni_names(&self) -> &[Box<str>] {
        &self.host_sni_names
    }

    /// Checks that a router with this rule, which has TLS or not, can ever match: server names are known of TLS
    /// connections only.
    ///
    /// # Errors
    /// The rule asks for a server name first and there is no TLS, in Traefik's words.
    pub fn check_tls(&self, has_tls: bool) -> Result<(), String> {
        match self.host_sni_names.first() {
            Some(name) if !has_tls && &**name != "*" => {
                Err(format!("invalid rule: {:?} , has HostSNI matcher, but no TLS on router", &*self.text))
            }
            _ => Ok(()),
        }
    }

    /// Names of which the server name is one whenever the rule matches; `None` when there is no such list.
    pub(super) fn keys(&self) -> Option<Vec<NameKey>> {
        let mut keys = necessary(&self.tree)?;
        keys.sort_unstable();
        keys.dedup();
        Some(keys)
    }
}

/// The names in every `HostSNI` of the TCP rule `text`; see [`TcpRule::host_sni_names`].
///
/// # Errors
/// The text is no rule.
pub fn host_sni_names(text: &str, syntax: Syntax) -> Result<Vec<Box<str>>, RuleError> {
    let mut names = Vec::new();
    collect_names(&parse(text, syntax, &VOCABULARY)?, &mut names);
    Ok(names)
}

fn collect_names(tree: &Tree<Call>, names: &mut Vec<Box<str>>) {
    match tree {
        Tree::And(children) | Tree::Or(children) => {
            children.iter().for_each(|child| collect_names(child, names));
        }
        Tree::Leaf { leaf, .. } if MATCHERS[leaf.matcher].signature.name == HOST_SNI => {
            names.extend(leaf.arguments.iter().map(|argument| argument.value.to_lowercase().into()));
        }
        Tree::Leaf { .. } => {}
    }
}

fn necessary(tree: &Tree<Box<[Matcher]>>) -> Option<Vec<NameKey>> {
    let all_of = |lists: &mut dyn Iterator<Item = Option<Vec<NameKey>>>| {
        let mut all = Vec::new();
        for keys in lists {
            all.append(&mut keys?);
        }
        (all.len() <= MAX_KEYS).then_some(all)
    };
    match tree {
        Tree::Leaf { negated: true, .. } => None,
        Tree::Leaf { negated: false, leaf } => all_of(&mut leaf.iter().map(Matcher::keys)),
        Tree::Or(children) => all_of(&mut children.iter().map(necessary)),
        // Each child is necessary; the one with the fewest names says most.
        Tree::And(children) => children.iter().filter_map(necessary).min_by_key(Vec::len),
    }
}
