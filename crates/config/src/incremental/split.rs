//! Where the parts of a plainly written YAML document are: top-level blocks and, below `http`, sections with one
//! entry a name. Anything unusual gives `None`; the document is then read as a whole.

use std::ops::Range;

/// A block that begins with a line `name:` at the margin.
#[derive(Debug)]
pub(super) struct Block<'t> {
    pub(super) name: &'t str,
    pub(super) piece: Piece,
    /// What is in it, if it is `http`.
    pub(super) sections: Vec<Section<'t>>,
}

/// A section of `http`, for example `routers`.
#[derive(Debug)]
pub(super) struct Section<'t> {
    pub(super) name: &'t str,
    pub(super) entries: Vec<Entry<'t>>,
}

/// A named object with everything below it.
#[derive(Debug)]
pub(super) struct Entry<'t> {
    pub(super) name: &'t str,
    pub(super) piece: Piece,
}

/// A range of lines.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// The bytes, from the start of the first line to the end of the last.
    pub(super) bytes: Range<usize>,
    /// The first line, counted from 1.
    pub(super) line: u32,
}

/// Splits a document.
///
/// In a document that is valid as a whole, every key of a block map starts a line at the map's indentation, so the
/// lines that are taken for keys here are at least all of those; whether they are more (a line inside a text may look
/// like a key) is what the caller checks against the parsed document.
pub(super) fn split(text: &str) -> Option<Vec<Block<'_>>> {
    if memchr::memchr2(b'\t', b'\r', text.as_bytes()).is_some() {
        return None;
    }
    let mut splitter = Splitter { blocks: Vec::new(), section_indent: None, entry_indent: None };
    let mut offset = 0;
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
    for (end, number) in ends.chain([text.len()]).zip(1..) {
        let line = &text[offset..end];
        let indent = line.bytes().take_while(|byte| *byte == b' ').count();
        let content = &line[indent..];
        if !matches!(content.as_bytes().first(), None | Some(b'\n' | b'#')) {
            let piece = Piece { bytes: offset..offset, line: number };
            splitter.line(content.trim_end(), indent, piece)?;
        }
        offset = end;
        splitter.extend(offset);
    }
    let whole = splitter.blocks.iter().all(|block| {
        !is_http(block.name)
            || !block.sections.is_empty() && block.sections.iter().all(|section| !section.entries.is_empty())
    });
    whole.then_some(splitter.blocks)
}

/// Whether a top-level block is the one that is looked into.
pub(super) fn is_http(name: &str) -> bool {
    name.eq_ignore_ascii_case("http")
}

struct Splitter<'t> {
    blocks: Vec<Block<'t>>,
    section_indent: Option<usize>,
    entry_indent: Option<usize>,
}

impl<'t> Splitter<'t> {
    /// Takes a line that is neither blank nor a comment.
    fn line(&mut self, content: &'t str, indent: usize, piece: Piece) -> Option<()> {
        if indent == 0 {
            let name = header(content)?;
            self.blocks.push(Block { name, piece, sections: Vec::new() });
            (self.section_indent, self.entry_indent) = (None, None);
            return Some(());
        }
        let block = self.blocks.last_mut()?;
        if !is_http(block.name) {
            return Some(());
        }
        if indent <= *self.section_indent.get_or_insert(indent) {
            if Some(indent) != self.section_indent {
                return None;
            }
            block.sections.push(Section { name: header(content)?, entries: Vec::new() });
            self.entry_indent = None;
            return Some(());
        }
        let entry_indent = *self.entry_indent.get_or_insert(indent);
        if indent < entry_indent {
            return None;
        }
        if indent == entry_indent {
            let section = block.sections.last_mut()?;
            section.entries.push(Entry { name: key(content)?, piece });
        }
        Some(())
    }

    /// Adds the bytes of a line, up to `end`, to the parts that it belongs to.
    fn extend(&mut self, end: usize) {
        let Some(block) = self.blocks.last_mut() else { return };
        let entry = block.sections.last_mut().and_then(|section| section.entries.last_mut());
        for piece in entry.map(|entry| &mut entry.piece).into_iter().chain([&mut block.piece]) {
            piece.bytes.end = end;
        }
    }
}

/// The name of a line that is only `name:`.
fn header(content: &str) -> Option<&str> {
    key(content).filter(|name| name.len() + 1 == content.len())
}

/// The name of a line `name:` or `name: …`, if it is plain.
fn key(content: &str) -> Option<&str> {
    let in_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@' | b'/');
    let end = content.bytes().position(|b| !in_name(b))?;
    let starts_well = content.as_bytes()[0].is_ascii_alphanumeric() || content.starts_with('_');
    let after = &content.as_bytes()[end..];
    (starts_well && matches!(after, [b':'] | [b':', b' ', ..])).then(|| &content[..end])
}
