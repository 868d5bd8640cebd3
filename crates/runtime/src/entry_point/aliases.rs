//! `aliasHeadersStrategy`: names that some servers read as other names (specification section 6.4).

use ferroway_core::HeaderList;
use ferroway_core::header::is_alias;
use http::header::HeaderName;

/// What happens to a field with an alias for a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aliases {
    /// It passes.
    #[default]
    Keep,
    /// It is removed.
    Delete {
        /// Only names with `_` are concerned.
        underscores_only: bool,
    },
    /// The request is refused.
    Reject {
        /// Only names with `_` are concerned.
        underscores_only: bool,
    },
}

impl Aliases {
    /// Removes what is to be removed; false when the request is to be refused.
    pub(super) fn admit(self, headers: &mut HeaderList) -> bool {
        let (underscores_only, reject) = match self {
            Self::Keep => return true,
            Self::Delete { underscores_only } => (underscores_only, false),
            Self::Reject { underscores_only } => (underscores_only, true),
        };
        let concerned = |name: &HeaderName| {
            if underscores_only { name.as_str().contains('_') } else { is_alias(name.as_str()) }
        };
        if reject {
            return !headers.names().any(concerned);
        }
        headers.retain(|name| !concerned(name));
        true
    }
}
