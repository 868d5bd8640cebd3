//! All files together: which of them must be read again, and what they say.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::dynamic::Dynamic;
use ferroway_config::{Format, Problem};

use super::document::{Document, Quality, Version};
use super::merge::merge;
use super::tree::{Root, Tree, look};
use crate::watch::Stamp;

/// The files that are followed, in the order of their names.
#[derive(Debug)]
pub(super) struct Files {
    root: Root,
    log_templates: bool,
    doubt: Duration,
    documents: BTreeMap<PathBuf, Document>,
    /// The folders of the last look.
    directories: HashMap<PathBuf, Stamp>,
    /// Something could not be looked at, so its changes are not seen either.
    has_unreadable: bool,
    merged: Option<Merged>,
}

/// The outcome of a merge and what it was made of.
#[derive(Debug)]
struct Merged {
    parts: Vec<Arc<Version>>,
    config: Arc<Dynamic>,
    problems: Vec<Problem>,
}

fn new_document(path: &Path, doubt: Duration) -> Document {
    // The provider refuses other extensions, and a look at a folder skips them.
    let format = Format::of_file_name(&path.to_string_lossy()).unwrap_or(Format::Yaml);
    Document::new(path.to_owned(), format, doubt)
}

/// What is read, although its stamp says that it is the same as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reread {
    Nothing,
    Everything,
}

/// What all files say.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) config: Arc<Dynamic>,
    /// That of the worst file.
    pub(super) quality: Quality,
    pub(super) problems: Vec<Problem>,
    /// When to look again, because a file is empty or away and that is not believed yet.
    pub(super) look_again: Option<Instant>,
}

impl Files {
    pub(super) fn new(root: Root, doubt: Duration, log_templates: bool) -> Self {
        let (documents, directories) = (BTreeMap::new(), HashMap::new());
        Self { root, log_templates, doubt, documents, directories, has_unreadable: false, merged: None }
    }

    /// Reads what has changed. Files in `unsettled` are being written and keep what they said before. `enter` is
    /// called for each folder before it is looked at.
    pub(super) fn load(
        &mut self,
        reread: Reread,
        unsettled: &dyn Fn(&Path) -> bool,
        enter: &mut dyn FnMut(&Path, Stamp),
    ) -> Found {
        let (now, doubt) = (Instant::now(), self.doubt);
        let tree = look(&self.root, enter);
        for (path, stamp) in &tree.files {
            let document = self.documents.entry(path.clone()).or_insert_with(|| new_document(path, doubt));
            if unsettled(path) {
                document.postpone();
            } else if reread == Reread::Everything
                || document.stamp != Some(*stamp)
                || document.doubted_until().is_some()
            {
                document.read(*stamp, now, self.log_templates);
            }
        }
        self.drop_missing(&tree, now);
        let unreadable: Vec<Arc<Version>> = tree
            .unreadable
            .iter()
            .map(|failed| Arc::new(Version::unreadable(&failed.path, &failed.error)))
            .collect();
        self.has_unreadable = !unreadable.is_empty();
        self.directories = tree.directories.into_iter().collect();
        self.sum_up(unreadable)
    }

    /// Files that are away: one of a folder is removed, the one file that is asked for is missed.
    fn drop_missing(&mut self, tree: &Tree, now: Instant) {
        let present: std::collections::HashSet<&Path> = tree.files.iter().map(|(path, _)| &**path).collect();
        // What cannot be read is not away.
        let hidden = |path: &Path| tree.unreadable.iter().any(|failed| path.starts_with(&failed.path));
        let only_file = matches!(self.root, Root::File(_));
        self.documents.retain(|path, document| {
            if present.contains(&**path) || hidden(path) || !document.is_gone(now) {
                return true;
            }
            if only_file {
                document.set_missing();
            }
            only_file
        });
        if let Root::File(path) = &self.root
            && !self.documents.contains_key(path)
            && !hidden(path)
        {
            let mut document = new_document(path, self.doubt);
            document.set_missing();
            self.documents.insert(path.clone(), document);
        }
    }

    fn sum_up(&mut self, unreadable: Vec<Arc<Version>>) -> Found {
        let versions = self.documents.values().filter_map(|document| document.version.clone());
        let parts: Vec<Arc<Version>> = versions.chain(unreadable).collect();
        let same = |merged: &Merged| {
            merged.parts.len() == parts.len()
                && merged.parts.iter().zip(&parts).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        let merged = match self.merged.take().filter(same) {
            Some(merged) => merged,
            None => {
                let (config, duplicates) = merge(parts.iter().map(|part| &part.config));
                let problems = parts.iter().flat_map(|part| part.problems.iter().cloned()).chain(duplicates);
                Merged { problems: problems.collect(), config, parts }
            }
        };
        let found = Found {
            config: Arc::clone(&merged.config),
            quality: merged.parts.iter().map(|part| part.quality).max().unwrap_or(Quality::Whole),
            problems: merged.problems.clone(),
            look_again: self.documents.values().filter_map(Document::doubted_until).min(),
        };
        self.merged = Some(merged);
        found
    }

    /// Takes note that something was reported of a file.
    pub(super) fn stir(&mut self, path: &Path) {
        if let Some(document) = self.documents.get_mut(path) {
            document.stir();
        }
    }

    /// True when a look may find more although no stamp has changed.
    pub(super) fn has_unreadable(&self) -> bool {
        self.has_unreadable
    }

    /// The files and folders whose stamp is not the one of the last look.
    pub(super) fn changed(&self) -> Vec<PathBuf> {
        let files = self.documents.iter().map(|(path, document)| (path, document.stamp));
        let directories = self.directories.iter().map(|(path, stamp)| (path, Some(*stamp)));
        files
            .chain(directories)
            .filter(|(path, known)| Stamp::read(path) != *known)
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// True for a path that is, or was, a folder of the tree.
    pub(super) fn is_directory(&self, path: &Path) -> bool {
        self.directories.contains_key(path) || path.is_dir()
    }

    /// True for the file that is followed, or any file of a folder that would be.
    pub(super) fn is_file_of_interest(&self, path: &Path) -> bool {
        match &self.root {
            Root::File(file) => path.file_name() == file.file_name(),
            Root::Directory(_) => Format::of_file_name(&path.to_string_lossy()).is_some(),
        }
    }

    /// The folders of the last look.
    pub(super) fn directories(&self) -> &HashMap<PathBuf, Stamp> {
        &self.directories
    }
}
