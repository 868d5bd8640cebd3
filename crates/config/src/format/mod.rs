//! From text to [`Node`](crate::Node): YAML (and with it JSON) and TOML.

mod line_index;
mod toml;
pub(crate) mod yaml;
mod yaml_scalar;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::node::Node;
use crate::problem::Problem;
use crate::source::Source;

/// A file format of configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML 1.2 as Go's decoder reads it; JSON is a part of it.
    Yaml,
    /// TOML 1.
    Toml,
}

impl Format {
    /// The format by a file name's extension (`.yml`, `.yaml`, `.toml`, in any case).
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "yml" | "yaml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// Reads a document. The root of an empty document is [`Value::Null`](crate::Value::Null).
    ///
    /// # Errors
    /// Every syntax error that could be found, with file, line and column.
    pub fn load(self, source: &Arc<Source>) -> Result<Node, Vec<Problem>> {
        match self {
            Self::Yaml => yaml::load(source).map(|document| document.root),
            Self::Toml => toml::load(source),
        }
    }
}
