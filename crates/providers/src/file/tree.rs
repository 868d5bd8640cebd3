//! Which files there are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ferroway_config::Format;

use crate::watch::Stamp;

/// What is read.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// One file.
    File(PathBuf),
    /// All files of a folder and its sub-folders.
    Directory(PathBuf),
}

impl Root {
    /// The folder whose changes matter.
    pub(super) fn directory(&self) -> &Path {
        match self {
            Self::Directory(path) => path,
            // A file without a folder stands in the current one.
            Self::File(path) => match path.parent() {
                Some(parent) if parent != Path::new("") => parent,
                _ => Path::new("."),
            },
        }
    }
}

/// A folder or file of the tree that cannot be looked at.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) path: PathBuf,
    pub(super) error: io::Error,
}

/// What a look at the tree found.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The files with configuration, in no special order.
    pub(super) files: Vec<(PathBuf, Stamp)>,
    /// The folders that hold them, or could.
    pub(super) directories: Vec<(PathBuf, Stamp)>,
    pub(super) unreadable: Vec<Unreadable>,
}

/// True for the folders that Kubernetes makes for the versions of a mounted ConfigMap (`..2024_01_02_...`). What is
/// in them is reached through links beside them.
///
/// Traefik: reads them twice and warns of each object that it is defined already.
pub(super) fn is_version_directory(name: &str) -> bool {
    name.starts_with("..")
}

/// Looks at the tree. `enter` is called for each folder before it is read, so that a watch that it sets misses
/// nothing.
pub(super) fn look(root: &Root, enter: &mut dyn FnMut(&Path, Stamp)) -> Tree {
    let mut tree = Tree::default();
    match root {
        Root::File(path) => {
            if let Some(stamp) = Stamp::read(root.directory()) {
                enter(root.directory(), stamp);
                tree.directories.push((root.directory().to_owned(), stamp));
            }
            add_file(path.clone(), &mut tree);
        }
        Root::Directory(path) => walk(path, &mut tree, enter),
    }
    tree
}

fn walk(directory: &Path, tree: &mut Tree, enter: &mut dyn FnMut(&Path, Stamp)) {
    let listed = fs::metadata(directory).and_then(|metadata| {
        let stamp = Stamp::of(&metadata);
        enter(directory, stamp);
        tree.directories.push((directory.to_owned(), stamp));
        fs::read_dir(directory)
    });
    let entries = match listed {
        Ok(entries) => entries,
        Err(error) => return tree.unreadable.push(Unreadable { path: directory.to_owned(), error }),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                tree.unreadable.push(Unreadable { path: directory.to_owned(), error });
                continue;
            }
        };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // As in Traefik, links to folders are not followed.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !is_version_directory(&name) {
                walk(&entry.path(), tree, enter);
            }
        } else if Format::of_file_name(&name).is_some() {
            add_file(entry.path(), tree);
        }
    }
}

/// Adds a file; one that is not there is left out. A link to nothing is a mistake, not a removed file.
fn add_file(path: PathBuf, tree: &mut Tree) {
    match fs::metadata(&path) {
        Ok(metadata) => tree.files.push((path, Stamp::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(&path).is_err() => {}
        Err(error) => tree.unreadable.push(Unreadable { path, error }),
    }
}
