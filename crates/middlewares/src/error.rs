//! Why a middleware could not be built.

use std::sync::Arc;

use ferroway_rules::GoRegexError;

/// A middleware that cannot be built. Every router that uses it has to be disabled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct BuildError {
    /// The middleware at fault, `name@provider`.
    pub middleware: Arc<str>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a middleware's definition. The texts begin with Traefik's own where users know them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is no definition of that name.
    #[error("middleware {0:?} does not exist")]
    Missing(Arc<str>),
    /// A chain has itself among its middlewares, directly or through other chains.
    #[error("recursion detected in {0}, expected a chain without itself among its middlewares")]
    Recursion(String),
    /// The definition is of several kinds.
    #[error("cannot create middleware: multi-types middleware not supported, expected exactly one type")]
    SeveralKinds,
    /// The definition is of no kind.
    #[error("invalid middleware {0:?} configuration: invalid middleware type or middleware does not exist")]
    NoKind(Arc<str>),
    /// A kind that ferroway does not have yet.
    #[error("middleware {0} is not implemented yet")]
    NotImplemented(&'static str),
    /// An option has a value that cannot be.
    #[error("{0}")]
    Invalid(String),
}

impl Problem {
    /// An option whose value cannot be: names the option, the value and what was expected.
    pub(crate) fn invalid(words: impl Into<String>) -> Self {
        Self::Invalid(words.into())
    }
}

impl From<GoRegexError> for Problem {
    fn from(error: GoRegexError) -> Self {
        Self::Invalid(error.to_string())
    }
}
