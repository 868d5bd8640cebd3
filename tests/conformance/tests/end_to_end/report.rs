//! What became of the checks.

use anyhow::Result;

/// Counts, and a line for each check. A filter leaves only the checks whose name contains it.
#[derive(Debug)]
pub(crate) struct Report {
    filter: String,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Report {
    pub(crate) fn new(filter: String) -> Self {
        Self { filter, passed: 0, failed: 0, skipped: 0 }
    }

    /// Whether a check of this name is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        name.contains(&self.filter)
    }

    /// Whether any check of a suite may be wanted.
    pub(crate) fn wants_suite(&self, suite: &str) -> bool {
        self.filter.split_once('/').map_or(suite.contains(&self.filter), |(wanted, _)| wanted == suite)
            || self.filter.is_empty()
    }

    pub(crate) fn result(&mut self, name: &str, result: &Result<()>) {
        match result {
            Ok(()) => {
                self.passed += 1;
                println!("ok   {name}");
            }
            Err(error) => {
                self.failed += 1;
                println!("FAIL {name} - {error:#}");
            }
        }
    }

    /// Says that something was not checked: a failure on CI, where everything has to be there.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        let on_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        if on_ci {
            self.failed += 1;
        } else {
            self.skipped += 1;
        }
        println!("{} {name} - {why}", if on_ci { "FAIL" } else { "SKIP" });
    }

    /// The last line; true when nothing has failed.
    pub(crate) fn summary(&self) -> bool {
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped);
        self.failed == 0
    }
}
