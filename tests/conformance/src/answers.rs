//! Recorded answers: what Traefik was observed to do, one file a group, in the order of names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::ser::PrettyFormatter;
use serde_json::{Serializer, Value};

use crate::cases::{Case, key};

/// What was observed in a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// What the backends saw, where the case looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<Value>,
    /// What the steps observed, in order.
    pub steps: Vec<Value>,
}

/// The answers of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupAnswers {
    /// By section and case.
    pub answers: BTreeMap<String, BTreeMap<String, Observation>>,
    /// The version of the router that was observed.
    pub version: String,
}

/// The answers of all groups in a folder.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// By group.
    pub groups: BTreeMap<String, GroupAnswers>,
}

impl Answers {
    /// Loads a folder; one that does not exist holds no answers.
    ///
    /// # Errors
    /// When a file cannot be read or is not one of answers.
    pub fn load(folder: &Path) -> Result<Self> {
        let mut groups = BTreeMap::new();
        if folder.is_dir() {
            for (group, file) in json_files(folder)? {
                let text = std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                groups
                    .insert(group, serde_json::from_str(&text).with_context(|| file.display().to_string())?);
            }
        }
        Ok(Self { groups })
    }

    /// The answer to a case of a group.
    pub fn get(&self, group: &str, case: &Case) -> Option<&Observation> {
        self.groups.get(group)?.answers.get(&case.section)?.get(&case.id)
    }

    /// Files an answer.
    pub fn insert(&mut self, group: &str, case: &Case, observation: Observation) {
        let group = self.groups.entry(group.to_owned()).or_default();
        group.answers.entry(case.section.clone()).or_default().insert(case.id.clone(), observation);
    }

    /// Drops the answers to cases that are gone.
    pub fn retain(&mut self, mut is_there: impl FnMut(&str) -> bool) {
        for (group, answers) in &mut self.groups {
            for (section, cases) in &mut answers.answers {
                cases.retain(|id, _| is_there(&key(group, section, id)));
            }
            answers.answers.retain(|_, cases| !cases.is_empty());
        }
    }

    /// Writes the file of a group; the file of a group without answers is removed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, folder: &Path, group: &str) -> Result<()> {
        let path = folder.join(format!("{group}.json"));
        let Some(answers) = self.groups.get(group).filter(|group| !group.answers.is_empty()) else {
            return if path.exists() { Ok(std::fs::remove_file(path)?) } else { Ok(()) };
        };
        std::fs::create_dir_all(folder)?;
        std::fs::write(&path, to_json(answers)?).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// JSON as all data files have it: sorted, indented by one.
fn to_json(answers: &GroupAnswers) -> Result<Vec<u8>> {
    let mut value = serde_json::to_value(answers)?;
    value.sort_all_objects();
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b" ")))?;
    out.push(b'\n');
    Ok(out)
}

/// The `.json` files of a folder and their names without the ending, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn json_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry?.path();
        if let (Some(stem), Some("json")) = (path.file_stem(), path.extension().and_then(|end| end.to_str()))
        {
            files.insert(stem.to_string_lossy().into_owned(), path);
        }
    }
    Ok(files)
}
