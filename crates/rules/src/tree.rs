//! The syntax tree of a rule.

use crate::Span;

/// A condition made of leaves of the type `L`.
///
/// Negations stand at the leaves: the parser moves `!` inward by De Morgan's laws, as Traefik does. `And` and
/// `Or` hold at least two children in the order of the text, none of which is of their own kind, so that the
/// depth of a tree follows its parentheses and not its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree<L> {
    /// A single condition.
    Leaf {
        /// Whether the condition must not hold.
        negated: bool,
        /// The condition.
        leaf: L,
    },
    /// All children must hold.
    And(Vec<Tree<L>>),
    /// At least one child must hold.
    Or(Vec<Tree<L>>),
}

impl<L> Tree<L> {
    /// Whether the condition holds, given what holds for each leaf. Stops as soon as the answer is known.
    pub fn evaluate(&self, holds: &mut impl FnMut(&L) -> bool) -> bool {
        match self {
            Self::Leaf { negated, leaf } => holds(leaf) != *negated,
            Self::And(children) => children.iter().all(|child| child.evaluate(holds)),
            Self::Or(children) => children.iter().any(|child| child.evaluate(holds)),
        }
    }

    /// The same tree with each leaf replaced by what `build` makes of it, in the order of the text.
    ///
    /// # Errors
    /// The first error of `build`.
    pub fn try_map<M, E>(self, build: &mut impl FnMut(L) -> Result<M, E>) -> Result<Tree<M>, E> {
        Ok(match self {
            Self::And(children) => {
                Tree::And(children.into_iter().map(|child| child.try_map(build)).collect::<Result<_, E>>()?)
            }
            Self::Or(children) => {
                Tree::Or(children.into_iter().map(|child| child.try_map(build)).collect::<Result<_, E>>()?)
            }
            Self::Leaf { negated, leaf } => Tree::Leaf { negated, leaf: build(leaf)? },
        })
    }

    /// One node for all of `children`, which may be nodes of the same kind.
    pub(crate) fn all(children: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::single(flat).unwrap_or_else(Self::And)
    }

    /// As [`Tree::all`], for alternatives.
    pub(crate) fn any(children: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::single(flat).unwrap_or_else(Self::Or)
    }

    fn single(mut children: Vec<Self>) -> Result<Self, Vec<Self>> {
        match children.pop() {
            Some(only) if children.is_empty() => Ok(only),
            last => {
                children.extend(last);
                Err(children)
            }
        }
    }
}

/// A matcher with its arguments, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which matcher: its number in the vocabulary.
    pub matcher: usize,
    /// The whole call, from the name to the closing parenthesis.
    pub span: Span,
    /// The arguments; their number is one that the matcher takes, and none is empty.
    pub arguments: Vec<Argument>,
}

/// An argument of a matcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The string that the literal stands for.
    pub value: String,
    /// The literal with its quotes.
    pub span: Span,
}
