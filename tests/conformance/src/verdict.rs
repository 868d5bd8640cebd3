//! Judges a case: what was observed, what Traefik does, and what the list of differences says.

use crate::answers::Observation;
use crate::diff::differences;
use crate::differences::Difference;

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As Traefik does it.
    Passed,
    /// Other than Traefik, as the difference of this title says.
    Intended(String),
    /// Not as it should be, for these reasons.
    Failed(Vec<String>),
    /// Not tried, for this reason.
    Skipped(String),
}

/// What is known about a case before it is played.
#[derive(Debug)]
pub struct Expected<'a> {
    /// What Traefik does, or why that is not known.
    pub traefik: Result<&'a Observation, &'static str>,
    /// The difference that lists the case.
    pub listed: Option<&'a Difference>,
    /// What ferroway is meant to do in a listed case.
    pub intended: Option<&'a Observation>,
}

/// Judges what was observed.
pub fn judge(expected: &Expected<'_>, observed: &Result<Observation, String>) -> Outcome {
    let (wanted, got) = match (expected.traefik, observed) {
        (Err(reason), _) => return Outcome::Failed(vec![reason.to_owned()]),
        (_, Err(reason)) => return Outcome::Failed(vec![reason.clone()]),
        (Ok(wanted), Ok(got)) => (wanted, got),
    };
    let from_traefik = differences(wanted, got);
    match (expected.listed, expected.intended) {
        (None, _) if from_traefik.is_empty() => Outcome::Passed,
        (None, _) => Outcome::Failed(from_traefik),
        (Some(difference), _) if from_traefik.is_empty() => Outcome::Failed(vec![format!(
            "is as Traefik does it, but listed in docs/differences.md under {:?}",
            difference.title
        )]),
        (Some(difference), Some(intended)) => match differences(intended, got) {
            none if none.is_empty() => Outcome::Intended(difference.title.clone()),
            mut some => {
                some.insert(
                    0,
                    format!("differs from Traefik in another way than recorded for {:?}", difference.title),
                );
                Outcome::Failed(some)
            }
        },
        (Some(difference), None) => {
            let mut reasons = vec![format!(
                "differs as listed under {:?}, but what is intended is not recorded (--record-intended)",
                difference.title
            )];
            reasons.extend(from_traefik);
            Outcome::Failed(reasons)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::differences::Differences;

    #[test]
    fn only_listed_differences_are_accepted_and_only_true_ones_may_be_listed() {
        let saw = |status: u16| Observation { steps: vec![json!({"status": status})], backend: None };
        let list = Differences::parse("## Title\ncases: `key`\n").unwrap();
        let (traefik, other, third) = (saw(200), saw(404), saw(500));
        let table = [
            ("the same", false, None, Ok(traefik.clone()), "passed"),
            ("other, not listed", false, None, Ok(other.clone()), "failed"),
            ("not listed any more, still recorded", false, Some(&other), Ok(other.clone()), "failed"),
            ("listed and as intended", true, Some(&other), Ok(other.clone()), "intended"),
            ("listed, but in another way", true, Some(&other), Ok(third), "failed"),
            ("listed, but nothing recorded", true, None, Ok(other.clone()), "failed"),
            ("listed, but the same", true, Some(&other), Ok(traefik.clone()), "failed"),
            ("listed, but nothing observed", true, Some(&other), Err("does not start".to_owned()), "failed"),
        ];
        for (name, is_listed, intended, observed, expected) in table {
            let listed = if is_listed { list.of("key") } else { None };
            let outcome = match judge(&Expected { traefik: Ok(&traefik), listed, intended }, &observed) {
                Outcome::Passed => "passed",
                Outcome::Intended(title) if title == "Title" => "intended",
                Outcome::Failed(reasons) if !reasons.is_empty() => "failed",
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(outcome, expected, "{name}");
        }
    }
}
