//! Following files: what the file provider follows its own with, and [`FileWatch`] for files that configuration names.

mod files;
mod folders;
mod mailbox;
mod stamp;
#[cfg(test)]
mod tests;

pub use files::FileWatch;
pub(crate) use folders::{Interest, Watcher};
pub(crate) use mailbox::{Mailbox, Report};
pub(crate) use stamp::Stamp;
