//! The watch over folders: which are watched, what their events mean, and what happens when watching fails.
//!
//! Folders are watched and never files: a file's own watch dies when it is replaced. Sub-folders get watches of
//! their own when a look at the tree meets them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RenameMode};
use notify::{Config, Event, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher as _};
use tracing::{info, warn};

use super::mailbox::{Mailbox, Report};
use super::stamp::Stamp;

/// The first wait before a failed watch is tried again; each further one is twice as long.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// The longest wait before a failed watch is tried again.
const LAST_RETRY: Duration = Duration::from_secs(60);

/// What is reported of folders. Whatever else happens in them costs nothing: other programs may read their files, or
/// write their logs there, all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Names that come, go or change, and files that were written and closed.
    Outcomes,
    /// Each write, too.
    Writes,
}

impl Interest {
    pub(super) fn events(self) -> EventKindMask {
        // Only Linux tells of files that are closed.
        let writes = self == Self::Writes || !cfg!(target_os = "linux");
        let outcomes =
            EventKindMask::CORE.difference(EventKindMask::MODIFY_DATA) | EventKindMask::ACCESS_CLOSE;
        if writes { outcomes | EventKindMask::MODIFY_DATA } else { outcomes }
    }
}

/// Watches folders and reports into a mailbox.
#[derive(Debug)]
pub(crate) struct Watcher {
    interest: Interest,
    mailbox: Arc<Mailbox>,
    inner: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, Stamp>,
    trouble: Option<Trouble>,
}

/// Something could not be watched.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    delay: Duration,
    retry_at: Instant,
    /// It has happened again since the retry.
    again: bool,
}

impl Watcher {
    pub(crate) fn new(interest: Interest, mailbox: Arc<Mailbox>) -> Self {
        Self { interest, mailbox, inner: None, watched: HashMap::new(), trouble: None }
    }

    /// When everything should be looked at, to watch what could not be watched.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.trouble.map(|trouble| trouble.retry_at)
    }

    /// Begins a look at the tree; [`Watcher::watch`] is called for each folder, then [`Watcher::end`].
    pub(crate) fn begin(&mut self) {
        if let Some(trouble) = &mut self.trouble {
            trouble.again = Instant::now() < trouble.retry_at;
        }
    }

    /// Watches a folder, unless it is watched already. While trouble is fresh, nothing new is tried.
    pub(crate) fn watch(&mut self, directory: &Path, stamp: Stamp) {
        if self.watched.get(directory).is_some_and(|known| known.is_same_object(&stamp)) {
            return;
        }
        if self.trouble.is_some_and(|trouble| trouble.again) {
            return;
        }
        match self.try_watch(directory) {
            Ok(()) => {
                self.watched.insert(directory.to_owned(), stamp);
            }
            Err(error) => self.fail(directory, &error),
        }
    }

    fn try_watch(&mut self, directory: &Path) -> notify::Result<()> {
        let inner = match &mut self.inner {
            Some(inner) => inner,
            None => {
                let mailbox = Arc::clone(&self.mailbox);
                let report = move |event: notify::Result<Event>| report_event(&mailbox, event);
                let config = Config::default().with_event_kinds(self.interest.events());
                self.inner.insert(RecommendedWatcher::new(report, config)?)
            }
        };
        if self.watched.remove(directory).is_some() {
            // The folder of that name is another one now; its watch may have died with it.
            let _ = inner.unwatch(directory);
        }
        inner.watch(directory, RecursiveMode::NonRecursive)
    }

    fn fail(&mut self, directory: &Path, error: &notify::Error) {
        let delay = self.trouble.map_or(FIRST_RETRY, |trouble| (trouble.delay * 2).min(LAST_RETRY));
        if self.trouble.is_none() {
            warn!(
                directory = %directory.display(),
                error = %error,
                "Cannot watch for changes, looking every two seconds instead"
            );
        }
        self.trouble = Some(Trouble { delay, retry_at: Instant::now() + delay, again: true });
    }

    /// Ends a look at the tree, of which `directories` are all folders.
    pub(crate) fn end(&mut self, directories: &HashMap<PathBuf, Stamp>) {
        if self.trouble.is_some_and(|trouble| !trouble.again) {
            self.trouble = None;
            info!("Watching for changes again");
        }
        let inner = &mut self.inner;
        self.watched.retain(|directory, _| {
            let stays = directories.contains_key(directory);
            if !stays && let Some(inner) = inner {
                let _ = inner.unwatch(directory);
            }
            stays
        });
    }

    /// The folder of that name was moved or removed; if there is one again, it needs a new watch.
    pub(crate) fn lost(&mut self, directory: &Path) {
        if self.watched.remove(directory).is_some()
            && let Some(inner) = &mut self.inner
        {
            let _ = inner.unwatch(directory);
        }
    }
}

fn report_event(mailbox: &Mailbox, event: notify::Result<Event>) {
    let event = match event {
        Ok(event) => event,
        Err(error) => return mailbox.report(Report::Trouble(error.to_string())),
    };
    if event.need_rescan() {
        mailbox.report(Report::Lost);
    }
    for path in event.paths {
        if let Some(report) = meaning(event.kind, path) {
            mailbox.report(report);
        }
    }
}

/// What an event says about a path.
fn meaning(kind: EventKind, path: PathBuf) -> Option<Report> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Report::Written(path)),
        EventKind::Access(_) => None,
        // Both halves of a rename have been reported one by one.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => None,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => Some(Report::Changed(path)),
        EventKind::Modify(ModifyKind::Metadata(_)) => Some(Report::Touched(path)),
        EventKind::Modify(_) => Some(Report::Writing(path)),
        EventKind::Create(CreateKind::Folder) => Some(Report::Changed(path)),
        // A link is there at once and as a whole; a file that is created will be written.
        EventKind::Create(_) if path.is_symlink() => Some(Report::Changed(path)),
        EventKind::Create(_) => Some(Report::Writing(path)),
        EventKind::Any | EventKind::Other => Some(Report::Changed(path)),
    }
}
