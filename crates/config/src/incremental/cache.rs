//! What is remembered of a version of a file, and how the next one is made from it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::split::{Block, Entry, Piece, Section, is_http};
use crate::decode::{Context, Decode};
use crate::dynamic::{Dynamic, Http, Middleware, Object, Router, ServersTransport, Service, decode_dynamic};
use crate::format::yaml;
use crate::node::{Node, Value};
use crate::problem::Problem;
use crate::source::{Source, Span};

/// The blocks that are not split.
const BESIDE_HTTP: [&str; 3] = ["tcp", "udp", "tls"];

/// A version of a file that has no errors.
#[derive(Debug)]
pub(super) struct Cache {
    source: Arc<Source>,
    routers: Entries<Router>,
    services: Entries<Service>,
    middlewares: Entries<Middleware>,
    servers_transports: Entries<ServersTransport>,
}

/// A version that was made from the one before.
pub(super) struct Update {
    pub(super) cache: Cache,
    pub(super) dynamic: Dynamic,
    pub(super) problems: Vec<Problem>,
    pub(super) reused: usize,
}

/// The entries of a section in the order of the file.
#[derive(Debug)]
struct Entries<T>(Vec<Remembered<T>>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[derive(Debug)]
struct Remembered<T> {
    name: String,
    bytes: Range<usize>,
    content: Content<T>,
}

/// What an entry's text means.
#[derive(Debug)]
enum Content<T> {
    /// An object without any problem.
    Object(Arc<T>),
    /// A name without a value.
    Unset,
    /// An object with warnings, which must be given anew with their new places.
    Warned,
}

/// Where an update reads and what it collects.
struct Reader<'a> {
    before: &'a Source,
    source: &'a Arc<Source>,
    problems: Vec<Problem>,
    reused: usize,
}

impl Cache {
    /// Remembers a version that was loaded as a whole. `None` if its lines do not say what the parser says.
    pub(super) fn new(
        source: &Arc<Source>,
        blocks: &[Block<'_>],
        root: &Node,
        dynamic: &Dynamic,
        problems: &[Problem],
    ) -> Option<Self> {
        let warned = |piece: &Piece| {
            let lines = source.text[piece.bytes.clone()].lines().count();
            let end = piece.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            problems.iter().any(|problem| (piece.line..end).contains(&problem.span.line))
        };
        let Value::Map(top) = &root.value else { return None };
        if !top.entries.iter().map(|entry| &*entry.key).eq(blocks.iter().map(|block| block.name)) {
            return None;
        }
        let mut cache = Self::empty(source);
        for (block, entry) in blocks.iter().zip(&top.entries) {
            if !is_http(block.name) {
                if !BESIDE_HTTP.iter().any(|known| block.name.eq_ignore_ascii_case(known)) {
                    return None;
                }
                continue;
            }
            let Value::Map(sections) = &entry.value.value else { return None };
            let names = sections.entries.iter().map(|entry| &*entry.key);
            if !names.eq(block.sections.iter().map(|section| section.name)) {
                return None;
            }
            for (section, entry) in block.sections.iter().zip(&sections.entries) {
                let Value::Map(objects) = &entry.value.value else { return None };
                let names = objects.entries.iter().map(|entry| &*entry.key);
                if !names.eq(section.entries.iter().map(|entry| entry.name)) {
                    return None;
                }
                let http = &dynamic.http;
                match section.name.to_ascii_lowercase().as_str() {
                    "routers" => cache.routers = Entries::new(section, &http.routers, &warned),
                    "services" => cache.services = Entries::new(section, &http.services, &warned),
                    "middlewares" => cache.middlewares = Entries::new(section, &http.middlewares, &warned),
                    "serverstransports" => {
                        cache.servers_transports = Entries::new(section, &http.servers_transports, &warned);
                    }
                    _ => return None,
                }
            }
        }
        Some(cache)
    }

    fn empty(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            routers: Entries::default(),
            services: Entries::default(),
            middlewares: Entries::default(),
            servers_transports: Entries::default(),
        }
    }

    /// Makes the next version. `None` if it has to be loaded as a whole.
    pub(super) fn update(&self, source: &Arc<Source>, blocks: &[Block<'_>]) -> Option<Update> {
        let mut reader = Reader { before: &self.source, source, problems: Vec::new(), reused: 0 };
        let mut cache = Self::empty(source);
        let mut dynamic = Dynamic::default();
        let mut seen = Vec::new();
        for block in blocks {
            let name = block.name.to_ascii_lowercase();
            match name.as_str() {
                "http" => dynamic.http = self.http(&mut reader, &mut cache, &block.sections)?,
                "tcp" => dynamic.tcp = reader.block(&block.piece)?.tcp,
                "udp" => dynamic.udp = reader.block(&block.piece)?.udp,
                "tls" => dynamic.tls = reader.block(&block.piece)?.tls,
                _ => return None,
            }
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
        }
        Some(Update { cache, dynamic, problems: reader.problems, reused: reader.reused })
    }

    fn http(&self, reader: &mut Reader<'_>, cache: &mut Self, sections: &[Section<'_>]) -> Option<Http> {
        let mut http = Http::default();
        let mut seen = Vec::new();
        for section in sections {
            let name = section.name.to_ascii_lowercase();
            match name.as_str() {
                "routers" => {
                    (http.routers, cache.routers) = self.routers.update(reader, section, "routers")?;
                }
                "services" => {
                    (http.services, cache.services) = self.services.update(reader, section, "services")?;
                }
                "middlewares" => {
                    (http.middlewares, cache.middlewares) =
                        self.middlewares.update(reader, section, "middlewares")?;
                }
                "serverstransports" => {
                    (http.servers_transports, cache.servers_transports) =
                        self.servers_transports.update(reader, section, "serversTransports")?;
                }
                _ => return None,
            }
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
        }
        Some(http)
    }
}

