//! A log file that is renamed when it is full, with the names and habits of Traefik's rotation
//! library (lumberjack): `app.log` becomes `app-2026-11-24T15-16-58.987.log` (UTC), is compressed
//! in the background, and is deleted when it is too old or one too many.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MEGABYTE: u64 = 1024 * 1024;
const DEFAULT_MEGABYTES: u64 = 100;
const DAY: u64 = 24 * 60 * 60;

/// Logs may hold secrets: by default only their owner may read them.
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o755;

const COMPRESSED: &str = ".gz";

/// A backup's time stamp, without the milliseconds.
const STAMP: &str = "%Y-%m-%dT%H-%M-%S";

/// When to rotate and what to keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rotation {
    max_bytes: u64,
    max_age: Option<Duration>,
    max_backups: usize,
}

impl Rotation {
    /// Megabytes, days and a count; 0 is 100 megabytes, or no limit.
    pub(crate) fn new(max_size: u64, max_age: u64, max_backups: usize) -> Self {
        let megabytes = if max_size == 0 { DEFAULT_MEGABYTES } else { max_size };
        let max_age = (max_age > 0).then(|| Duration::from_secs(max_age.saturating_mul(DAY)));
        Self { max_bytes: megabytes.saturating_mul(MEGABYTE), max_age, max_backups }
    }
}

/// The open file.
pub(crate) struct RotatingFile {
    rotation: Rotation,
    backups: Arc<Backups>,
    file: File,
    size: u64,
    /// Whether an error was reported since the file was opened.
    complained: bool,
    cleaner: Option<JoinHandle<()>>,
}

impl RotatingFile {
    /// Opens or makes the file and its directories.
    pub(crate) fn open(path: PathBuf, rotation: Rotation) -> io::Result<Self> {
        let (file, size) = open(&path, FILE_MODE)?;
        let backups = Arc::new(Backups { path, busy: Mutex::new(()) });
        Ok(Self { rotation, backups, file, size, complained: false, cleaner: None })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.backups.path
    }

    /// Goes on with the file that has the name now.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        (self.file, self.size) = open(self.path(), FILE_MODE)?;
        self.complained = false;
        Ok(())
    }

    /// Writes a line, after a rotation if it does not fit into the file any more.
    pub(crate) fn write(&mut self, line: &[u8]) {
        let len = line.len() as u64;
        let full = self.size > 0 && self.size.saturating_add(len) > self.rotation.max_bytes;
        let rotated = if full { self.rotate() } else { Ok(()) };
        let written = self.file.write_all(line);
        self.size = self.size.saturating_add(len);
        if let Err(error) = rotated.and(written)
            && !self.complained
        {
            self.complained = true;
            // The standard error may be closed; there is nothing else to tell.
            let _ = writeln!(io::stderr(), "log file {}: {error}", self.path().display());
        }
    }

    /// The thread that works on the backups of the last rotation.
    pub(crate) fn take_cleaner(&mut self) -> Option<JoinHandle<()>> {
        self.cleaner.take()
    }

    /// Renames the file and starts a new one with its mode and owner.
    fn rotate(&mut self) -> io::Result<()> {
        // Whatever happens, the next try waits until the same amount was written.
        self.size = 0;
        let old = self.file.metadata()?;
        let path = self.path().to_owned();
        fs::rename(&path, self.backups.new_name(SystemTime::now()))?;
        (self.file, self.size) = open(&path, old.mode() & 0o7777)?;
        // Only root may give files away; else the file is ours, as the old one was.
        let _ = fchown(&self.file, Some(old.uid()), Some(old.gid()));
        let (backups, rotation) = (Arc::clone(&self.backups), self.rotation);
        let thread = thread::Builder::new().name("log-rotation".to_owned());
        self.cleaner = Some(thread.spawn(move || backups.clean(&rotation, SystemTime::now()))?);
        Ok(())
    }
}

fn open(path: &Path, mode: u32) -> io::Result<(File, u64)> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(parent)?;
    }
    let file = OpenOptions::new().append(true).create(true).mode(mode).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

