//! `file`.

use crate::decode::config;

config! {
    /// Files.
    pub struct FileProvider: "*file.Provider" {
        /// Folder whose files are read, with its sub-folders; wins over filename.
        "directory" directory: String,
        /// Follows changes.
        "watch" watch: bool = true,
        /// The only file that is read.
        "filename" filename: String,
        /// Logs the outcome of templates at debug level.
        "debugLogGeneratedTemplate" debug_log_generated_template: bool,
    }
}
