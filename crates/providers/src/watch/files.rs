//! Single files, wherever they are: who asks is told which of them may say something else now.
//!
//! A file is looked at through links. What is watched are the folder of its name and the folder of what the name leads
//! to; the stamps of all files are compared now and then for what no watch shows.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tracing::{error, warn};

use super::folders::{Interest, Watcher};
use super::mailbox::{Mailbox, Report};
use super::stamp::Stamp;

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// For writers to go on: a certificate and its key are often written one after the other.
    pub(super) quiet: Duration,
    /// At most, for writers that do not pause.
    pub(super) longest: Duration,
    /// Between two looks at the stamps of all files.
    pub(super) poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(200),
            longest: Duration::from_secs(2),
            poll: Duration::from_secs(2),
        }
    }
}

/// Follows a set of files on a thread of its own, which is there once there is a file to follow.
#[derive(Debug)]
pub struct FileWatch {
    shared: Arc<Shared>,
    pace: Pace,
    files: BTreeSet<PathBuf>,
    is_running: bool,
}

#[derive(Debug, Default)]
struct Shared {
    mailbox: Arc<Mailbox>,
    orders: Mutex<Orders>,
    changed: Mutex<BTreeSet<PathBuf>>,
    has_changed: Notify,
}

/// What the thread is told.
#[derive(Debug, Default)]
struct Orders {
    files: Option<BTreeSet<PathBuf>>,
    all: bool,
}

impl Default for FileWatch {
    fn default() -> Self {
        Self::with_pace(Pace::default())
    }
}

impl FileWatch {
    pub(super) fn with_pace(pace: Pace) -> Self {
        Self { shared: Arc::default(), pace, files: BTreeSet::new(), is_running: false }
    }

    /// Follows these files from now on. Each that was not followed before is reported once, as it may have changed
    /// since it was read.
    pub fn follow(&mut self, files: BTreeSet<PathBuf>) {
        if self.files == files {
            return;
        }
        if !self.is_running && !files.is_empty() {
            let follower = Follower::new(Arc::clone(&self.shared), self.pace);
            let thread = thread::Builder::new().name("file-watch".to_owned());
            match thread.spawn(move || follower.run()) {
                Ok(_) => self.is_running = true,
                Err(error) => error!(%error, "Cannot follow the files that the configuration names"),
            }
        }
        if self.is_running {
            lock(&self.shared.orders).files = Some(files.clone());
            self.shared.mailbox.reload();
        }
        self.files = files;
    }

    /// Reports all files, changed or not.
    pub fn reload(&self) {
        if self.is_running {
            lock(&self.shared.orders).all = true;
            self.shared.mailbox.reload();
        }
    }

    /// Waits for changes and tells the files. Nothing is lost if the wait is given up.
    pub async fn changed(&self) -> Vec<PathBuf> {
        loop {
            let changed = std::mem::take(&mut *lock(&self.shared.changed));
            if !changed.is_empty() {
                return changed.into_iter().collect();
            }
            self.shared.has_changed.notified().await;
        }
    }
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        self.shared.mailbox.stop();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds the lock can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Changes whose writers may not be done.
#[derive(Clone, Copy, Debug)]
struct Unrest {
    since: Instant,
    last: Instant,
}

/// The thread.
#[derive(Debug)]
struct Follower {
    shared: Arc<Shared>,
    pace: Pace,
    watcher: Watcher,
    /// With what each looked like when it was reported last; none for one that is not there.
    files: HashMap<PathBuf, Option<Stamp>>,
    /// The names under which changes of a file are reported.
    names: HashMap<PathBuf, Vec<PathBuf>>,
    /// Files that were written to.
    written: BTreeSet<PathBuf>,
    /// Some name changed; what it means for the files is seen by their stamps.
    compare: bool,
    unrest: Option<Unrest>,
    next_poll: Instant,
}

impl Follower {
    fn new(shared: Arc<Shared>, pace: Pace) -> Self {
        Self {
            watcher: Watcher::new(Interest::Outcomes, Arc::clone(&shared.mailbox)),
            shared,
            pace,
            files: HashMap::new(),
            names: HashMap::new(),
            written: BTreeSet::new(),
            compare: false,
            unrest: None,
            next_poll: Instant::now() + pace.poll,
        }
    }