impl<T: Decode> Entries<T> {
    fn new(
        section: &Section<'_>,
        objects: &BTreeMap<String, Object<T>>,
        warned: &dyn Fn(&Piece) -> bool,
    ) -> Self {
        let remember = |entry: &Entry<'_>| {
            let content = match objects.get(entry.name) {
                _ if warned(&entry.piece) => Content::Warned,
                Some(object) => Content::Object(Arc::clone(&object.value)),
                None => Content::Unset,
            };
            Remembered { name: entry.name.to_owned(), bytes: entry.piece.bytes.clone(), content }
        };
        Self(section.entries.iter().map(remember).collect())
    }

    /// The objects of a section of the next version, and what to remember of it.
    fn update(
        &self,
        reader: &mut Reader<'_>,
        section: &Section<'_>,
        path: &'static str,
    ) -> Option<(BTreeMap<String, Object<T>>, Self)> {
        let mut objects = Vec::with_capacity(section.entries.len());
        let mut remembered = Vec::with_capacity(section.entries.len());
        // Entries mostly stand in the order of the version before; others are found by name.
        let mut cursor = 0;
        let mut by_name = None;
        for entry in &section.entries {
            let before = self.find(entry.name, cursor, &mut by_name);
            cursor = before.map_or(cursor, |index| index + 1);
            let before = before.map(|index| &self.0[index]);
            let content = match before.filter(|before| reader.is_same(before, entry)) {
                Some(Remembered { content: Content::Object(value), .. }) => {
                    reader.reused += 1;
                    let indent = reader.indent(&entry.piece);
                    let origin = Span::at(reader.source, entry.piece.line, indent + 1);
                    objects.push((entry.name.to_owned(), Object { value: Arc::clone(value), origin }));
                    Content::Object(Arc::clone(value))
                }
                Some(Remembered { content: Content::Unset, .. }) => Content::Unset,
                _ => {
                    let (object, warned) = reader.entry::<T>(entry, path)?;
                    let content = match &object {
                        _ if warned => Content::Warned,
                        Some(object) => Content::Object(Arc::clone(&object.value)),
                        None => Content::Unset,
                    };
                    objects.extend(object.map(|object| (entry.name.to_owned(), object)));
                    content
                }
            };
            let bytes = entry.piece.bytes.clone();
            remembered.push(Remembered { name: entry.name.to_owned(), bytes, content });
        }
        let given = objects.len();
        let objects: BTreeMap<_, _> = objects.into_iter().collect();
        let unset = remembered.iter().filter(|entry| matches!(entry.content, Content::Unset));
        let mut names = HashSet::new();
        let unset_twice = unset
            .map(|entry| entry.name.as_str())
            .any(|name| objects.contains_key(name) || !names.insert(name));
        // A name given twice, or nothing but names without values, is an error that the full load words.
        (given > 0 && objects.len() == given && !unset_twice).then_some((objects, Self(remembered)))
    }

    fn find<'c>(
        &'c self,
        name: &str,
        cursor: usize,
        by_name: &mut Option<HashMap<&'c str, usize>>,
    ) -> Option<usize> {
        if self.0.get(cursor).is_some_and(|next| next.name == name) {
            return Some(cursor);
        }
        let all = || self.0.iter().enumerate().map(|(index, entry)| (entry.name.as_str(), index)).collect();
        by_name.get_or_insert_with(all).get(name).copied()
    }
}

impl Reader<'_> {
    fn is_same<T>(&self, before: &Remembered<T>, entry: &Entry<'_>) -> bool {
        self.before.text[before.bytes.clone()] == self.source.text[entry.piece.bytes.clone()]
    }

    fn indent(&self, piece: &Piece) -> u32 {
        let text = &self.source.text[piece.bytes.clone()];
        let spaces = text.bytes().take_while(|byte| *byte == b' ').count();
        u32::try_from(spaces).unwrap_or(u32::MAX)
    }

    /// Parses and decodes an entry that is new or not as before. The object, if it is set, and whether it has
    /// warnings; `None` for whatever the full load has to word.
    fn entry<T: Decode>(
        &mut self,
        entry: &Entry<'_>,
        path: &'static str,
    ) -> Option<(Option<Object<T>>, bool)> {
        let root = self.alone(&entry.piece)?;
        match &root.value {
            Value::Map(map) if map.entries.len() == 1 && *map.entries[0].key == *entry.name => {}
            _ => return None,
        }
        let mut cx = Context::at(&["http", path]);
        let objects = BTreeMap::<String, Object<T>>::decode(&root, &mut cx);
        let (problems, broken) = cx.finish();
        let object = objects.filter(|_| broken.is_empty())?.into_values().next();
        let warned = !problems.is_empty();
        self.problems.extend(problems);
        Some((object, warned))
    }

    /// A block beside `http`; these are small and always decoded.
    fn block(&mut self, piece: &Piece) -> Option<Dynamic> {
        let root = self.alone(piece)?;
        let (dynamic, problems) = decode_dynamic(&root);
        if problems.iter().any(Problem::is_error) {
            return None;
        }
        self.problems.extend(problems);
        Some(dynamic)
    }

    fn alone(&self, piece: &Piece) -> Option<Node> {
        let text = &self.source.text[piece.bytes.clone()];
        // An alias to an anchor elsewhere is an error here, so what can be read alone depends on nothing else.
        Some(yaml::load_part(self.source, text, piece.line).ok()?.root)
    }
}
