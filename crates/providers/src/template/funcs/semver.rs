//! Semantic versions and the constraints on them, as the Masterminds library reads them.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::super::value::Value;
use super::super::version::{Version, number, split_suffixes};
use super::Family;
use super::args::{Outcome, exactly, text};

pub(super) const FUNCTIONS: Family = &[("semver", semver), ("semverCompare", semver_compare)];

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| format!("expected a version such as 1.2.3, got {text:?}"))
}

fn semver(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Version(Rc::new(version(text(value)?)?)))
}

/// One comparison of a constraint. Numbers that are missing or `x` leave the version open.
struct Bound<'a> {
    operator: &'a str,
    version: Version,
    /// How many of the three numbers are given.
    given: usize,
}

impl<'a> Bound<'a> {
    fn parse(operator: &'a str, text: &str) -> Option<Self> {
        let (numbers, prerelease, _) = split_suffixes(text);
        let mut parsed = [0; 3];
        let mut given = 0;
        for word in numbers.strip_prefix('v').unwrap_or(numbers).split('.') {
            if matches!(word, "x" | "X" | "*") {
                break;
            }
            *parsed.get_mut(given)? = number(word)?;
            given += 1;
        }
        let version = Version {
            numbers: parsed,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: String::new(),
            original: String::new(),
        };
        Some(Self { operator, version, given })
    }

    fn allows(&self, version: &Version, prereleases: bool) -> bool {
        if !version.prerelease.is_empty() && !prereleases {
            return false;
        }
        let order = version.compare(&self.version);
        // How the given numbers compare, at least the first one.
        let given = self.given.max(1);
        let open = version.numbers[..given].cmp(&self.version.numbers[..given]);
        let exact = self.given == 3;
        match self.operator {
            ">" if exact => order.is_gt(),
            ">" => open.is_gt(),
            ">=" | "=>" => order.is_ge(),
            "<" => order.is_lt(),
            "<=" | "=<" if exact => order.is_le(),
            "<=" | "=<" => open.is_le(),
            "!=" if exact => order.is_ne(),
            "!=" => open.is_ne(),
            "" | "=" if exact => order.is_eq(),
            "" | "=" | "~" | "~>" => order.is_ge() && self.is_near(version),
            "^" => order.is_ge() && version.numbers[..self.fixed()] == self.version.numbers[..self.fixed()],
            _ => false,
        }
    }

    /// For `~`: the same major number, and the same minor number where one is given. All zeros are near to all.
    fn is_near(&self, version: &Version) -> bool {
        if self.version.numbers == [0; 3] && (self.given == 0 || self.given == 3) {
            return true;
        }
        let count = self.given.clamp(1, 2);
        version.numbers[..count].cmp(&self.version.numbers[..count]) == Ordering::Equal
    }

    /// For `^`: how many numbers must be the same, up to the first that is not zero.
    fn fixed(&self) -> usize {
        match self.version.numbers {
            [major, ..] if major > 0 || self.given == 1 => 1,
            [_, minor, _] if minor > 0 || self.given == 2 => 2,
            _ => 3,
        }
    }
}

const OPERATOR: &str = r"!=|>=|=>|<=|=<|~>|=|>|<|~|\^|";
const VERSION: &str = r"v?[0-9xX*]+(?:\.[0-9xX*]+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?";

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant and covered by tests")
}

/// True where the version is inside of one of the alternatives; nothing for a constraint that is none.
fn check(constraint: &str, version: &Version) -> Option<bool> {
    static RANGE: LazyLock<Regex> = LazyLock::new(|| compiled(&format!(r"({VERSION})\s+-\s+({VERSION})")));
    static BOUNDS: LazyLock<Regex> = LazyLock::new(|| {
        let bound = format!(r"\s*(?:{OPERATOR})\s*{VERSION}\s*");
        compiled(&format!(r"^{bound}(?:[\s,]{bound})*$"))
    });
    static BOUND: LazyLock<Regex> = LazyLock::new(|| compiled(&format!(r"({OPERATOR})\s*({VERSION})")));
    let constraint = RANGE.replace_all(constraint, ">= $1, <= $2 ");
    let mut allowed = false;
    for alternative in constraint.split("||") {
        if !BOUNDS.is_match(alternative) {
            return None;
        }
        let bounds: Vec<Bound<'_>> = BOUND
            .captures_iter(alternative)
            .map(|found| Bound::parse(found.get(1)?.as_str(), found.get(2)?.as_str()))
            .collect::<Option<_>>()?;
        let prereleases = bounds.iter().any(|bound| !bound.version.prerelease.is_empty());
        allowed |= bounds.iter().all(|bound| bound.allows(version, prereleases));
    }
    Some(allowed)
}

fn semver_compare(args: &[Value]) -> Outcome {
    let [constraint, value] = exactly(args)?;
    let (constraint, version) = (text(constraint)?, version(text(value)?)?);
    let allowed = check(constraint, &version);
    Ok(allowed.ok_or_else(|| format!("expected a constraint such as >=1.2.3, got {constraint:?}"))?.into())
}
