//! From byte offsets to lines and columns.

use std::sync::Arc;

use crate::source::{Source, Span};

/// The line starts of a source.
pub(super) struct LineIndex<'s> {
    source: &'s Arc<Source>,
    starts: Vec<usize>,
}

impl<'s> LineIndex<'s> {
    pub(super) fn new(source: &'s Arc<Source>) -> Self {
        let breaks = source.text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i + 1);
        Self { source, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The place of a byte offset.
    pub(super) fn span(&self, offset: usize) -> Span {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let before = self.source.text.get(self.starts[line]..offset).unwrap_or_default();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span::at(self.source, number(line + 1), number(before.chars().count() + 1))
    }
}