    fn run(mut self) {
        loop {
            let mail = self.shared.mailbox.take(Some(self.deadline()));
            if mail.stop {
                return;
            }
            if mail.reload {
                self.take_orders();
            }
            for report in mail.reports {
                self.note(report);
            }
            let now = Instant::now();
            if now >= self.next_poll {
                self.poll(now);
            }
            if self.settles().is_some_and(|at| now >= at) {
                self.tell();
            }
        }
    }

    fn deadline(&self) -> Instant {
        self.settles().map_or(self.next_poll, |settles| settles.min(self.next_poll))
    }

    fn settles(&self) -> Option<Instant> {
        let unrest = self.unrest?;
        Some((unrest.last + self.pace.quiet).min(unrest.since + self.pace.longest))
    }

    fn take_orders(&mut self) {
        let Orders { files, all } = std::mem::take(&mut *lock(&self.shared.orders));
        let mut report = BTreeSet::new();
        if let Some(files) = files {
            self.files.retain(|file, _| files.contains(file));
            report.extend(files.into_iter().filter(|file| !self.files.contains_key(file)));
            self.files.extend(report.iter().map(|file| (file.clone(), None)));
            self.watch();
        }
        if all {
            report.extend(self.files.keys().cloned());
        }
        // After the watches are there, so that nothing is missed.
        self.report(report);
    }

    fn note(&mut self, report: Report) {
        match report {
            Report::Writing(path) | Report::Written(path) | Report::Touched(path) => {
                let Some(files) = self.names.get(&path) else { return };
                self.written.extend(files.iter().cloned());
            }
            Report::Changed(path) => {
                self.watcher.lost(&path);
                self.compare = true;
            }
            Report::Lost => self.compare = true,
            Report::Trouble(message) => {
                warn!(error = message, "The watch for changes reports an error");
                self.compare = true;
            }
        }
        self.stir(Instant::now());
    }

    fn stir(&mut self, now: Instant) {
        self.unrest.get_or_insert(Unrest { since: now, last: now }).last = now;
    }

    /// Compares the stamps of all files; the writer of one with another stamp gets time.
    fn poll(&mut self, now: Instant) {
        self.next_poll = now + self.pace.poll;
        let changed = self.with_other_stamps();
        if !changed.is_subset(&self.written) {
            self.written.extend(changed);
            self.stir(now);
        } else if self.watcher.retry_at().is_some_and(|at| now >= at) {
            self.watch();
        }
    }

    fn with_other_stamps(&self) -> BTreeSet<PathBuf> {
        let changed = self.files.iter().filter(|(file, stamp)| Stamp::read(file) != **stamp);
        changed.map(|(file, _)| file.clone()).collect()
    }

    /// Reports what has settled.
    fn tell(&mut self) {
        self.unrest = None;
        let mut changed = std::mem::take(&mut self.written);
        if std::mem::take(&mut self.compare) {
            changed.extend(self.with_other_stamps());
        }
        changed.retain(|file| self.files.contains_key(file));
        if !changed.is_empty() {
            // A link may lead somewhere else, a folder may be another one.
            self.watch();
            self.report(changed);
        }
    }

    fn report(&mut self, changed: BTreeSet<PathBuf>) {
        if changed.is_empty() {
            return;
        }
        for file in &changed {
            self.files.insert(file.clone(), Stamp::read(file));
        }
        lock(&self.shared.changed).extend(changed);
        self.shared.has_changed.notify_one();
    }

    /// Watches the folders in which changes of the files can be seen.
    fn watch(&mut self) {
        let mut folders = HashMap::new();
        self.names.clear();
        self.watcher.begin();
        for file in self.files.keys() {
            let real = file.canonicalize().ok();
            for name in std::iter::once(file).chain(&real) {
                let folder = folder_of(name);
                let Some(base) = name.file_name() else { continue };
                self.names.entry(folder.join(base)).or_default().push(file.clone());
                if folders.contains_key(folder) {
                    continue;
                }
                if let Some(stamp) = Stamp::read(folder) {
                    self.watcher.watch(folder, stamp);
                    folders.insert(folder.to_owned(), stamp);
                }
            }
        }
        self.watcher.end(&folders);
    }
}

/// The folder that a name stands in; the current one for a name alone.
fn folder_of(name: &Path) -> &Path {
    name.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}
