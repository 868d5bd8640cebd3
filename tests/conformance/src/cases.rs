//! The data model of `cases/*.json`: groups of scenarios, scenarios of cases, cases of steps.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::backend::Plan;
pub use crate::exchange::Exchange;
pub use crate::frames::Frames;
pub use crate::hello::Hello;
use crate::json::{merge, merge_maps};
use crate::observe::Rules;
use crate::request::Request;
use crate::rules::RuleSets;
use crate::tcp_rules::TcpRuleSets;

/// One start of the router, and what is tried on it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The group, which is the name of the file.
    pub group: String,
    /// Unique in its group.
    pub name: String,
    /// What a candidate must be able to do for all cases of the scenario.
    pub needs: Vec<String>,
    /// Entry points by name. Each gets a port of its own.
    pub entry_points: BTreeMap<String, EntryPoint>,
    /// Laid over the static configuration that the runner writes.
    pub static_options: Map<String, Value>,
    /// The dynamic configuration in `dyn.yml`, where the scenario has one.
    pub dynamic: Option<Value>,
    /// More files, as text or as trees that become YAML.
    pub files: BTreeMap<String, Value>,
    /// Environment of the router.
    pub env: BTreeMap<String, String>,
    /// Arguments of the router, instead of `--configFile` with the static configuration of the runner.
    pub args: Option<Vec<String>>,
    /// What must be answered before the cases start, instead of the runner's own readiness router.
    pub ready: Option<Ready>,
    /// Do not start the router: the cases run it on the command line.
    pub no_process: bool,
    /// What the backends do by default in all cases.
    pub states: BTreeMap<String, Plan>,
    /// The cases in order. They share the router and see each other's traces.
    pub cases: Vec<Case>,
}

/// An entry point of a scenario.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EntryPoint {
    /// What a candidate must be able to do for this entry point. It is left out for a candidate that cannot.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The options in the static configuration.
    #[serde(flatten)]
    pub options: Map<String, Value>,
}

/// When a router counts as ready.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// What is asked.
    pub request: Request,
    /// The status that says so.
    #[serde(default = "ok")]
    pub status: u16,
}

fn ok() -> u16 {
    200
}

/// One case: steps, and how their outcome is compared.
#[derive(Debug, Clone)]
pub struct Case {
    /// `group/scenario/id`, by which reports, answers and the list of differences name the case.
    pub key: String,
    /// The name under which the answer is stored: that of the scenario or of the rule set.
    pub section: String,
    /// Unique in its section.
    pub id: String,
    /// What a candidate must be able to do, beyond the needs of scenario and entry points.
    pub needs: Vec<String>,
    /// What is done.
    pub steps: Vec<Step>,
    /// What counts.
    pub compare: Rules,
    /// What the backends do by default in this case.
    pub states: BTreeMap<String, Plan>,
}

/// One step of a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Send a request and observe the answer.
    Send(Request),
    /// Answer a digest challenge: first without, then with credentials.
    Digest(Digest),
    /// Send bytes and observe what comes back within a time.
    Tcp(Exchange),
    /// Send datagrams and observe the answers.
    Udp(Datagrams),
    /// Send a TLS hello and observe what the server chooses.
    Hello(Hello),
    /// Send frames of HTTP/2 and observe those that come back.
    Frames(Frames),
    /// Send several requests at the same time.
    Concurrent(Concurrent),
    /// Repeat a request until it is answered as wanted.
    Wait(Wait),
    /// Do nothing for some seconds.
    Sleep(f64),
    /// Write a file of configuration.
    Write(WriteFile),
    /// Remove a file.
    Remove(String),
    /// Rename a file.
    Move((String, String)),
    /// Send a signal to the router.
    Signal(Signal),
    /// Wait up to some seconds for the router to end and observe its status.
    Exit(f64),
    /// Observe whether a file is there and not empty.
    Exists(String),
    /// Run the router on the command line and observe status and output.
    Cli(Cli),
    /// Observe the access log.
    AccessLog(AccessLog),
}

/// The step [`Step::Digest`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
    /// The request.
    pub request: Request,
}

