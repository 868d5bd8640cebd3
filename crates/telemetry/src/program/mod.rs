//! The program log: what ferroway says about its own work (specification section 1.7, `log`).
//!
//! Everybody logs through the macros of `tracing`, with Traefik's field names (`entryPointName`,
//! `routerName`, `serviceName`, `middlewareName`, `middlewareType`, `providerName`, `error`). A
//! [`LogLayer`] writes each event as one line, in the shapes that Traefik's logger (zerolog) has.
//! Fields of the spans around an event are part of its line.

mod fields;
mod format;
mod layer;
mod level;
mod output;
mod rotate;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use self::layer::LogLayer;
pub use self::level::{InvalidLogLevel, LogLevel};

use self::format::Format;
use self::layer::Shared;
use self::output::Output;
use self::rotate::{RotatingFile, Rotation};

/// `log`. Words are as the user wrote them.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// `level`, in any case: `ERROR` (default), `TRACE`, `DEBUG`, `INFO`, `WARN`, `FATAL` or `PANIC`.
    /// Any other word is reported and counts as `ERROR`.
    pub level: String,
    /// `format`: `json`, or the console format, which any other word stands for.
    pub format: String,
    /// `noColor`: no colours in the console format. Files and what is no terminal never get any.
    // Traefik: colours its lines also for a pipe or a redirected output, which litters the logs of
    // containers and services (format::tests::only_terminals_get_colors).
    pub no_color: bool,
    /// `filePath`: where lines go; the standard output when `None` or empty.
    pub file_path: Option<PathBuf>,
    /// `maxSize`: megabytes after which a file is rotated; 0 is 100.
    pub max_size: u64,
    /// `maxAge`: days after which a rotated file is deleted; 0 is never.
    pub max_age: u64,
    /// `maxBackups`: how many rotated files are kept; 0 is all. They are compressed whatever the
    /// option `compress` says, as in Traefik.
    pub max_backups: usize,
}

/// Why the program log cannot be started or opened anew.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file or its directory cannot be made or opened.
    #[error("cannot open the log file {path:?}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The standard output is not usable.
    #[error("cannot log to the standard output")]
    Stdout(#[source] io::Error),
    /// The process already has a log.
    #[error("a log is already installed")]
    Installed,
}

/// Controls a running log. Clones control the same one; the log itself lives as long as the process.
#[derive(Clone)]
pub struct LogHandle {
    shared: Arc<Shared>,
}

/// Makes this the log of the whole process. An invalid level is reported in the log itself.
pub fn init(options: &LogOptions) -> Result<LogHandle, LogError> {
    let (layer, handle) = layer(options)?;
    tracing_subscriber::registry().with(layer).try_init().map_err(|_| LogError::Installed)?;
    if let Err(error) = options.level.parse::<LogLevel>() {
        tracing::error!(%error, logLevel = options.level, "invalid log level, using ERROR");
    }
    Ok(handle)
}

/// The log as a layer, for use with other layers. An invalid level counts as `ERROR`.
pub fn layer(options: &LogOptions) -> Result<(LogLayer, LogHandle), LogError> {
    let (output, terminal) = match &options.file_path {
        Some(path) if !path.as_os_str().is_empty() => {
            let rotation = Rotation::new(options.max_size, options.max_age, options.max_backups);
            let opened = RotatingFile::open(path.clone(), rotation);
            let file = opened.map_err(|source| LogError::Open { path: path.clone(), source })?;
            (Output::File(file), false)
        }
        _ => (Output::stdout().map_err(LogError::Stdout)?, io::stdout().is_terminal()),
    };
    let format = Format::new(options, terminal);
    let level = options.level.parse().unwrap_or_default();
    let shared = Arc::new(Shared::new(level, format, TimeZone::system(), output));
    Ok((LogLayer::new(Arc::clone(&shared)), LogHandle { shared }))
}

impl LogHandle {
    /// What is logged from now on.
    pub fn set_level(&self, level: LogLevel) {
        self.shared.set_level(level);
        tracing::callsite::rebuild_interest_cache();
    }

    /// What is logged.
    pub fn level(&self) -> LogLevel {
        self.shared.level()
    }

    /// Opens the file anew, for when it was renamed. On an error the old one stays in use. The standard
    /// output is left alone. Traefik's SIGUSR1 does not do this: its program log rotates by itself.
    pub fn reopen(&self) -> Result<(), LogError> {
        match &mut *self.shared.output() {
            Output::Stdout(_) => Ok(()),
            Output::File(file) => {
                file.reopen().map_err(|source| LogError::Open { path: file.path().to_owned(), source })
            }
        }
    }

    /// Waits until rotated files are compressed. Lines need no flushing: they are written at once.
    pub fn finish(&self) {
        let pending = match &mut *self.shared.output() {
            Output::Stdout(_) => None,
            Output::File(file) => file.take_cleaner(),
        };
        if let Some(cleaner) = pending {
            // A panic of that thread has been reported by itself, and harms no log line.
            let _ = cleaner.join();
        }
    }
}
