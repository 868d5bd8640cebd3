//! What the run prints, and whether it succeeded.

#![expect(clippy::print_stdout, reason = "printing is what this module is for")]

use std::collections::BTreeMap;
use std::time::Duration;

use crate::verdict::Outcome;

/// Reasons shown for one case.
const SHOWN_REASONS: usize = 6;

/// Counts and prints outcomes.
#[derive(Debug, Default)]
pub struct Report {
    groups: BTreeMap<String, Counts>,
    /// Failures that do not belong to a case.
    other_failures: usize,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    passed: usize,
    intended: usize,
    failed: usize,
    skipped: usize,
}

impl Report {
    /// Counts the outcome of a case and prints it, unless it passed.
    pub fn add(&mut self, group: &str, key: &str, outcome: &Outcome) {
        let counts = self.groups.entry(group.to_owned()).or_default();
        match outcome {
            Outcome::Passed => counts.passed += 1,
            Outcome::Intended(title) => {
                counts.intended += 1;
                println!("DIFF {key} - {title}");
            }
            Outcome::Skipped(reason) => {
                counts.skipped += 1;
                println!("SKIP {key} - {reason}");
            }
            Outcome::Failed(reasons) => {
                counts.failed += 1;
                let more = reasons.len().saturating_sub(SHOWN_REASONS);
                let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
                println!("FAIL {key} - {}{more}", reasons[..reasons.len().min(SHOWN_REASONS)].join("; "));
            }
        }
    }

    /// Prints a failure that does not belong to a case.
    pub fn fail(&mut self, what: &str) {
        self.other_failures += 1;
        println!("FAIL {what}");
    }

    /// Prints a line that is neither.
    pub fn note(&self, text: &str) {
        println!("{text}");
    }

    /// Prints the totals. The last line is `N passed, N failed, N skipped`; intended differences count as passed.
    pub fn finish(&self, elapsed: Duration) -> bool {
        let mut total = Counts { failed: self.other_failures, ..Counts::default() };
        println!("{:18} {:>6} {:>6} {:>6} {:>6}", "group", "same", "listed", "failed", "skip");
        for (group, counts) in &self.groups {
            let Counts { passed, intended, failed, skipped } = counts;
            println!("{group:18} {passed:>6} {intended:>6} {failed:>6} {skipped:>6}");
            total.passed += passed + intended;
            total.failed += failed;
            total.skipped += skipped;
        }
        println!("{:.0} seconds", elapsed.as_secs_f64());
        println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
        total.failed == 0
    }
}
