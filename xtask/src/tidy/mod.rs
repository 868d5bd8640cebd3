//! The rules of the source tree. Each is a function from the [`Tree`] to findings; [`RULES`] is the one list of them.

mod crates;
mod layers;
mod sizes;
mod tables;
mod text;
mod tree;

pub(crate) use tree::Tree;

/// A rule of the source tree.
pub(crate) struct Rule {
    /// Its name in reports.
    pub(crate) name: &'static str,
    /// Finds what is against it.
    pub(crate) check: fn(&Tree) -> Vec<Finding>,
}

/// All rules.
pub(crate) const RULES: &[Rule] = &[
    Rule { name: "layers", check: layers::check },
    Rule { name: "tables", check: tables::check },
    Rule { name: "sizes", check: sizes::check },
    Rule { name: "text", check: text::check },
    Rule { name: "crates", check: crates::check },
];

/// Something against a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file, and the line where there is one.
    pub(crate) path: String,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is wrong, and what was expected.
    pub(crate) message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Worth a look.
    Warning,
    /// To be mended.
    Failure,
}

impl Severity {
    /// The word in reports, as wide as `ok`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Warning => "warn",
            Self::Failure => "FAIL",
        }
    }
}

impl Finding {
    fn failure(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), severity: Severity::Failure, message: message.into() }
    }

    fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::failure(path, message) }
    }
}
