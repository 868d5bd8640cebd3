//! Where the program log's lines go.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;

use super::rotate::RotatingFile;

/// The standard output or a file.
pub(crate) enum Output {
    Stdout(File),
    File(RotatingFile),
}

impl Output {
    /// The standard output, past std's buffer: a line is one write.
    pub(crate) fn stdout() -> io::Result<Self> {
        io::stdout().as_fd().try_clone_to_owned().map(File::from).map(Self::Stdout)
    }

    /// Writes a line. A log that cannot be written has no place to say so but the standard error;
    /// it says so there once for each file.
    pub(crate) fn write(&mut self, line: &[u8]) {
        match self {
            // Nobody is left to be told when the standard output is gone.
            Self::Stdout(stdout) => drop(stdout.write_all(line)),
            Self::File(file) => file.write(line),
        }
    }
}
