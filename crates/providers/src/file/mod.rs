//! `providers.file`: configuration from a file, or from the files of a folder and its sub-folders.
//!
//! All work is done on a thread of its own, because reading files blocks: [`follow`] waits for what [`crate::watch`]
//! reports and decides when to look, [`tree`] finds the files, [`document`] reads one, [`load`] keeps all of them,
//! [`merge`] makes one configuration of them and [`policy`] decides whether that one is to run.
//! Source: compatibility reference 7.2.

mod document;
mod follow;
mod load;
mod merge;
mod policy;
#[cfg(test)]
mod tests;
mod tree;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ferroway_config::Format;
use ferroway_config::static_config::{self, Providers};
use ferroway_core::{Phase, ShutdownWatch};
use tokio::sync::oneshot;

use crate::provider::{ConfigSender, Provider, ProviderError, ProviderFuture};
use crate::reload::{Reload, ReloadWatch};
use crate::watch::Mailbox;
use follow::Follower;
use tree::Root;

/// The provider's name.
const NAME: &str = "file";

/// Reads configuration from files and follows their changes.
#[derive(Debug)]
pub struct FileProvider {
    options: Options,
    reload: ReloadWatch,
}

/// What the static configuration says.
#[derive(Debug)]
struct Options {
    root: Root,
    watch: bool,
    log_templates: bool,
    pace: Pace,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// For a writer that has paused to go on.
    quiet: Duration,
    /// For a file that is empty or away to come back. Programs that save in place empty a file before they fill it,
    /// and editors that keep a backup move the old file away before they write the new one.
    doubt: Duration,
    /// At most, for a writer that neither closes its file nor pauses.
    longest_write: Duration,
    /// Between two looks while changes come thick and fast.
    burst: Duration,
    /// Between two looks at the stamps of all files.
    poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(100),
            doubt: Duration::from_millis(250),
            longest_write: Duration::from_secs(2),
            burst: Duration::from_millis(20),
            poll: Duration::from_secs(2),
        }
    }
}

/// The provider that the static configuration asks for.
pub(crate) fn build(
    providers: &Providers,
    reload: &Reload,
) -> Option<Result<Box<dyn Provider>, ProviderError>> {
    let options = providers.file.as_ref()?;
    Some(FileProvider::new(options, reload).map(|provider| Box::new(provider) as Box<dyn Provider>))
}

impl FileProvider {
    /// A provider for `directory`, or for `filename` where no directory is given.
    ///
    /// # Errors
    /// Neither is given, or the file's extension says no known format.
    pub fn new(options: &static_config::FileProvider, reload: &Reload) -> Result<Self, ProviderError> {
        let root = match (&*options.directory, &*options.filename) {
            ("", "") => {
                let message = "neither filename nor directory is defined";
                return Err(ProviderError::Configuration(message.to_owned()));
            }
            ("", filename) if Format::of_file_name(filename).is_none() => {
                let message = format!("filename {filename:?}: expected the extension .toml, .yaml or .yml");
                return Err(ProviderError::Configuration(message));
            }
            ("", filename) => Root::File(PathBuf::from(filename)),
            (directory, _) => Root::Directory(PathBuf::from(directory)),
        };
        let log_templates = options.debug_log_generated_template;
        let options = Options { root, watch: options.watch, log_templates, pace: Pace::default() };
        Ok(Self { options, reload: reload.watch() })
    }
}

impl Provider for FileProvider {
    fn name(&self) -> &str {
        NAME
    }

    fn run(self: Box<Self>, out: ConfigSender, mut shutdown: ShutdownWatch) -> ProviderFuture {
        let Self { options, mut reload } = *self;
        Box::pin(async move {
            let mailbox = Arc::new(Mailbox::default());
            // Also when this future is dropped, the thread ends.
            let _stop = StopOnDrop(Arc::clone(&mailbox));
            let (ended, mut has_ended) = oneshot::channel::<()>();
            let follower = Follower::new(options, Arc::clone(&mailbox), out.clone());
            thread::Builder::new()
                .name("file-provider".to_owned())
                .spawn(move || {
                    follower.run();
                    drop(ended);
                })
                .map_err(|error| {
                    ProviderError::System("cannot start a thread for the file provider", error)
                })?;
            loop {
                tokio::select! {
                    // Whoever stops listening ends the thread too, and that is no accident.
                    biased;
                    () = shutdown.reached(Phase::Draining) => break,
                    () = out.closed() => break,
                    () = reload.ordered() => mailbox.reload(),
                    _ = &mut has_ended => return Err(ProviderError::Ended),
                }
            }
            mailbox.stop();
            let _ = has_ended.await;
            Ok(())
        })
    }
}

/// Ends the thread that reads the mailbox.
struct StopOnDrop(Arc<Mailbox>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
