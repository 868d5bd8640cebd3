//! What a case needs of a router, what the candidate cannot do yet, and what the machine lacks.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::redis;

/// The list of `not-yet.toml`: what is not implemented yet, and why.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NotYet {
    not_yet: BTreeMap<String, String>,
}

impl NotYet {
    /// Loads the list.
    ///
    /// # Errors
    /// When the file cannot be read or is not such a list.
    pub fn load(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| file.display().to_string())
    }

    /// The first of the needs that is on the list, with the reason.
    pub fn first_of(&self, needs: impl IntoIterator<Item = impl AsRef<str>>) -> Option<(&str, &str)> {
        needs.into_iter().find_map(|need| {
            self.not_yet.get_key_value(need.as_ref()).map(|(need, reason)| (need.as_str(), reason.as_str()))
        })
    }

    /// The needs on the list.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.not_yet.keys().map(String::as_str)
    }
}

/// The program that a need takes and that is not installed.
pub fn missing_program<'a>(needs: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    needs.into_iter().any(|need| need == redis::NEED && redis::program().is_none()).then_some("redis-server")
}
