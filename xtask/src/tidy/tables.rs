//! The tables: whoever adds a middleware, provider, matcher or balancer adds a folder or file and an entry in one table.
//! A forgotten entry would leave dead files behind, or code that no configuration can reach.

use super::tree::is_test;
use super::{Finding, Tree};

/// A folder whose members stand in a table.
struct Seam {
    /// What its members are.
    kind: &'static str,
    /// The folder.
    folder: &'static str,
    /// Whether members are folders with a `mod.rs`, or files.
    members: Members,
    /// The file with the table.
    table: &'static str,
    /// What the table has for a member.
    entry: fn(&str) -> String,
    /// What lies in the folder and is no member.
    helpers: &'static [&'static str],
}

#[derive(PartialEq, Eq)]
enum Members {
    Folders,
    Files,
}

const SEAMS: &[Seam] = &[
    Seam {
        kind: "middleware",
        folder: "crates/middlewares/src/",
        members: Members::Folders,
        table: "crates/middlewares/src/lib.rs",
        entry: |name| format!("Kind::{}(", camel_case(name)),
        helpers: &[],
    },
    Seam {
        kind: "provider",
        folder: "crates/providers/src/",
        members: Members::Folders,
        table: "crates/providers/src/lib.rs",
        entry: |name| format!("build: {name}::build"),
        helpers: &["template", "watch"],
    },
    Seam {
        kind: "matcher",
        folder: "crates/router/src/matchers/",
        members: Members::Files,
        table: "crates/router/src/matchers/mod.rs",
        entry: |name| format!("{name}::build"),
        helpers: &["arguments", "combined", "template"],
    },
    Seam {
        kind: "balancer",
        folder: "crates/services/src/balancers/",
        members: Members::Files,
        table: "crates/services/src/balancers/mod.rs",
        entry: |name| format!("use self::{name}::"),
        helpers: &[],
    },
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    SEAMS.iter().flat_map(|seam| check_seam(tree, seam)).collect()
}

fn check_seam(tree: &Tree, seam: &Seam) -> Vec<Finding> {
    let Some(table) = tree.text(seam.table) else {
        return vec![Finding::failure(seam.table, format!("the table of {}s is gone", seam.kind))];
    };
    let mut findings = Vec::new();
    for (path, _) in tree.files() {
        let Some(name) = member(seam, path) else { continue };
        for wanted in [format!("mod {name};"), (seam.entry)(name)] {
            if !contains_word(table, &wanted) {
                let message = format!("{} {name} is missing in {}: no `{wanted}`", seam.kind, seam.table);
                findings.push(Finding::failure(path, message));
            }
        }
    }
    findings
}

/// The name of the member that `path` is the main file of.
fn member<'p>(seam: &Seam, path: &'p str) -> Option<&'p str> {
    let below = path.strip_prefix(seam.folder).filter(|_| !is_test(path) && path != seam.table)?;
    let name = match seam.members {
        Members::Folders => below.strip_suffix("/mod.rs"),
        Members::Files => below.strip_suffix(".rs"),
    }?;
    (!name.contains('/') && !seam.helpers.contains(&name)).then_some(name)
}

/// Whether `wanted` occurs, and not as the end of a longer name.
fn contains_word(text: &str, wanted: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(wanted).any(|(at, _)| !text[..at].ends_with(in_name))
}

/// `strip_prefix` as `StripPrefix`.
fn camel_case(name: &str) -> String {
    let title = |word: &str| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    name.split('_').map(title).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(changed: &[(&str, &str)]) -> Vec<String> {
        let mut files = vec![
            ("crates/middlewares/src/lib.rs", "mod ip_list;\nKind::IpList(config) => x,"),
            ("crates/middlewares/src/ip_list/mod.rs", ""),
            ("crates/middlewares/src/ip_list/tests.rs", ""),
            ("crates/middlewares/src/helper.rs", ""),
            ("crates/providers/src/lib.rs", "mod file;\nProviderKind { name: \"file\", build: file::build }"),
            ("crates/providers/src/file/mod.rs", ""),
            ("crates/providers/src/file/deep/mod.rs", ""),
            ("crates/providers/src/template/mod.rs", ""),
            ("crates/router/src/matchers/mod.rs", "mod host;\nv3(\"Host\", host::build),"),
            ("crates/router/src/matchers/host.rs", ""),
            ("crates/router/src/matchers/tests.rs", ""),
            ("crates/services/src/balancers/mod.rs", ""),
        ];
        files.extend_from_slice(changed);
        check(&Tree::of(&files)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn complete_tables_pass() {
        assert_eq!(messages(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_forgotten_entry_is_found() {
        for (file, text, expected) in [
            (
                "crates/middlewares/src/lib.rs",
                "mod ip_list;",
                "middleware ip_list is missing in crates/middlewares/src/lib.rs: no `Kind::IpList(`",
            ),
            (
                "crates/providers/src/lib.rs",
                "build: file::build",
                "provider file is missing in crates/providers/src/lib.rs: no `mod file;`",
            ),
            (
                "crates/router/src/matchers/method.rs",
                "",
                "matcher method is missing in crates/router/src/matchers/mod.rs: no `mod method;`",
            ),
            (
                "crates/router/src/matchers/mod.rs",
                "mod host;\nvirtual_host::build",
                "matcher host is missing in crates/router/src/matchers/mod.rs: no `host::build`",
            ),
            (
                "crates/services/src/balancers/hrw.rs",
                "",
                "balancer hrw is missing in crates/services/src/balancers/mod.rs: no `use self::hrw::`",
            ),
        ] {
            let messages = messages(&[(file, text)]);
            assert!(messages.iter().any(|message| message == expected), "{messages:?}");
        }
    }
}
