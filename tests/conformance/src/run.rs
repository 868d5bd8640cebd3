//! The whole run: chooses scenarios, plays a few at a time, judges and records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::answers::{Answers, Observation};
use crate::arguments::Arguments;
use crate::cases::{self, Case, Scenario};
use crate::differences::Differences;
use crate::needs::{NotYet, missing_program};
use crate::play::{Played, Side, play};
use crate::report::Report;
use crate::verdict::{Expected, Outcome, judge};

/// The longest that one scenario may take.
const SCENARIO_LIMIT: Duration = Duration::from_secs(120);

/// The data that the runner works on.
struct Data {
    scenarios: Vec<Arc<Scenario>>,
    answers: Answers,
    intended: Answers,
    differences: Differences,
    not_yet: NotYet,
}

/// Where the data is: this crate's folder.
fn home(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(part)
}

impl Data {
    fn load() -> Result<Self> {
        Ok(Self {
            scenarios: cases::load(&home("cases"))?.into_iter().map(Arc::new).collect(),
            answers: Answers::load(&home("answers"))?,
            intended: Answers::load(&home("intended"))?,
            differences: Differences::load(&home("../../docs/differences.md"))?,
            not_yet: NotYet::load(&home("not-yet.toml"))?,
        })
    }
}

/// What to play of a scenario.
struct Chosen {
    scenario: Arc<Scenario>,
    /// Cases that are played. Those that nobody asked for are, too, as they may change what follows.
    played: BTreeSet<String>,
    /// Cases that are reported, skipped ones with the reason.
    reported: BTreeMap<String, Option<Outcome>>,
}

/// Does what the arguments ask for and tells whether all is well.
///
/// # Errors
/// When the data cannot be read, results cannot be written or a program is not there.
pub async fn run(args: &Arguments) -> Result<bool> {
    let started = Instant::now();
    let mut data = Data::load()?;
    let mut report = Report::default();
    if args.list {
        let keys = data.scenarios.iter().flat_map(|scenario| &scenario.cases).map(|case| case.key.as_str());
        keys.for_each(|key| report.note(key));
        return Ok(true);
    }
    check_lists(&data, &mut report);
    if args.as_traefik || args.record {
        (data.not_yet, data.differences) = Default::default();
    }
    let chosen = choose(&data, args)?;
    let sides = Arc::new(sides(args, &data.not_yet)?);
    let folder = Folder::make(args.keep.as_deref())?;
    let mut results = Results { args, data: &mut data, report: &mut report };
    play_all(chosen, &sides, &folder.path, args, |chosen, played| results.take(&chosen, &played)).await?;
    if args.record || args.record_intended {
        save(args, &mut data).await?;
    }
    Ok(report.finish(started.elapsed()))
}

/// Entries of the lists that say nothing any more are errors: the lists must stay true.
fn check_lists(data: &Data, report: &mut Report) {
    let cases =
        || data.scenarios.iter().flat_map(|scenario| scenario.cases.iter().map(move |case| (scenario, case)));
    let keys: Vec<&str> = cases().map(|(_, case)| case.key.as_str()).collect();
    for (title, pattern) in data.differences.idle(&keys) {
        report.fail(&format!("docs/differences.md: {pattern} under {title:?} matches no case"));
    }
    let needs: BTreeSet<&str> = cases().flat_map(|(scenario, case)| scenario.needs_of(case)).collect();
    for need in data.not_yet.needs().filter(|need| !needs.contains(need)) {
        report.fail(&format!("not-yet.toml: no case needs {need:?}"));
    }
}

