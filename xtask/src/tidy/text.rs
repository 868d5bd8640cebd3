//! What no file of the repository may contain: traces of somebody's machine, and work that was left for later.

use super::{Finding, Tree};

/// A text that must not occur, and why. Split, so that this file may stand in the repository.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "an absolute path of one machine"),
    (concat!("/tmp", "/w/"), "an absolute path of one machine"),
    (concat!("/tmp", "/t/"), "an absolute path of one machine"),
    (concat!("/home", "/"), "an absolute path of one machine"),
    (concat!("/root", "/"), "an absolute path of one machine"),
    (concat!("../sha", "red"), "a path outside the repository"),
    (concat!("artifac", "tory"), "a host of one network"),
    (concat!("index.", "crates.io"), "the host of a registry; name the package only"),
    (concat!("files.python", "hosted.org"), "the host of a registry; name the package only"),
    (concat!("pypi", ".org"), "the host of a registry; name the package only"),
    (concat!("registry.npm", "js.org"), "the host of a registry; name the package only"),
    (concat!("proxy.golang", ".org"), "the host of a registry; name the package only"),
    (concat!("deb.debian", ".org"), "the host of a registry; name the package only"),
    (concat!("TO", "DO"), "work that is left for later; do it, or describe it where plans are kept"),
    (concat!("FIX", "ME"), "work that is left for later; do it, or describe it where plans are kept"),
    (concat!("to", "do!("), "code that is not there"),
    (concat!("unimplemen", "ted!("), "code that is not there"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files().flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (forbidden, why) in FORBIDDEN {
        // Nearly no file has any of them.
        if !text.contains(forbidden) {
            continue;
        }
        for (index, _) in text.lines().enumerate().filter(|(_, line)| line.contains(forbidden)) {
            let message = format!("`{forbidden}` is {why}");
            findings.push(Finding::failure(format!("{path}:{}", index + 1), message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_named() {
        for (forbidden, _) in FORBIDDEN {
            let text = format!("fine\nx {forbidden} y\nfine\n{forbidden}");
            let paths: Vec<_> =
                check(&Tree::of(&[("a.md", &text)])).into_iter().map(|finding| finding.path).collect();
            assert!(
                paths.contains(&"a.md:2".to_owned()) && paths.contains(&"a.md:4".to_owned()),
                "{forbidden}"
            );
        }
        assert_eq!(check(&Tree::of(&[("a.md", "a todo list in /tmp")])), []);
    }
}
