//! Where the lines go: a file, a named pipe or the standard output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::AccessLogError;

/// The mode of a new file, less the umask.
const MODE: u32 = 0o664;

/// A write of at most this many bytes to a pipe is not mixed with those of others (`PIPE_BUF`).
const PIPE_ATOMIC: usize = 4096;

/// What the configuration names.
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    pub(crate) fn new(path: Option<&Path>) -> Self {
        match path {
            Some(path) if !path.as_os_str().is_empty() => Self::File(path.to_owned()),
            _ => Self::Stdout,
        }
    }

    pub(crate) fn open(&self) -> Result<Output, AccessLogError> {
        let path = match self {
            // Writing past std's buffer and lock: a pipe that nobody reads must not block others there.
            Self::Stdout => {
                let stdout = io::stdout().as_fd().try_clone_to_owned().map_err(AccessLogError::Stdout)?;
                return Ok(Output::new(File::from(stdout)));
            }
            Self::File(path) => path,
        };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)
                .map_err(|source| AccessLogError::Directory { path: path.clone(), source })?;
        }
        // Opening a named pipe only for writing waits for a reader, and without one writes fail.
        let is_pipe = fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo());
        let file = OpenOptions::new().append(true).create(true).read(is_pipe).mode(MODE).open(path);
        file.map(Output::new).map_err(|source| AccessLogError::Open { path: path.clone(), source })
    }
}

/// An open output.
pub(crate) struct Output {
    file: File,
    largest_write: usize,
}

impl Output {
    fn new(file: File) -> Self {
        let whole = file.metadata().is_ok_and(|metadata| metadata.is_file());
        Self { file, largest_write: if whole { usize::MAX } else { PIPE_ATOMIC } }
    }

    /// Writes some of `lines`, which end with a line break; returns how many bytes. To what is not a
    /// regular file, whole lines are written in pieces that the system does not split.
    pub(crate) fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.file.write(&lines[..self.piece(lines)])
    }

    fn piece(&self, lines: &[u8]) -> usize {
        if lines.len() <= self.largest_write {
            return lines.len();
        }
        let (start, rest) = lines.split_at(self.largest_write);
        let last_break = start.iter().rposition(|&byte| byte == b'\n');
        last_break.map_or_else(
            || rest.iter().position(|&byte| byte == b'\n').map_or(lines.len(), |at| start.len() + at + 1),
            |at| at + 1,
        )
    }
}
