//! The file provider on real folders with real change reports. Nothing sleeps: tests wait for messages.

mod follow;
mod load;
mod parts;
mod save_styles;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ferroway_config::static_config;
use ferroway_core::{Phase, Shutdown};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{FileProvider, Pace};
use crate::{ConfigReceiver, Message, Provider, ProviderError, Reload, channel};

/// How long a message may take before a test fails; far more than any takes.
const DEADLINE: Duration = Duration::from_secs(20);

/// A document with routers, each with the path `/` and its name.
fn yaml(routers: &[&str]) -> String {
    let mut text = String::from("http:\n  routers:\n");
    for name in routers {
        text += &format!("    {name}:\n      rule: \"Path(`/{name}`)\"\n      service: s\n");
    }
    text
}

/// Writes a file as careful programs do: another file, then a rename.
fn put(path: &Path, text: &str) {
    let temporary = path.with_extension("tmp~");
    fs::write(&temporary, text).unwrap();
    fs::rename(&temporary, path).unwrap();
}

/// The names of the routers in a message.
fn routers(message: &Message) -> BTreeSet<String> {
    message.config.http.routers.keys().cloned().collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// For tests that must not take their own pauses for the end of a write.
fn patient() -> Pace {
    Pace {
        quiet: Duration::from_secs(3),
        doubt: Duration::from_secs(3),
        longest_write: DEADLINE,
        ..Pace::default()
    }
}

/// What the provider of a test is to do.
fn options(directory: &str, filename: &str) -> static_config::FileProvider {
    static_config::FileProvider {
        directory: directory.to_owned(),
        filename: filename.to_owned(),
        ..static_config::FileProvider::default()
    }
}

/// A running provider.
struct Running {
    receiver: ConfigReceiver,
    shutdown: Shutdown,
    reload: Reload,
    task: JoinHandle<Result<(), ProviderError>>,
}

impl Running {
    fn start(options: &static_config::FileProvider) -> Self {
        Self::start_with(options, Pace { poll: Duration::from_millis(500), ..Pace::default() })
    }

    fn start_with(options: &static_config::FileProvider, pace: Pace) -> Self {
        let (sender, receiver) = channel();
        let (shutdown, watch) = Shutdown::new();
        let reload = Reload::new();
        let mut provider = Box::new(FileProvider::new(options, &reload).unwrap());
        provider.options.pace = pace;
        Self { receiver, shutdown, reload, task: tokio::spawn(provider.run(sender, watch)) }
    }

    /// Follows a folder.
    fn directory(path: &Path) -> Self {
        Self::start(&options(path.to_str().unwrap(), ""))
    }

    /// Follows a file.
    fn file(path: &Path) -> Self {
        Self::start(&options("", path.to_str().unwrap()))
    }

    async fn next(&mut self) -> Message {
        let message = tokio::time::timeout(DEADLINE, self.receiver.recv()).await;
        message.expect("no message came").expect("the provider has ended")
    }

    /// Messages until one fulfils the condition; each of them passes `check`.
    async fn until(&mut self, check: impl Fn(&Message), done: impl Fn(&Message) -> bool) -> Message {
        loop {
            let message = self.next().await;
            check(&message);
            if done(&message) {
                return message;
            }
        }
    }

    /// Waits for a message with just these routers, complete.
    async fn routers(&mut self, wanted: &[&str]) -> Message {
        let wanted = names(wanted);
        self.until(|_| {}, |message| message.complete && routers(message) == wanted).await
    }

    async fn stop(self) {
        self.shutdown.advance(Phase::Draining);
        let ended = tokio::time::timeout(DEADLINE, self.task).await.expect("the provider does not end");
        ended.unwrap().unwrap();
    }
}

/// A temporary folder with a file, and that file's path.
fn folder_with(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}
