//! The layers of the crates: a crate uses lower layers only, so that the arrows of `ARCHITECTURE.md` stay true.

use std::collections::BTreeMap;

use super::{Finding, Tree};

/// Every crate below `crates/` and its layer.
const LAYERS: &[(&str, u8)] = &[
    ("config", 0),
    ("core", 0),
    ("rules", 0),
    ("http", 1),
    ("listener", 1),
    ("router", 1),
    ("telemetry", 1),
    ("tls", 1),
    ("middlewares", 2),
    ("services", 2),
    ("tcp", 2),
    ("upstream", 2),
    ("control", 3),
    ("providers", 3),
    ("api", 4),
    ("runtime", 4),
    ("ferroway", 5),
];

/// The uses within a layer that are meant: the user, and what it uses.
const WITHIN_A_LAYER: &[(&str, &str)] = &[("services", "upstream")];

/// The prefix of the packages' names.
const PREFIX: &str = "ferroway-";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let layers: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let mut findings = Vec::new();
    for (folder, manifest) in tree.manifests() {
        let Some(user) = folder.strip_prefix("crates/") else { continue };
        let path = format!("{folder}/Cargo.toml");
        let Some(layer) = layers.get(user) else {
            findings.push(Finding::failure(
                path,
                format!("crate {user} has no layer; give it one in {}", file!()),
            ));
            continue;
        };
        let used = match dependencies(manifest) {
            Ok(used) => used,
            Err(error) => {
                findings.push(Finding::failure(path, error.to_string()));
                continue;
            }
        };
        for used in used.iter().filter_map(|name| name.strip_prefix(PREFIX)) {
            let wrong = match layers.get(used) {
                Some(below) if below < layer || WITHIN_A_LAYER.contains(&(user, used)) => continue,
                Some(other) => format!("{user} (layer {layer}) must not use {used} (layer {other})"),
                None => format!("{user} must not use {used}, which is in no layer"),
            };
            findings.push(Finding::failure(&path, wrong));
        }
    }
    findings
}

/// The packages that a manifest needs to be built; those for tests alone may come from anywhere.
fn dependencies(manifest: &str) -> Result<Vec<String>, toml::de::Error> {
    let manifest: toml::Table = manifest.parse()?;
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(_, table)| table.as_table()).chain([&manifest]);
    let names = tables.flat_map(|table| {
        ["dependencies", "build-dependencies"]
            .into_iter()
            .filter_map(|kind| table.get(kind)?.as_table())
            .flat_map(|dependencies| dependencies.iter().map(package_name))
    });
    Ok(names.collect())
}

/// The package behind an entry of a table of dependencies.
fn package_name((key, value): (&String, &toml::Value)) -> String {
    value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_layers_may_be_used() {
        for (user, manifest, expected) in [
            ("http", "[dependencies]\nferroway-core.workspace = true\ntokio = \"1\"", None),
            ("services", "[dependencies]\nferroway-upstream.workspace = true", None),
            ("http", "[dev-dependencies]\nferroway-runtime.workspace = true", None),
            (
                "upstream",
                "[dependencies]\nferroway-services.workspace = true",
                Some("upstream (layer 2) must not use services (layer 2)"),
            ),
            (
                "core",
                "[target.'cfg(unix)'.dependencies]\nconfig = { package = \"ferroway-config\", path = \"../config\" }",
                Some("core (layer 0) must not use config (layer 0)"),
            ),
            (
                "core",
                "[build-dependencies]\nferroway-http.workspace = true",
                Some("core (layer 0) must not use http (layer 1)"),
            ),
            (
                "ferroway",
                "[dependencies]\nferroway-conformance.workspace = true",
                Some("ferroway must not use conformance, which is in no layer"),
            ),
        ] {
            let tree = Tree::of(&[(&format!("crates/{user}/Cargo.toml"), manifest)]);
            let messages: Vec<_> = check(&tree).into_iter().map(|finding| finding.message).collect();
            assert_eq!(messages, expected.into_iter().collect::<Vec<_>>(), "{manifest}");
        }
    }

    #[test]
    fn every_crate_has_a_layer_and_a_readable_manifest() {
        let tree = Tree::of(&[("crates/new/Cargo.toml", ""), ("crates/core/Cargo.toml", "[")]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["crates/core/Cargo.toml", "crates/new/Cargo.toml"]);
    }
}
