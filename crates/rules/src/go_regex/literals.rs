//! Texts that a match cannot do without: what an index of many expressions needs.

use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use regex_syntax::hir::{Hir, Look};

/// A condition that every matching text fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literals {
    /// Nothing that could be told.
    Any,
    /// The text is one of these. None of them is empty.
    Exact(Vec<Vec<u8>>),
    /// The text begins with one of these. None of them is empty.
    Prefix(Vec<Vec<u8>>),
    /// The text ends with one of these. None of them is empty.
    Suffix(Vec<Vec<u8>>),
}

/// How many texts are worth listing.
const MOST: usize = 32;

impl Literals {
    /// What can be told of an expression in Rust's syntax.
    pub(super) fn of(pattern: &str) -> Self {
        let Ok(hir) = regex_syntax::parse(pattern) else { return Self::Any };
        let properties = hir.properties();
        let from_start = properties.look_set_prefix().contains(Look::Start);
        let to_end = properties.look_set_suffix().contains(Look::End);
        if from_start && let Some((texts, exact)) = extract(&hir, ExtractKind::Prefix) {
            return if exact && to_end { Self::Exact(texts) } else { Self::Prefix(texts) };
        }
        if to_end && let Some((texts, _)) = extract(&hir, ExtractKind::Suffix) {
            return Self::Suffix(texts);
        }
        Self::Any
    }
}

/// The texts at one end of every match, and whether each of them is a whole match.
fn extract(hir: &Hir, end: ExtractKind) -> Option<(Vec<Vec<u8>>, bool)> {
    let mut extractor = Extractor::new();
    // Both cases of a letter are worth listing; the digits of `[0-9]` would tell no more than what stands
    // before them.
    extractor.kind(end).limit_class(3).limit_total(MOST);
    let seq: Seq = extractor.extract(hir);
    let literals = seq.literals()?;
    let useful = !literals.is_empty() && literals.iter().all(|literal| !literal.is_empty());
    useful.then(|| (literals.iter().map(|literal| literal.as_bytes().to_vec()).collect(), seq.is_exact()))
}
