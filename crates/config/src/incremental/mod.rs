//! Loading a big YAML file again after a small change, at a cost that follows the change.
//!
//! The file is split by its lines into named entries; an entry whose text is as before keeps its object, only the
//! others are parsed and decoded. Whatever is not plain block style (tabs, several documents, anchors, an entry that
//! does not stand alone, a name given twice, any error) is loaded as a whole, which also gives the errors. A property
//! test holds both ways equal.

mod cache;
mod split;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use cache::Cache;

use crate::dynamic::{Dynamic, decode_dynamic};
use crate::format::yaml;
use crate::problem::Problem;
use crate::source::Source;

/// Loads the versions of one YAML file one after another.
#[derive(Debug, Default)]
pub struct IncrementalYaml {
    cache: Option<Cache>,
    reused: usize,
}

impl IncrementalYaml {
    /// Nothing loaded yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Loads a version of the file. Gives what [`decode_dynamic`] would; objects that did not change are the very
    /// same as in the version before.
    ///
    /// # Errors
    /// The syntax errors of the file. What was loaded before is still remembered.
    pub fn load(&mut self, source: &Arc<Source>) -> Result<(Dynamic, Vec<Problem>), Vec<Problem>> {
        self.reused = 0;
        let blocks = split::split(&source.text);
        if let (Some(cache), Some(blocks)) = (&self.cache, &blocks)
            && let Some(update) = cache.update(source, blocks)
        {
            self.cache = Some(update.cache);
            self.reused = update.reused;
            return Ok((update.dynamic, update.problems));
        }
        let document = yaml::load(source)?;
        let (dynamic, problems) = decode_dynamic(&document.root);
        let is_plain = !document.has_anchors && !problems.iter().any(Problem::is_error);
        if let Some(blocks) = blocks.filter(|_| is_plain) {
            self.cache = Cache::new(source, &blocks, &document.root, &dynamic, &problems);
        }
        Ok((dynamic, problems))
    }

    /// How many entries the last load took over without looking into them.
    pub fn reused(&self) -> usize {
        self.reused
    }
}
