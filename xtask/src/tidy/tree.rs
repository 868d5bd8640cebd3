//! The files of the repository, as git sees them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The text files of the repository: those that git tracks, and those that it would.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the tree below `root`. Files that are no UTF-8 are left out.
    ///
    /// # Errors
    /// `root` is not a git checkout.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("cannot run git")?;
        ensure!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim());
        let listed = String::from_utf8(listed.stdout).context("a file name is not UTF-8")?;
        let mut files = BTreeMap::new();
        for path in listed.split_terminator('\0') {
            // A file that was deleted and not yet committed is listed too.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                files.insert(path.to_owned(), text);
            }
        }
        Ok(Self { files })
    }

    /// All files: path from the root, and text.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The manifests of all packages, but not the root's: path of the folder, and text.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter_map(|(path, text)| Some((path.strip_suffix("/Cargo.toml")?, text)))
    }

    /// A tree of these files, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }
}

/// Whether the file has nothing but tests: `tests.rs`, or anything in a folder `tests` below a crate.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}
