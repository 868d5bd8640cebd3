//! The size of source files: a long one has more than one concept in it.

use super::tree::is_test;
use super::{Finding, Tree};

/// Lines without tests from which on a file is worth a look.
const LONG: usize = 500;

/// Lines without tests that no file may exceed.
const TOO_LONG: usize = 700;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let sources = tree.files().filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".py"));
    sources.filter(|(path, _)| !is_test(path)).filter_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Option<Finding> {
    let lines = lines_without_tests(text);
    let message = format!("{lines} lines without tests; split it by concept (up to {LONG} are fine)");
    match lines {
        _ if lines > TOO_LONG => Some(Finding::failure(path, message)),
        _ if lines > LONG => Some(Finding::warning(path, message)),
        _ => None,
    }
}

/// The lines before the module of tests, which stands last.
fn lines_without_tests(text: &str) -> usize {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::Severity;

    #[test]
    fn long_files_are_found() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// x\n".repeat(900));
        for (path, lines, behind, expected) in [
            ("a.rs", 500, "", None),
            ("a.rs", 501, "", Some(Severity::Warning)),
            ("a.rs", 700, "", Some(Severity::Warning)),
            ("a.rs", 701, "", Some(Severity::Failure)),
            ("a.py", 701, "", Some(Severity::Failure)),
            ("a.json", 701, "", None),
            ("src/tests.rs", 701, "", None),
            ("crates/x/tests/cases.rs", 701, "", None),
            ("a.rs", 500, tests.as_str(), None),
            ("a.rs", 600, tests.as_str(), Some(Severity::Warning)),
        ] {
            let tree = Tree::of(&[(path, &("\n".repeat(lines) + behind))]);
            let found = check(&tree).first().map(|finding| finding.severity);
            assert_eq!(found, expected, "{path} with {lines} lines");
        }
    }
}