/// The step [`Step::Udp`].
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Datagrams {
    /// The entry point.
    pub entry_point: String,
    /// The client's address, when it is not to be 127.0.0.1.
    pub source: Option<IpAddr>,
    /// What is sent, one datagram after the other.
    pub send: Vec<String>,
    /// How often each text is repeated in its datagram.
    #[serde(default = "one")]
    pub repeat: usize,
    /// From so many sockets in turn.
    #[serde(default = "one")]
    pub sockets: usize,
    /// Seconds to wait for each answer.
    #[serde(default = "default_answer_time")]
    pub timeout: f64,
    /// Seconds between two datagrams.
    #[serde(default)]
    pub pause: f64,
    /// Observe the answers in the order of the alphabet.
    #[serde(default)]
    pub sorted: bool,
    /// Observe only how many different answers came: which server it is is random.
    #[serde(default)]
    pub distinct: bool,
}

fn one() -> usize {
    1
}

fn default_answer_time() -> f64 {
    3.0
}

pub(crate) fn default_entry_point() -> String {
    crate::request::DEFAULT_ENTRY_POINT.to_owned()
}

/// The step [`Step::Concurrent`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concurrent {
    /// The requests, each on a connection of its own.
    pub requests: Vec<Request>,
    /// Seconds between their starts.
    #[serde(default = "default_stagger")]
    pub stagger: f64,
    /// Steps that are done when all requests have started.
    #[serde(default)]
    pub meanwhile: Vec<Step>,
}

fn default_stagger() -> f64 {
    0.15
}

/// The step [`Step::Wait`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// What is asked.
    pub request: Request,
    /// The status that ends the waiting.
    pub status: u16,
    /// Seconds after which it is given up.
    #[serde(default = "default_wait")]
    pub timeout: f64,
}

fn default_wait() -> f64 {
    6.0
}

/// The step [`Step::Write`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteFile {
    /// The file in the scenario's folder.
    #[serde(default = "default_file")]
    pub file: String,
    /// Its content, as text or as a tree that becomes YAML.
    pub content: Value,
}

fn default_file() -> String {
    "dyn.yml".to_owned()
}

/// The signals that a case may send.
#[derive(Debug, Clone, Copy, Deserialize)]
pub enum Signal {
    /// Ends the router gracefully.
    #[serde(rename = "SIGTERM")]
    Term,
    /// Makes the router reopen its log files.
    #[serde(rename = "SIGUSR1")]
    Usr1,
}

/// The step [`Step::Cli`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cli {
    /// The arguments.
    pub args: Vec<String>,
    /// Regular expressions; which of them the output matches is observed.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Seconds after which a program that still runs is ended.
    pub timeout: f64,
}

/// The step [`Step::AccessLog`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLog {
    /// The file in the scenario's folder.
    pub file: String,
    /// How its lines are read.
    pub format: LogFormat,
    /// Observe only this many lines at the end.
    pub last: Option<usize>,
}

/// The format of an access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// The common log format with Traefik's additions, or the generic one.
    Clf,
}

/// A file of `cases/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    #[serde(default)]
    common: Common,
    #[serde(default)]
    scenarios: Vec<ScenarioFile>,
    rules: Option<RuleSets>,
    #[serde(rename = "tcpRules")]
    tcp_rules: Option<TcpRuleSets>,
}

/// What lies beneath all scenarios of a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Common {
    needs: Vec<String>,
    compare: Map<String, Value>,
    entry_points: Map<String, Value>,
    dynamic: Option<Value>,
    files: BTreeMap<String, Value>,
    states: BTreeMap<String, Plan>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScenarioFile {
    name: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    entry_points: Map<String, Value>,
    #[serde(default, rename = "static")]
    static_options: Map<String, Value>,
    dynamic: Option<Value>,
    #[serde(default)]
    files: BTreeMap<String, Value>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    args: Option<Vec<String>>,
    ready: Option<Ready>,
    #[serde(default)]
    no_process: bool,
    #[serde(default)]
    states: BTreeMap<String, Plan>,
    cases: Vec<CaseFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    id: String,
    #[serde(default)]
    needs: Vec<String>,
    send: Option<Request>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    compare: Map<String, Value>,
    #[serde(default)]
    states: BTreeMap<String, Plan>,
}

/// Loads all scenarios of a folder, in the order of file names and as they stand in the files.
///
/// # Errors
/// When a file cannot be read or does not say what a case must say.
pub fn load(folder: &Path) -> Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    for (group, file) in crate::answers::json_files(folder)? {
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let content: GroupFile = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        scenarios.extend(group_scenarios(&group, content).with_context(|| file.display().to_string())?);
    }
    let mut keys = BTreeSet::new();
    for case in scenarios.iter().flat_map(|scenario| &scenario.cases) {
        if !keys.insert(&case.key) {
            bail!("the case {} is there twice", case.key);
        }
    }
    Ok(scenarios)
}

