//! YAML into nodes.
//!
//! Built on the events of `granit-parser`, the layer below serde-saphyr: it gives the exact text, style and place of
//! every scalar, which serde's data model loses. Anchors, aliases, merge keys, duplicate keys and budgets are
//! handled here; nothing else in the project knows YAML.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as Mark, StrInput, Tag};

use super::yaml_scalar::{plain, resolve};
use crate::node::{Entry, Map, Node, Value};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};

/// Nodes that aliases may add to a document in all: far more than a real file has, far less than a bomb wants.
const MAX_ALIAS_NODES: usize = 300_000;
/// Deepest nesting, aliases included. Real files have about ten levels.
const MAX_DEPTH: usize = 128;
/// Namespace of the tags written as `!!name`.
const CORE_TAGS: &str = "tag:yaml.org,2002:";
/// Maps up to this size are searched for duplicate keys pair by pair.
const SMALL_MAP: usize = 12;

type Result<T> = std::result::Result<T, Problem>;

/// A document, or a part of one that was read as if it were alone.
pub(crate) struct Document {
    /// Its tree.
    pub(crate) root: Node,
    /// It has an anchor, so that what one part says may depend on another.
    pub(crate) has_anchors: bool,
}

/// Reads the one document of a source.
pub(crate) fn load(source: &Arc<Source>) -> std::result::Result<Document, Vec<Problem>> {
    load_part(source, &source.text, 1)
}

/// Reads `text`, which is a part of the source that begins with the line `first_line`, as a document of its own.
pub(crate) fn load_part(
    source: &Arc<Source>,
    text: &str,
    first_line: u32,
) -> std::result::Result<Document, Vec<Problem>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut builder = Builder {
        parser: Parser::new_from_str_with_options(text, options),
        source,
        lines_before: first_line.saturating_sub(1),
        anchors: HashMap::new(),
        alias_nodes: 0,
        depth: 0,
        problems: Vec::new(),
    };
    match builder.document() {
        Ok(root) if builder.problems.is_empty() => {
            Ok(Document { root, has_anchors: !builder.anchors.is_empty() })
        }
        Ok(_) => Err(builder.problems),
        Err(problem) => {
            builder.problems.push(problem);
            Err(builder.problems)
        }
    }
}

/// A value that an alias may repeat.
struct Anchored {
    node: Node,
    size: usize,
    depth: usize,
}

struct Builder<'s> {
    parser: Parser<'s, StrInput<'s>>,
    source: &'s Arc<Source>,
    lines_before: u32,
    anchors: HashMap<usize, Anchored>,
    alias_nodes: usize,
    depth: usize,
    /// Errors that do not end the reading.
    problems: Vec<Problem>,
}