/// The scenarios with a case that was asked for.
fn choose(data: &Data, args: &Arguments) -> Result<Vec<Chosen>> {
    for group in &args.only {
        if !data.scenarios.iter().any(|scenario| scenario.group == *group) {
            bail!("there is no group {group:?}");
        }
    }
    let mut all = Vec::new();
    for scenario in &data.scenarios {
        if !args.only.is_empty() && !args.only.contains(&scenario.group) {
            continue;
        }
        let mut chosen =
            Chosen { scenario: Arc::clone(scenario), played: BTreeSet::new(), reported: BTreeMap::new() };
        for case in &scenario.cases {
            let skipped = skipped(&scenario.needs_of(case), &data.not_yet);
            if skipped.is_none() {
                chosen.played.insert(case.key.clone());
            }
            if args.case.as_ref().is_none_or(|wanted| wanted.is_match(&case.key)) {
                chosen.reported.insert(case.key.clone(), skipped);
            }
        }
        if !chosen.reported.is_empty() {
            all.push(chosen);
        }
    }
    Ok(all)
}

/// Why a case cannot be played. What merely is not installed must be there on CI.
fn skipped(needs: &BTreeSet<&str>, not_yet: &NotYet) -> Option<Outcome> {
    if let Some((need, reason)) = not_yet.first_of(needs) {
        return Some(Outcome::Skipped(format!("needs {need}: {reason}")));
    }
    let program = missing_program(needs.iter().copied())?;
    let reason = format!("{program} is not installed");
    let on_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    Some(if on_ci { Outcome::Failed(vec![reason]) } else { Outcome::Skipped(reason) })
}

fn sides(args: &Arguments, not_yet: &NotYet) -> Result<Vec<Side>> {
    let mut sides = Vec::new();
    for (name, binary, not_yet) in
        [("oracle", &args.oracle, NotYet::default()), ("candidate", &args.candidate, not_yet.clone())]
    {
        if let Some(binary) = binary {
            let path = binary.canonicalize().with_context(|| format!("cannot find {}", binary.display()))?;
            sides.push(Side::new(name, path, not_yet));
        }
    }
    Ok(sides)
}

/// Plays the chosen scenarios, a few at a time, and hands over the results in order.
async fn play_all(
    chosen: Vec<Chosen>,
    sides: &Arc<Vec<Side>>,
    folder: &Path,
    args: &Arguments,
    mut done: impl FnMut(Chosen, BTreeMap<&'static str, Played>),
) -> Result<()> {
    let deadline = Instant::now() + args.budget;
    let mut waiting = chosen.into_iter().enumerate();
    let (mut running, mut finished, mut next) = (JoinSet::new(), BTreeMap::new(), 0);
    loop {
        while running.len() < args.jobs {
            let Some((number, chosen)) = waiting.next() else { break };
            let (sides, folder) = (Arc::clone(sides), folder.to_owned());
            running.spawn(async move {
                let played = play_sides(&chosen, &sides, &folder, deadline).await;
                (number, chosen, played)
            });
        }
        let Some(result) = running.join_next().await else { return Ok(()) };
        let (number, chosen, played) = result.context("the runner failed")?;
        finished.insert(number, (chosen, played));
        while let Some((chosen, played)) = finished.remove(&next) {
            done(chosen, played);
            next += 1;
        }
    }
}

/// Plays a scenario on all sides at the same time.
async fn play_sides(
    chosen: &Chosen,
    sides: &[Side],
    folder: &Path,
    deadline: Instant,
) -> BTreeMap<&'static str, Played> {
    let playing = sides.iter().map(|side| play_side(chosen, side, folder, deadline));
    let played = futures_util::future::join_all(playing).await;
    sides.iter().map(|side| side.name).zip(played).collect()
}

/// Plays a scenario on one side, in bounded time.
async fn play_side(chosen: &Chosen, side: &Side, folder: &Path, deadline: Instant) -> Played {
    if chosen.played.is_empty() {
        return Played::new();
    }
    let scenario = &chosen.scenario;
    let folder = folder.join(side.name).join(format!("{}-{}", scenario.group, scenario.name));
    let playing = timeout(SCENARIO_LIMIT, play(side, scenario, &chosen.played, &folder));
    let why = match timeout_at(deadline, playing).await {
        Ok(Ok(outcome)) => return outcome,
        Ok(Err(_)) => "the scenario did not end in time",
        Err(_) => "the time for the whole run is used up",
    };
    chosen.played.iter().map(|key| (key.clone(), Err(why.to_owned()))).collect()
}