/// The rotated files beside a log file.
struct Backups {
    /// The log file.
    path: PathBuf,
    /// Held while they are cleaned up, so that one thread at a time does it.
    busy: Mutex<()>,
}

/// One rotated file.
struct Backup {
    path: PathBuf,
    time: Timestamp,
    compressed: bool,
}

impl Backups {
    /// What the names of backups start and end with.
    fn name_parts(&self) -> (String, String) {
        let text =
            |part: Option<&OsStr>| part.map_or_else(String::new, |part| part.to_string_lossy().into_owned());
        let extension =
            self.path.extension().map_or_else(String::new, |part| format!(".{}", part.to_string_lossy()));
        (format!("{}-", text(self.path.file_stem())), extension)
    }

    /// A name that is not taken, made of the time.
    fn new_name(&self, now: SystemTime) -> PathBuf {
        let (start, end) = self.name_parts();
        let mut time = Timestamp::try_from(now).unwrap_or_default();
        loop {
            let utc = Offset::UTC.to_datetime(time);
            let name = format!("{start}{}.{:03}{end}", utc.strftime(STAMP), utc.millisecond());
            let path = self.path.with_file_name(&name);
            let compressed = self.path.with_file_name(name + COMPRESSED);
            if !path.exists() && !compressed.exists() {
                return path;
            }
            time = time.checked_add(Duration::from_millis(1)).unwrap_or_default();
        }
    }

    /// The time in the name of a backup.
    fn parse(&self, name: &str) -> Option<(Timestamp, bool)> {
        let (start, end) = self.name_parts();
        let (name, compressed) = name.strip_suffix(COMPRESSED).map_or((name, false), |name| (name, true));
        let stamp = name.strip_prefix(&start)?.strip_suffix(&end)?;
        let (seconds, millis) = stamp.split_once('.').filter(|(_, millis)| millis.len() == 3)?;
        let time = Offset::UTC.to_timestamp(DateTime::strptime(STAMP, seconds).ok()?).ok()?;
        Some((time.checked_add(Duration::from_millis(millis.parse().ok()?)).ok()?, compressed))
    }

    /// All backups, the newest first.
    fn list(&self) -> io::Result<Vec<Backup>> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut backups = Vec::new();
        for entry in fs::read_dir(directory.unwrap_or(Path::new(".")))? {
            let entry = entry?;
            if let Some((time, compressed)) = entry.file_name().to_str().and_then(|name| self.parse(name)) {
                backups.push(Backup { path: entry.path(), time, compressed });
            }
        }
        backups.sort_by_key(|backup| std::cmp::Reverse(backup.time));
        Ok(backups)
    }

    /// Deletes what is too old or too much, and compresses the rest.
    fn clean(&self, rotation: &Rotation, now: SystemTime) {
        let _busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        // What cannot be read, deleted or compressed now is tried again after the next rotation.
        let Ok(backups) = self.list() else { return };
        let oldest = rotation.max_age.and_then(|age| Timestamp::try_from(now.checked_sub(age)?).ok());
        let (mut kept, mut last) = (0, None);
        for backup in backups {
            // One that is being compressed, or was left half so, is there twice.
            if last != Some(backup.time) {
                kept += 1;
            }
            last = Some(backup.time);
            let surplus = rotation.max_backups > 0 && kept > rotation.max_backups;
            if surplus || oldest.is_some_and(|oldest| backup.time < oldest) {
                let _ = fs::remove_file(&backup.path);
            } else if !backup.compressed {
                let _ = compress(&backup.path);
            }
        }
    }
}

/// Replaces a file by its compressed form, which has the same mode and owner.
fn compress(path: &Path) -> io::Result<()> {
    let mut source = File::open(path)?;
    let old = source.metadata()?;
    let mut target = path.as_os_str().to_owned();
    target.push(COMPRESSED);
    let mode = old.mode() & 0o7777;
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&target)?;
    let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
    let mut encoder = GzEncoder::new(file, Compression::default());
    let written =
        io::copy(&mut source, &mut encoder).and_then(|_| encoder.finish()).and_then(|file| file.sync_all());
    match written {
        Ok(()) => fs::remove_file(path),
        Err(error) => {
            let _ = fs::remove_file(&target);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests;
