//! One file: from its bytes through its template to a configuration.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::dynamic::{Dynamic, decode_dynamic};
use ferroway_config::{Format, IncrementalYaml, Problem, ProblemKind, Source, Span};
use tracing::debug;

use super::merge::share_unchanged;
use crate::template;
use crate::watch::Stamp;

/// Bytes of the largest file that is read.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// How a version of a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quality {
    /// Everything in it is in its configuration.
    Whole,
    /// It is well-formed, but objects or options are missing in its configuration, because they are wrong.
    Flawed,
    /// It cannot be read or is not well-formed; its configuration is empty.
    Unusable,
}

/// What a file said at one time.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) quality: Quality,
    pub(super) config: Arc<Dynamic>,
    pub(super) problems: Vec<Problem>,
}

impl Version {
    fn unusable(problems: Vec<Problem>) -> Self {
        Self { quality: Quality::Unusable, config: Arc::default(), problems }
    }

    /// The version of a file or folder that cannot be read.
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let source = Source::file(path.to_string_lossy(), "");
        let message = format!("cannot read it: {error}");
        Self::unusable(vec![Problem::error(ProblemKind::Syntax, Span::whole(&source), "", message)])
    }
}

/// A file is empty or away, and that is not believed yet.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: Instant,
    /// Of the empty file: with another one, it was emptied again.
    stamp: Option<Stamp>,
}

/// A file that is followed.
#[derive(Debug)]
pub(super) struct Document {
    path: PathBuf,
    format: Format,
    /// How long the file must be empty or away before that is believed.
    doubt: Duration,
    /// The file's stamp when it was read last.
    pub(super) stamp: Option<Stamp>,
    /// What it says, as far as that is believed.
    pub(super) version: Option<Arc<Version>>,
    /// The file is empty or away without that being believed.
    doubted: Option<Doubt>,
    /// It is believed that the file is away.
    is_missing: bool,
    /// The text behind the template, for the version.
    source: Option<Arc<Source>>,
    /// What the file last said without errors.
    last_whole: Option<Arc<Dynamic>>,
    yaml: IncrementalYaml,
}

impl Document {
    pub(super) fn new(path: PathBuf, format: Format, doubt: Duration) -> Self {
        Self {
            path,
            format,
            doubt,
            stamp: None,
            version: None,
            doubted: None,
            is_missing: false,
            source: None,
            last_whole: None,
            yaml: IncrementalYaml::new(),
        }
    }

    /// When the file must be looked at again although nothing has been reported.
    pub(super) fn doubted_until(&self) -> Option<Instant> {
        self.doubted.map(|doubted| doubted.since + self.doubt)
    }

    /// True once the file has been empty or away, as `stamp` says, for long enough.
    fn is_believed(&mut self, stamp: Option<Stamp>, now: Instant) -> bool {
        let doubted =
            self.doubted.filter(|doubted| doubted.stamp == stamp).unwrap_or(Doubt { since: now, stamp });
        self.doubted = Some(doubted);
        now >= doubted.since + self.doubt
    }

    /// Something was reported of the file, so a doubt begins anew.
    pub(super) fn stir(&mut self) {
        self.doubted = None;
    }

    /// The file is there but being written: what it says now is of no interest.
    pub(super) fn postpone(&mut self) {
        self.stamp = None;
        self.doubted = None;
    }

    /// The file is not there. True once that is believed.
    pub(super) fn is_gone(&mut self, now: Instant) -> bool {
        self.stamp = None;
        self.is_missing || self.is_believed(None, now)
    }

    /// The file is not there and should be: keeps that as its version.
    pub(super) fn set_missing(&mut self) {
        if std::mem::replace(&mut self.is_missing, true) {
            return;
        }
        self.doubted = None;
        self.forget_text();
        let error = io::Error::from(io::ErrorKind::NotFound);
        self.version = Some(Arc::new(Version::unreadable(&self.path, &error)));
    }

    fn forget_text(&mut self) {
        self.source = None;
        self.yaml = IncrementalYaml::new();
    }

    /// Reads the file, which has the stamp `stamp` now.
    pub(super) fn read(&mut self, stamp: Stamp, now: Instant, log_templates: bool) {
        // The stamp from before the read: what is written during it gives another one.
        self.stamp = Some(stamp);
        self.is_missing = false;
        let text = match read_text(&self.path) {
            Ok(text) => text,
            Err(error) => {
                self.doubted = None;
                self.forget_text();
                self.version = Some(Arc::new(Version::unreadable(&self.path, &error)));
                return;
            }
        };
        // Traefik: takes the empty file of a save in progress for a configuration without anything.
        let had_content = self.source.as_ref().is_some_and(|source| !source.text.trim().is_empty());
        if had_content && text.trim().is_empty() && !self.is_believed(Some(stamp), now) {
            return;
        }
        self.doubted = None;
        self.understand(&text, log_templates);
    }

    fn understand(&mut self, text: &str, log_templates: bool) {
        let name = self.path.to_string_lossy();
        let rendered = match template::render(text) {
            Ok(rendered) => rendered,
            Err(error) => {
                let span = Span::at(&Source::file(name, text), error.line, error.column);
                let message = format!("template: {}", error.message);
                let problem = Problem::error(ProblemKind::Syntax, span, "", message);
                self.forget_text();
                self.version = Some(Arc::new(Version::unusable(vec![problem])));
                return;
            }
        };
        if log_templates {
            debug!(file = %name, result = %rendered, "Rendered the template");
        }
        let same = self.source.as_ref().is_some_and(|source| *source.text == *rendered);
        if same && self.version.as_ref().is_some_and(|version| version.quality == Quality::Whole) {
            return;
        }
        let source = Source::file(name, &*rendered);
        let version = self.parse(&source);
        if version.quality == Quality::Whole {
            self.last_whole = Some(Arc::clone(&version.config));
        }
        self.source = Some(source);
        self.version = Some(Arc::new(version));
    }

    fn parse(&mut self, source: &Arc<Source>) -> Version {
        let format = self.format;
        let yaml = &mut self.yaml;
        // A parser that panics on some text must not end the watch of all others.
        let parsed = catch_unwind(AssertUnwindSafe(|| match format {
            Format::Yaml => yaml.load(source),
            Format::Toml => format.load(source).map(|node| decode_dynamic(&node)),
        }));
        let (mut config, problems) = match parsed {
            Ok(Ok(parsed)) => parsed,
            Ok(Err(problems)) => return Version::unusable(problems),
            Err(_) => {
                self.yaml = IncrementalYaml::new();
                let message = "the parser failed on this file; this is a bug in ferroway";
                let problem = Problem::error(ProblemKind::Syntax, Span::whole(source), "", message);
                return Version::unusable(vec![problem]);
            }
        };
        // A small change of a YAML file has kept the other objects already.
        if self.yaml.reused() == 0
            && let Some(old) = &self.last_whole
        {
            share_unchanged(old, &mut config);
        }
        let flawed = problems.iter().any(Problem::is_error);
        let quality = if flawed { Quality::Flawed } else { Quality::Whole };
        Version { quality, config: Arc::new(config), problems }
    }
}

/// The text of a regular file.
fn read_text(path: &Path) -> io::Result<String> {
    let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
    // Opening a pipe would wait for a writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(invalid("it is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(invalid(format!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
        invalid(format!("line {line} is not UTF-8"))
    })
}