/// Takes in what the scenarios brought.
struct Results<'a> {
    args: &'a Arguments,
    data: &'a mut Data,
    report: &'a mut Report,
}

impl Results<'_> {
    fn take(&mut self, chosen: &Chosen, played: &BTreeMap<&'static str, Played>) {
        for case in &chosen.scenario.cases {
            let observed = |side: &str| played.get(side).and_then(|played| played.get(&case.key));
            let outcome = match chosen.reported.get(&case.key) {
                None => continue,
                Some(Some(skipped)) => skipped.clone(),
                Some(None) => self.outcome(&chosen.scenario, case, observed("oracle"), observed("candidate")),
            };
            self.report.add(&chosen.scenario.group, &case.key, &outcome);
        }
    }

    /// Judges what the sides brought, or keeps it where that is what was asked for.
    fn outcome(
        &mut self,
        scenario: &Scenario,
        case: &Case,
        oracle: Option<&Result<Observation, String>>,
        candidate: Option<&Result<Observation, String>>,
    ) -> Outcome {
        let live = match oracle {
            Some(Err(error)) => return Outcome::Failed(vec![format!("oracle: {error}")]),
            Some(Ok(seen)) => Some(seen),
            None => None,
        };
        let Some(candidate) = candidate else {
            live.into_iter().for_each(|seen| self.data.answers.insert(&scenario.group, case, seen.clone()));
            return Outcome::Passed;
        };
        let recorded = self.data.answers.get(&scenario.group, case);
        let listed = self.data.differences.of(&case.key);
        if let (true, Some(_), Ok(seen)) = (self.args.record_intended, listed, candidate) {
            self.data.intended.insert(&scenario.group, case, seen.clone());
        }
        let expected = Expected {
            traefik: live.or(recorded).ok_or("no recorded answer"),
            listed,
            intended: self.data.intended.get(&scenario.group, case),
        };
        judge(&expected, candidate)
    }
}

/// Writes the recorded answers.
async fn save(args: &Arguments, data: &mut Data) -> Result<()> {
    let keys: BTreeSet<&str> =
        data.scenarios.iter().flat_map(|scenario| &scenario.cases).map(|case| case.key.as_str()).collect();
    let groups: BTreeSet<&str> = data.scenarios.iter().map(|scenario| scenario.group.as_str()).collect();
    let (answers, binary, folder) = if args.record {
        (&mut data.answers, &args.oracle, home("answers"))
    } else {
        (&mut data.intended, &args.candidate, home("intended"))
    };
    answers.retain(|key| keys.contains(key) && (args.record || data.differences.of(key).is_some()));
    let version = version(binary.as_deref().context("no program to record")?).await;
    for group in groups {
        if let Some(recorded) = answers.groups.get_mut(group) {
            recorded.version.clone_from(&version);
        }
        answers.save(&folder, group)?;
    }
    Ok(())
}

/// What the program calls its version.
async fn version(binary: &Path) -> String {
    let output = tokio::process::Command::new(binary).arg("version").kill_on_drop(true).output();
    let output = timeout(Duration::from_secs(10), output).await;
    let text =
        output.ok().and_then(Result::ok).map(|output| crate::text::text(&output.stdout)).unwrap_or_default();
    let version = text.lines().find_map(|line| line.strip_prefix("Version:"));
    version.map_or("unknown", str::trim).to_owned()
}

/// The folder of a run, which goes with it unless it is to be kept.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    fn make(keep: Option<&Path>) -> Result<Self> {
        let path = match keep {
            Some(path) => std::path::absolute(path)?,
            None => std::env::temp_dir().join(format!("ferroway-conformance-{}", std::process::id())),
        };
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path, keep: keep.is_some() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
