//! The thread of the file provider: it waits, decides when to look, and sends what it finds.
//!
//! A change that is made in one step (a rename, a link, a removal) or that is known to be finished (the writer has
//! closed the file) is looked at without delay; further ones that follow at once are looked at together. A file that is
//! being written keeps what it said before until its writer closes it or pauses. Reports may get lost, and network
//! file systems make none, so the stamps of all files are compared now and then.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use ferroway_config::Problem;
use tracing::{error, warn};

use super::document::Quality;
use super::load::{Files, Reread};
use super::policy::{Served, decide};
use super::tree::is_version_directory;
use super::{NAME, Options, Pace};
use crate::provider::{ConfigSender, Message};
use crate::watch::{Interest, Mailbox, Report, Stamp, Watcher};

/// A file that is being written.
#[derive(Clone, Copy, Debug)]
struct Writing {
    since: Instant,
    last: Instant,
    stamp: Option<Stamp>,
}

impl Writing {
    /// When the writer has paused for long enough.
    fn settles(&self, pace: Pace) -> Instant {
        (self.last + pace.quiet).min(self.since + pace.longest_write)
    }
}

/// Follows the files on its own thread.
#[derive(Debug)]
pub(super) struct Follower {
    files: Files,
    pace: Pace,
    /// None where changes are not followed.
    watcher: Option<Watcher>,
    mailbox: Arc<Mailbox>,
    out: ConfigSender,
    writing: HashMap<PathBuf, Writing>,
    /// Something has changed since the last look.
    changed: bool,
    last_look: Instant,
    next_poll: Instant,
    look_again: Option<Instant>,
    sent: Option<Sent>,
}

/// What was sent last.
#[derive(Debug)]
struct Sent {
    served: Served,
    problems: Vec<Problem>,
}

impl Follower {
    pub(super) fn new(options: Options, mailbox: Arc<Mailbox>, out: ConfigSender) -> Self {
        let (now, pace) = (Instant::now(), options.pace);
        Self {
            files: Files::new(options.root, pace.doubt, options.log_templates),
            pace,
            watcher: options.watch.then(|| Watcher::new(Interest::Writes, Arc::clone(&mailbox))),
            mailbox,
            out,
            writing: HashMap::new(),
            changed: false,
            last_look: now,
            next_poll: now + pace.poll,
            look_again: None,
            sent: None,
        }
    }

    /// Runs until the mailbox says stop or nobody listens.
    pub(super) fn run(mut self) {
        let mut listened_to = self.look(Reread::Nothing);
        while listened_to {
            let mail = self.mailbox.take(self.deadline());
            if mail.stop {
                return;
            }
            for report in mail.reports {
                self.note(report);
            }
            let now = Instant::now();
            self.settle(now);
            if self.watcher.is_some() && now >= self.next_poll {
                self.poll(now);
            }
            if mail.reload {
                listened_to = self.look(Reread::Everything);
            } else if self.is_time_to_look(now) {
                listened_to = self.look(Reread::Nothing);
            }
        }
    }

    /// When something is to be done although nothing is reported.
    fn deadline(&self) -> Option<Instant> {
        let poll = self.watcher.as_ref().map(|_| self.next_poll);
        let retry = self.watcher.as_ref().and_then(Watcher::retry_at);
        let look = self.changed.then(|| self.last_look + self.pace.burst);
        let settle = self.writing.values().map(|writing| writing.settles(self.pace)).min();
        [poll, retry, look, settle, self.look_again].into_iter().flatten().min()
    }

    fn is_time_to_look(&self, now: Instant) -> bool {
        let retry = self.watcher.as_ref().and_then(Watcher::retry_at);
        (self.changed && now >= self.last_look + self.pace.burst)
            || [self.look_again, retry].into_iter().flatten().any(|at| now >= at)
    }

    fn note(&mut self, report: Report) {
        if let Report::Writing(path) | Report::Written(path) | Report::Changed(path) = &report {
            self.files.stir(path);
        }
        match report {
            Report::Writing(path) if self.files.is_file_of_interest(&path) => self.note_writing(path),
            Report::Written(path) if self.files.is_file_of_interest(&path) => {
                self.writing.remove(&path);
                self.changed = true;
            }
            Report::Changed(path) => {
                if let Some(watcher) = &mut self.watcher {
                    watcher.lost(&path);
                }
                if self.may_matter(&path) {
                    self.writing.remove(&path);
                    self.changed = true;
                }
            }
            Report::Touched(path) => {
                self.changed |= !self.writing.contains_key(&path) && self.may_matter(&path)
            }
            Report::Lost => self.changed = true,
            Report::Trouble(message) => {
                warn!(error = message, "The watch for changes reports an error");
                self.changed = true;
            }
            Report::Writing(_) | Report::Written(_) => {}
        }
    }

