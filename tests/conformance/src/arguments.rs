//! The command line of the runner.

use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

/// How to call the runner.
pub const USAGE: &str = "\
Compares an edge router with Traefik. See tests/conformance/README.md.

  conformance --candidate BIN                    against the recorded answers
  conformance --candidate BIN --oracle TRAEFIK   against Traefik itself, side by side
  conformance --oracle TRAEFIK --record          write the recorded answers anew
  conformance --candidate BIN --record-intended  write down what the candidate does in the listed cases

  --only GROUP,...   only these groups (may be given again)
  --case REGEX       only cases whose key (group/scenario/case) matches
  --keep DIR         keep configurations and logs in this folder
  --as-traefik       the candidate is Traefik: skip nothing, accept no difference
  --jobs N           scenarios at the same time (default: 4)
  --budget SECONDS   time for the whole run (default: 600)
  --list             print the keys of the cases and stop
";

/// What the command line asks for.
#[derive(Debug)]
pub struct Arguments {
    /// The router under test.
    pub candidate: Option<PathBuf>,
    /// Traefik.
    pub oracle: Option<PathBuf>,
    /// Write what Traefik does into `answers/`.
    pub record: bool,
    /// Write what the candidate does in listed cases into `intended/`.
    pub record_intended: bool,
    /// The groups to play; all when empty.
    pub only: Vec<String>,
    /// The cases to play.
    pub case: Option<Regex>,
    /// Where to keep configurations and logs.
    pub keep: Option<PathBuf>,
    /// The candidate is to do everything, and everything as Traefik does.
    pub as_traefik: bool,
    /// Scenarios at the same time.
    pub jobs: usize,
    /// The time for the whole run.
    pub budget: Duration,
    /// Print the keys of the cases and stop.
    pub list: bool,
}

impl Arguments {
    /// Parses the arguments after the program's name.
    ///
    /// # Errors
    /// Says what cannot be understood.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut out = Self {
            candidate: None,
            oracle: None,
            record: false,
            record_intended: false,
            only: Vec::new(),
            case: None,
            keep: None,
            as_traefik: false,
            jobs: 4,
            budget: Duration::from_secs(600),
            list: false,
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let (name, given) = match arg.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (arg, None),
            };
            let mut value =
                || given.clone().or_else(|| args.next()).ok_or_else(|| format!("{name} needs a value"));
            match name.as_str() {
                "--candidate" => out.candidate = Some(value()?.into()),
                "--oracle" => out.oracle = Some(value()?.into()),
                "--record" => out.record = true,
                "--record-intended" => out.record_intended = true,
                "--only" => out.only.extend(value()?.split(',').map(str::to_owned)),
                "--case" => out.case = Some(Regex::new(&value()?).map_err(|e| format!("--case: {e}"))?),
                "--keep" => out.keep = Some(value()?.into()),
                "--as-traefik" => out.as_traefik = true,
                "--jobs" => out.jobs = number(&name, &value()?)?,
                "--budget" => out.budget = Duration::from_secs(number(&name, &value()?)?),
                "--list" => out.list = true,
                other => return Err(format!("unknown argument {other:?}")),
            }
        }
        out.check()?;
        Ok(out)
    }

    fn check(&self) -> Result<(), String> {
        let missing = match self {
            Self { list: true, .. } => None,
            Self { record: true, oracle: None, .. } => Some("--record needs --oracle"),
            Self { record: true, candidate: Some(_), .. } => Some("--record goes without --candidate"),
            Self { record: false, candidate: None, .. } => Some("--candidate is missing"),
            Self { jobs: 0, .. } => Some("--jobs must be at least 1"),
            _ => None,
        };
        missing.map_or(Ok(()), |text| Err(text.to_owned()))
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{name}: {text:?} is not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn both_ways_of_giving_a_value_are_taken() {
        let args = parse("--candidate=/bin/x --only a,b --only=c --jobs 2").unwrap();
        assert_eq!(
            (args.candidate, args.only, args.jobs),
            (Some("/bin/x".into()), vec!["a".into(), "b".into(), "c".into()], 2)
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "",
            "--record",
            "--candidate",
            "--candidate x --nope",
            "--candidate x --case (",
            "--candidate x --jobs 0",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
