//! Files with certificates and keys: what each said when it was read last, so that what was made of one can be told
//! from what would be made of it now.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferroway_config::decode::FileOrContent;
use sha2::{Digest, Sha256};

/// The largest file that is read. All authorities that browsers trust take a quarter of a megabyte.
const MAX_SIZE: u64 = 16 << 20;

/// How PEM begins; no file is called like this.
const BEGIN: &str = "-----BEGIN ";

/// The file that the value names, so that it can be watched; none if the value is content.
pub fn file_of(value: &FileOrContent) -> Option<&Path> {
    (!value.0.is_empty() && !value.0.contains(BEGIN)).then(|| Path::new(&value.0))
}

/// What the value is called in messages; content is not shown.
pub(crate) fn shown(value: &FileOrContent) -> &str {
    file_of(value).map_or("<content>", |_| &value.0)
}

/// All files that were read and are still of interest. A handle, to be cloned.
#[derive(Clone, Debug, Default)]
pub struct Files(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    versions: HashMap<PathBuf, Arc<Version>>,
    /// Grows with every version that takes the place of another one.
    replaced: u64,
    /// The same when it was last told that files changed.
    told: u64,
}

/// What a file said: a digest of it, or why it could not be read. Keys do not lie around here.
#[derive(Debug)]
struct Version {
    file: PathBuf,
    said: Result<[u8; 32], String>,
}

/// What some files said when something was made of them.
#[derive(Clone, Debug, Default)]
pub struct Versions(Vec<Arc<Version>>);

impl Files {
    /// The content of a value, read from its file where it names one.
    pub(crate) fn read<'a>(&self, value: &'a FileOrContent) -> Result<Cow<'a, [u8]>, String> {
        match file_of(value) {
            None if value.0.is_empty() => Err("empty: expected a file name or PEM".to_owned()),
            None => Ok(Cow::Borrowed(value.0.as_bytes())),
            Some(file) => self.read_file(file).map(Cow::Owned),
        }
    }

    fn read_file(&self, file: &Path) -> Result<Vec<u8>, String> {
        let content = read(file).map_err(|error| format!("cannot read {}: {error}", file.display()));
        let said = match &content {
            Ok(content) => Ok(Sha256::digest(content).into()),
            Err(error) => Err(error.clone()),
        };
        let mut known = self.lock();
        let before = known.versions.get(file);
        if before.is_none_or(|before| before.said != said) {
            known.replaced += u64::from(before.is_some());
            known.versions.insert(file.to_owned(), Arc::new(Version { file: file.to_owned(), said }));
        }
        content
    }

    /// What the files among the values said when they were read last.
    pub fn versions<'a>(&self, values: impl IntoIterator<Item = &'a FileOrContent>) -> Versions {
        let known = self.lock();
        let files = values.into_iter().filter_map(file_of);
        Versions(files.filter_map(|file| known.versions.get(file).cloned()).collect())
    }

    /// Whether the files said the same when they were read last.
    pub fn are_current(&self, versions: &Versions) -> bool {
        let known = self.lock();
        let is_current = |version: &Arc<Version>| {
            known.versions.get(&version.file).is_some_and(|now| Arc::ptr_eq(now, version))
        };
        versions.0.iter().all(is_current)
    }

    /// Reads these files again, as far as they are of interest. True if one says something else than before: what was
    /// made of it is not current any more.
    pub fn look_again(&self, files: &[PathBuf]) -> bool {
        for file in files {
            let is_known = self.lock().versions.contains_key(file);
            if is_known {
                // Whether it can be read is remembered, and told by who needs it.
                let _ = self.read_file(file);
            }
        }
        let mut known = self.lock();
        let changed = known.replaced != known.told;
        known.told = known.replaced;
        changed
    }

    /// How often a file was found to say something else. While it stays the same, all versions are current.
    pub fn replaced(&self) -> u64 {
        self.lock().replaced
    }

    /// Forgets the files of which no [`Versions`] are left, and gives the others.
    pub fn in_use(&self) -> BTreeSet<PathBuf> {
        let mut known = self.lock();
        known.versions.retain(|_, version| Arc::strong_count(version) > 1);
        known.versions.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing that holds the lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a file, of a sensible size and not one that never ends.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::{Error, ErrorKind};
    // Before it is opened: opening a pipe waits for its other end.
    let metadata = std::fs::metadata(file)?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut content = Vec::new();
    File::open(file)?.take(MAX_SIZE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_SIZE {
        return Err(Error::new(ErrorKind::FileTooLarge, "it is larger than 16 MiB"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests;