impl<'s> Builder<'s> {
    fn document(&mut self) -> Result<Node> {
        let mut root = None;
        loop {
            let (event, mark) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => {
                    let node = self.node(event, mark)?;
                    let is_null = node.value == Value::Null;
                    if root.is_some() && !is_null {
                        // Traefik: reads the first document and drops the others without a word.
                        return Err(self.problem(&mark, "a second document in one file; only one is allowed"));
                    }
                    root.get_or_insert(node);
                }
            }
        }
        Ok(root.unwrap_or_else(|| Node::new(Value::Null, self.place(1, 0))))
    }

    fn next(&mut self) -> Result<(Event<'s>, Mark)> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                let marker = error.marker();
                let span = self.place(marker.line(), marker.col());
                let message = format!("invalid YAML: {}", error.info());
                Err(Problem::error(ProblemKind::Syntax, span, "", message))
            }
            None => Err(Problem::error(
                ProblemKind::Syntax,
                Span::whole(self.source),
                "",
                "the YAML ends too early",
            )),
        }
    }

    fn node(&mut self, event: Event<'s>, mark: Mark) -> Result<Node> {
        let (anchor, value) = match event {
            Event::Alias(id) => return self.alias(id, &mark),
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, self.scalar(text, style, tag.as_deref(), &mark)?)
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.nested(&mark, Self::list)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.nested(&mark, Self::map)?),
            _ => return Err(self.problem(&mark, "invalid YAML: a value was expected here")),
        };
        let node = Node::new(value, self.span(&mark));
        if anchor != 0 {
            let (size, depth) = measure(&node);
            self.anchors.insert(anchor, Anchored { node: node.clone(), size, depth });
        }
        Ok(node)
    }

    fn nested(&mut self, mark: &Mark, read: impl FnOnce(&mut Self) -> Result<Value>) -> Result<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(mark, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn alias(&mut self, id: usize, mark: &Mark) -> Result<Node> {
        let Some(anchored) = self.anchors.get(&id) else {
            return Err(self.problem(mark, "the alias stands inside the value that it repeats"));
        };
        self.alias_nodes += anchored.size;
        if self.alias_nodes > MAX_ALIAS_NODES || self.depth + anchored.depth > MAX_DEPTH {
            return Err(self.problem(mark, "the aliases of this document repeat too much"));
        }
        Ok(anchored.node.clone())
    }

    fn scalar(
        &self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        mark: &Mark,
    ) -> Result<Value> {
        let Some(tag) = tag else {
            return Ok(if style == ScalarStyle::Plain { resolve(text) } else { plain(text) });
        };
        match tag.suffix_in_namespace(CORE_TAGS).as_deref() {
            Some("int" | "float" | "bool") => match resolve(text) {
                Value::Null => Err(self.problem(mark, format!("an empty value cannot be {tag}"))),
                value => Ok(value),
            },
            Some("null") => Ok(Value::Null),
            Some("binary") => Err(self.problem(mark, "binary values are not supported")),
            _ => Ok(plain(text)),
        }
    }

    fn list(&mut self) -> Result<Value> {
        let mut items = Vec::new();
        loop {
            let (event, mark) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::List(items));
            }
            items.push(self.node(event, mark)?);
        }
    }

    fn map(&mut self) -> Result<Value> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merges = Vec::new();
        loop {
            let (event, mark) = self.next()?;
            let (key, is_merge) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, anchor, tag) => {
                    let is_plain = style == ScalarStyle::Plain && tag.is_none();
                    if is_plain && resolve(Cow::Borrowed(&text)) == Value::Null {
                        return Err(self.problem(&mark, "a key is missing here"));
                    }
                    if anchor != 0 {
                        let node = Node::new(plain(Cow::Borrowed(&text)), self.span(&mark));
                        self.anchors.insert(anchor, Anchored { node, size: 1, depth: 0 });
                    }
                    let is_merge = is_plain && text == "<<";
                    (Box::<str>::from(text), is_merge)
                }
                Event::Alias(id) => match self.alias(id, &mark)?.value {
                    Value::Scalar(scalar) => (scalar.text, false),
                    _ => return Err(self.problem(&mark, "a key must be text")),
                },
                _ => return Err(self.problem(&mark, "a key must be text, not a list or map")),
            };
            let key_span = self.span(&mark);
            let (event, mark) = self.next()?;
            let value = self.node(event, mark)?;
            if is_merge {
                merges.push(value);
            } else {
                entries.push(Entry { key, key_span, value });
            }
        }
        self.refuse_duplicates(&entries);
        for merge in merges {
            self.merge(&mut entries, merge)?;
        }
        Ok(Value::Map(Map { entries }))
    }

    fn refuse_duplicates(&mut self, entries: &[Entry]) {
        let repeated: Vec<&Entry> = if entries.len() <= SMALL_MAP {
            let seen = |i: usize| entries[..i].iter().any(|earlier| earlier.key == entries[i].key);
            (1..entries.len()).filter(|&i| seen(i)).map(|i| &entries[i]).collect()
        } else {
            let mut seen = HashSet::with_capacity(entries.len());
            entries.iter().filter(|entry| !seen.insert(&entry.key)).collect()
        };
        for entry in repeated {
            let first =
                entries.iter().find(|earlier| earlier.key == entry.key).map_or(0, |e| e.key_span.line);
            let (key, line) = (&entry.key, entry.key_span.line);
            let message = format!("the key {key:?} is already defined at line {first}");
            self.problems.push(
                Problem::error(ProblemKind::Syntax, entry.key_span.clone(), "", message)
                    .traefik(format!("line {line}: mapping key {key:?} already defined at line {first}")),
            );
        }
    }

    /// `<<: *map` or `<<: [*map, *map]`: adds the keys that are not there yet; the first map that has a key wins.
    fn merge(&mut self, entries: &mut Vec<Entry>, merged: Node) -> Result<()> {
        match merged.value {
            Value::Map(map) => {
                for entry in map.entries {
                    if !entries.iter().any(|own| own.key == entry.key) {
                        entries.push(entry);
                    }
                }
                Ok(())
            }
            Value::List(list) if list.iter().all(|item| matches!(item.value, Value::Map(_))) => {
                list.into_iter().try_for_each(|item| self.merge(entries, item))
            }
            _ => Err(Problem::error(
                ProblemKind::Syntax,
                merged.span,
                "",
                "the merge key << needs a map or a list of maps",
            )),
        }
    }

    fn span(&self, mark: &Mark) -> Span {
        self.place(mark.start.line(), mark.start.col())
    }

    fn place(&self, line: usize, column: usize) -> Span {
        Span::at(self.source, to_u32(line).saturating_add(self.lines_before), to_u32(column + 1))
    }

    fn problem(&self, mark: &Mark, message: impl Into<String>) -> Problem {
        Problem::error(ProblemKind::Syntax, self.span(mark), "", message)
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Number of nodes and depth of a tree.
fn measure(node: &Node) -> (usize, usize) {
    let add = |(size, depth): (usize, usize), child: &Node| {
        let (child_size, child_depth) = measure(child);
        (size + child_size, depth.max(child_depth + 1))
    };
    match &node.value {
        Value::Null | Value::Scalar(_) => (1, 0),
        Value::List(list) => list.iter().fold((1, 0), add),
        Value::Map(map) => map.entries.iter().map(|entry| &entry.value).fold((1, 0), add),
    }
}