    fn note_writing(&mut self, path: PathBuf) {
        let (now, stamp) = (Instant::now(), Stamp::read(&path));
        let writing = self.writing.entry(path).or_insert(Writing { since: now, last: now, stamp });
        (writing.last, writing.stamp) = (now, stamp);
    }

    /// True for a name whose change can change what the files say: a file, a folder, or a link that leads to either
    /// (Kubernetes swaps one named `..data`). Not for the temporary files that editors leave around.
    fn may_matter(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.files.is_file_of_interest(path)
            || is_version_directory(&name)
            || !name.contains('.')
            || self.files.is_directory(path)
    }

    /// Ends the writes whose writer has paused.
    fn settle(&mut self, now: Instant) {
        let (pace, mut settled) = (self.pace, false);
        self.writing.retain(|path, writing| {
            if now < writing.settles(pace) {
                return true;
            }
            let stamp = Stamp::read(path);
            if stamp != writing.stamp && now < writing.since + pace.longest_write {
                // Still being written, by a way that is not reported.
                (writing.last, writing.stamp) = (now, stamp);
                return true;
            }
            settled = true;
            false
        });
        self.changed |= settled;
    }

    /// Compares all stamps. A file with another one may be half written, so its writer gets time.
    fn poll(&mut self, now: Instant) {
        self.next_poll = now + self.pace.poll;
        self.changed |= self.files.has_unreadable();
        for path in self.files.changed() {
            if self.writing.contains_key(&path) {
                continue;
            }
            match Stamp::read(&path) {
                Some(_) if !self.files.is_directory(&path) => self.note_writing(path),
                _ => self.changed = true,
            }
        }
    }

    /// Looks at the files and sends what is new. False when nobody listens any more.
    fn look(&mut self, reread: Reread) -> bool {
        self.changed = false;
        let writing = &self.writing;
        let mut watcher = self.watcher.as_mut();
        if let Some(watcher) = &mut watcher {
            watcher.begin();
        }
        let found = self.files.load(reread, &|path| writing.contains_key(path), &mut |directory, stamp| {
            if let Some(watcher) = &mut watcher {
                watcher.watch(directory, stamp);
            }
        });
        if let Some(watcher) = watcher {
            watcher.end(self.files.directories());
        }
        self.last_look = Instant::now();
        self.look_again = found.look_again;
        let served = self.sent.as_ref().map(|sent| &sent.served);
        let (decided, complete) = decide(served, &found.config, found.quality);
        let is_new = self.sent.as_ref().is_none_or(|sent| {
            !Arc::ptr_eq(&sent.served.config, &decided.config)
                || sent.served.complete != decided.complete
                || sent.problems != found.problems
        });
        if !is_new {
            return true;
        }
        self.log(&found.problems, found.quality, served);
        let message = Message {
            provider: NAME.into(),
            config: Arc::clone(&decided.config),
            problems: found.problems.clone(),
            complete,
        };
        self.sent = Some(Sent { served: decided, problems: found.problems });
        self.out.send(message)
    }

    /// Logs the problems that were not there before, and what is done about errors.
    fn log(&self, problems: &[Problem], quality: Quality, served: Option<&Served>) {
        let known: &[Problem] = self.sent.as_ref().map_or(&[], |sent| &sent.problems);
        let mut has_new_error = false;
        for problem in problems.iter().filter(|problem| !known.contains(problem)) {
            let traefik = problem.traefik.as_deref().unwrap_or_default();
            if !problem.is_error() {
                warn!(problem = %problem, traefik, "Problem in a configuration file");
            } else if served.is_none() {
                has_new_error = true;
                error!(error = %problem, traefik, "Error while building configuration (for the first time)");
            } else {
                has_new_error = true;
                error!(error = %problem, traefik, "Error occurred during watcher callback");
            }
        }
        if !has_new_error {
            return;
        }
        match (quality, served) {
            (_, None) => warn!("What is right in the configuration files runs without what is wrong"),
            (Quality::Flawed, Some(served)) if !served.complete => {
                warn!("What is right in the configuration files runs without what is wrong");
            }
            _ => warn!("The last good configuration goes on running until the errors are gone"),
        }
    }
}
