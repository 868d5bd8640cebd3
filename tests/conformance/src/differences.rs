//! Reads `docs/differences.md`: the list of cases in which ferroway differs from Traefik on purpose.
//!
//! A difference is a heading of the second level. A line `cases:` below it holds back-quoted regular expressions, each
//! of which must match the whole key of a case. Everything else is prose.

use std::path::Path;

use anyhow::{Context, Result, bail};
use regex::Regex;

/// One intended difference.
#[derive(Debug)]
pub struct Difference {
    /// The heading.
    pub title: String,
    /// The cases that show it.
    cases: Vec<Regex>,
}

/// All intended differences.
#[derive(Debug, Default)]
pub struct Differences(Vec<Difference>);

impl Differences {
    /// Loads the list.
    ///
    /// # Errors
    /// When the file cannot be read or is not such a list.
    pub fn load(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| file.display().to_string())
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut all: Vec<Difference> = Vec::new();
        let mut in_code = false;
        for (line, number) in text.lines().zip(1..) {
            in_code ^= line.starts_with("```");
            if in_code {
                continue;
            }
            if let Some(title) = line.strip_prefix("## ") {
                all.push(Difference { title: title.trim().to_owned(), cases: Vec::new() });
            } else if let Some(list) = line.strip_prefix("cases:") {
                let Some(difference) = all.last_mut() else {
                    bail!("line {number}: `cases:` before the first heading")
                };
                difference.cases.extend(patterns(list).with_context(|| format!("line {number}"))?);
            }
        }
        Ok(Self(all))
    }

    /// The difference that lists a case.
    pub fn of(&self, key: &str) -> Option<&Difference> {
        self.0.iter().find(|difference| difference.cases.iter().any(|pattern| pattern.is_match(key)))
    }

    /// The expressions that match none of the keys, with the titles they stand under.
    pub fn idle<'a>(&'a self, keys: &[&str]) -> Vec<(&'a str, &'a str)> {
        let patterns =
            self.0.iter().flat_map(|one| one.cases.iter().map(|pattern| (one.title.as_str(), pattern)));
        patterns
            .filter(|(_, pattern)| !keys.iter().any(|key| pattern.is_match(key)))
            .map(|(title, pattern)| (title, pattern.as_str()))
            .collect()
    }
}

/// The back-quoted parts of a line.
fn patterns(list: &str) -> Result<Vec<Regex>> {
    let quoted: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    if quoted.is_empty() || list.matches('`').count() % 2 == 1 {
        bail!("expected regular expressions in back quotes, got {:?}", list.trim());
    }
    quoted.into_iter().map(|text| Ok(Regex::new(&format!("^(?:{text})$"))?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_lists_the_cases_that_show_it() {
        let text = "# Differences\n\n## Layered sources\n\ncases: `a/b/.*`, `a/c`\n\nWhy.\n```\ncases: `x`\n```\n## Other\n";
        let list = Differences::parse(text).unwrap();
        assert_eq!(list.of("a/b/any").unwrap().title, "Layered sources");
        assert!(list.of("a/c/more").is_none() && list.of("x").is_none());
        assert_eq!(list.idle(&["a/b/c"]), [("Layered sources", "^(?:a/c)$")]);
    }

    #[test]
    fn a_list_that_cannot_be_read_is_refused() {
        for text in ["cases: `a`", "## A\ncases: a", "## A\ncases: `a` `b", "## A\ncases: `(`"] {
            assert!(Differences::parse(text).is_err(), "{text}");
        }
    }
}