fn group_scenarios(group: &str, content: GroupFile) -> Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    for scenario in content.scenarios {
        let name = scenario.name.clone();
        scenarios
            .push(resolve(group, &content.common, scenario).with_context(|| format!("scenario {name:?}"))?);
    }
    if let Some(rules) = content.rules {
        scenarios.extend(rules.into_scenarios(group)?);
    }
    if let Some(rules) = content.tcp_rules {
        scenarios.extend(rules.into_scenarios(group)?);
    }
    Ok(scenarios)
}

/// A scenario with what the group has in common laid beneath it.
fn resolve(group: &str, common: &Common, scenario: ScenarioFile) -> Result<Scenario> {
    let mut entry_points = common.entry_points.clone();
    merge_maps(&mut entry_points, &scenario.entry_points);
    if entry_points.is_empty() {
        entry_points.insert(crate::request::DEFAULT_ENTRY_POINT.to_owned(), Value::Object(Map::new()));
    }
    let dynamic = match (common.dynamic.clone(), scenario.dynamic) {
        (Some(mut base), Some(own)) => {
            merge(&mut base, &own);
            Some(base)
        }
        (base, own) => own.or(base),
    };
    let mut files = common.files.clone();
    files.extend(scenario.files);
    let mut states = common.states.clone();
    states.extend(scenario.states);
    let cases = scenario.cases.into_iter().map(|case| resolve_case(group, &scenario.name, common, case));
    Ok(Scenario {
        group: group.to_owned(),
        needs: common.needs.iter().chain(&scenario.needs).cloned().collect(),
        entry_points: serde_json::from_value(Value::Object(entry_points))?,
        static_options: scenario.static_options,
        dynamic,
        files,
        env: scenario.env,
        args: scenario.args,
        ready: scenario.ready,
        no_process: scenario.no_process,
        states,
        cases: cases.collect::<Result<_>>()?,
        name: scenario.name,
    })
}

/// `group/section/id` on one line.
pub(crate) fn key(group: &str, section: &str, id: &str) -> String {
    format!("{group}/{section}/{id}").replace('\r', "\\r").replace('\n', "\\n")
}

fn resolve_case(group: &str, section: &str, common: &Common, case: CaseFile) -> Result<Case> {
    let mut compare = common.compare.clone();
    merge_maps(&mut compare, &case.compare);
    let compare =
        serde_json::from_value(Value::Object(compare)).with_context(|| format!("case {:?}", case.id))?;
    let steps = match case.send {
        Some(request) if case.steps.is_empty() => vec![Step::Send(request)],
        None if !case.steps.is_empty() => case.steps,
        _ => bail!("case {:?} needs either `send` or `steps`", case.id),
    };
    Ok(Case {
        key: key(group, section, &case.id),
        section: section.to_owned(),
        id: case.id,
        needs: case.needs,
        steps,
        compare,
        states: case.states,
    })
}

impl Scenario {
    /// All needs of a case: its own, those of the scenario and of the entry points that it uses.
    pub fn needs_of<'a>(&'a self, case: &'a Case) -> BTreeSet<&'a str> {
        let mut needs: BTreeSet<&str> = self.needs.iter().chain(&case.needs).map(String::as_str).collect();
        let mut used = Vec::new();
        case.steps.iter().for_each(|step| step.entry_points(&mut used));
        for entry_point in used.iter().filter_map(|name| self.entry_points.get(*name)) {
            needs.extend(entry_point.needs.iter().map(String::as_str));
        }
        needs
    }
}

impl Step {
    /// Collects the entry points that the step connects to.
    fn entry_points<'a>(&'a self, used: &mut Vec<&'a str>) {
        match self {
            Step::Send(request) => used.push(&request.entry_point),
            Step::Digest(digest) => used.push(&digest.request.entry_point),
            Step::Tcp(exchange) => used.push(&exchange.entry_point),
            Step::Udp(datagrams) => used.push(&datagrams.entry_point),
            Step::Hello(hello) => used.push(&hello.entry_point),
            Step::Frames(frames) => used.push(&frames.entry_point),
            Step::Wait(wait) => used.push(&wait.request.entry_point),
            Step::Concurrent(concurrent) => {
                used.extend(concurrent.requests.iter().map(|request| request.entry_point.as_str()));
                concurrent.meanwhile.iter().for_each(|step| step.entry_points(used));
            }
            _ => {}
        }
    }
}
