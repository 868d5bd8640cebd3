//! How every package begins: with the lints of the workspace, and every source file with what it owns.

use super::tree::is_test;
use super::{Finding, Tree};

/// Workspaces of their own, which cannot take over the lints of this one.
const OTHER_WORKSPACES: &[&str] = &["examples/grpc-services/tonic", "fuzz"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.manifests().filter_map(|(folder, text)| check_manifest(folder, text));
    let sources = tree.files().filter_map(|(path, text)| check_source(path, text));
    manifests.chain(sources).collect()
}

fn check_manifest(folder: &str, text: &str) -> Option<Finding> {
    let inherits = |manifest: &toml::Table| {
        let lints = manifest.get("lints")?.as_table()?;
        lints.get("workspace")?.as_bool()
    };
    let fine = match text.parse::<toml::Table>() {
        Ok(manifest) => inherits(&manifest) == Some(true) || OTHER_WORKSPACES.contains(&folder),
        Err(_) => false,
    };
    (!fine).then(|| Finding::failure(format!("{folder}/Cargo.toml"), "no `[lints] workspace = true`"))
}

fn check_source(path: &str, text: &str) -> Option<Finding> {
    let documented = !path.ends_with(".rs") || is_test(path) || text.starts_with("//! ");
    (!documented).then(|| Finding::failure(path, "the file does not begin with `//!` and what it owns"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_and_documentation_are_demanded() {
        const LINTS: &str = "[lints]\nworkspace = true";
        for (path, text, fine) in [
            ("crates/a/Cargo.toml", LINTS, true),
            ("crates/a/Cargo.toml", "lints.workspace = true", true),
            ("crates/a/Cargo.toml", "[lints]\nworkspace = false", false),
            ("crates/a/Cargo.toml", "[package]", false),
            ("crates/a/Cargo.toml", "[", false),
            ("fuzz/Cargo.toml", "[package]", true),
            ("Cargo.toml", "[workspace]", true),
            ("crates/a/src/lib.rs", "//! What it is.\n", true),
            ("crates/a/src/lib.rs", "//!\n", false),
            ("crates/a/src/part.rs", "use x;\n//! Late.\n", false),
            ("crates/a/src/tests.rs", "use x;\n", true),
            ("crates/a/tests/t.rs", "use x;\n", true),
            ("a.md", "text", true),
        ] {
            assert_eq!(check(&Tree::of(&[(path, text)])).is_empty(), fine, "{path}: {text:?}");
        }
    }
}
