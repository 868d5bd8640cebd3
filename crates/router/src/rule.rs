//! A rule, ready to be matched.

use std::sync::Arc;

use ferroway_rules::{Position, RuleError, Span, Syntax, Tree, parse};

use crate::RequestView;
use crate::anchors::Anchors;
use crate::matchers::{Arguments, MATCHERS, Matcher, VOCABULARY};

/// A compiled rule. It does not change, and is shared by the tables that contain it.
#[derive(Debug)]
pub struct CompiledRule {
    text: Box<str>,
    syntax: Syntax,
    tree: Tree<Condition>,
    anchors: Anchors,
    warnings: Box<[RuleError]>,
}

/// A leaf of a compiled rule.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) matcher: Box<dyn Matcher>,
    span: Span,
}

/// What a rule says of a request, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<'r> {
    /// The rule matches.
    Match,
    /// The rule does not match. For each alternative of the rule, in the order of the text, the first
    /// mismatch in it.
    NoMatch(Vec<Mismatch<'r>>),
}

/// A matcher that kept a rule from matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch<'r> {
    /// Where it stands in the rule.
    pub position: Position,
    /// The call as written in the rule.
    pub matcher: &'r str,
    /// Whether it matched, and the rule wants the opposite.
    pub negated: bool,
}

impl CompiledRule {
    /// Compiles the rule `text`.
    ///
    /// # Errors
    /// The first thing in the text that is not a rule, or that a matcher does not accept.
    pub fn compile(text: &str, syntax: Syntax) -> Result<Arc<Self>, RuleError> {
        let mut warnings = Vec::new();
        let tree = parse(text, syntax, &VOCABULARY)?.try_map(&mut |call| {
            let matcher = (MATCHERS[call.matcher].build)(&mut Arguments::new(text, &call, &mut warnings))?;
            Ok::<_, RuleError>(Condition { matcher, span: call.span })
        })?;
        let anchors = Anchors::of(&tree);
        Ok(Arc::new(Self { text: text.into(), syntax, tree, anchors, warnings: warnings.into() }))
    }

    /// The text of the rule.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The dialect of the rule.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The priority of a router that sets none: the length of the rule in bytes, as written.
    pub fn default_priority(&self) -> i64 {
        i64::try_from(self.text.len()).expect("rules are at most a megabyte long")
    }

    /// Parts of the rule that are valid, but do not do what they seem to.
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    /// Whether the rule matches.
    pub fn matches(&self, request: &RequestView<'_>) -> bool {
        self.tree.evaluate(&mut |condition| condition.matcher.matches(request))
    }

    /// Whether the rule matches, and what kept it from it.
    pub fn explain(&self, request: &RequestView<'_>) -> Outcome<'_> {
        let mut mismatches = Vec::new();
        if self.collect(&self.tree, request, &mut mismatches) {
            Outcome::Match
        } else {
            Outcome::NoMatch(mismatches)
        }
    }

    fn collect<'r>(
        &'r self,
        tree: &'r Tree<Condition>,
        request: &RequestView<'_>,
        mismatches: &mut Vec<Mismatch<'r>>,
    ) -> bool {
        match tree {
            Tree::And(children) => children.iter().all(|child| self.collect(child, request, mismatches)),
            Tree::Or(children) => children.iter().any(|child| self.collect(child, request, mismatches)),
            Tree::Leaf { negated, leaf } => {
                let holds = leaf.matcher.matches(request) != *negated;
                if !holds {
                    let position = Position::of(&self.text, leaf.span.start);
                    mismatches.push(Mismatch {
                        position,
                        matcher: leaf.span.of(&self.text),
                        negated: *negated,
                    });
                }
                holds
            }
        }
    }

    /// What a request must have for the rule to match.
    pub(crate) fn anchors(&self) -> &Anchors {
        &self.anchors
    }
}

#[cfg(test)]
mod tests;
