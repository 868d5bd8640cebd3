//! What a thread that follows files waits for: reports of changes, orders to reload, the end.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Reports kept one by one. With more of them at once, everything is looked at.
const MAX_REPORTS: usize = 4096;

/// A change that was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// A file is being written and may be half done.
    Writing(PathBuf),
    /// A file was written and closed.
    Written(PathBuf),
    /// A name appeared, disappeared or stands for something else, in one step.
    Changed(PathBuf),
    /// Owner, rights or times of a name changed.
    Touched(PathBuf),
    /// Reports were lost.
    Lost,
    /// The watcher has trouble.
    Trouble(String),
}

/// What has arrived.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// In the order in which they happened.
    pub(crate) reports: Vec<Report>,
    pub(crate) reload: bool,
    pub(crate) stop: bool,
}

impl Mail {
    fn is_empty(&self) -> bool {
        self.reports.is_empty() && !self.reload && !self.stop
    }
}

/// Filled by the watcher and by whoever gives orders, emptied by the thread.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    mail: Mutex<Mail>,
    arrived: Condvar,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Mail> {
        // Nothing that holds the lock can panic half way.
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn report(&self, report: Report) {
        let mut mail = self.lock();
        if mail.reports.last() == Some(&report) {
            return;
        }
        if mail.reports.len() == MAX_REPORTS {
            mail.reports = vec![Report::Lost];
        }
        mail.reports.push(report);
        drop(mail);
        self.arrived.notify_one();
    }

    pub(crate) fn reload(&self) {
        self.lock().reload = true;
        self.arrived.notify_one();
    }

    pub(crate) fn stop(&self) {
        self.lock().stop = true;
        self.arrived.notify_one();
    }

    /// Takes what has arrived, or what arrives until the deadline; without a deadline waits for something.
    pub(crate) fn take(&self, deadline: Option<Instant>) -> Mail {
        let mut mail = self.lock();
        while mail.is_empty() {
            match deadline {
                None => mail = self.arrived.wait(mail).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|t| !t.is_zero())
                    else {
                        break;
                    };
                    mail = self.arrived.wait_timeout(mail, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        // An end stays an end, however often it is read.
        let stop = mail.stop;
        std::mem::replace(&mut *mail, Mail { stop, ..Mail::default() })
    }
}
