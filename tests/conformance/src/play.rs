//! Plays a scenario against one router: writes its configuration, starts it and does the steps of each case.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use crate::access_log;
use crate::answers::Observation;
use crate::backend::Backends;
use crate::candidate::{Candidate, into_file};
use crate::cases::{Case, Concurrent, Datagrams, EntryPoint, Ready, Scenario, Signal, Step, Wait, WriteFile};
use crate::client::{Answer, Client, Held};
use crate::json::{Names, merge, merge_maps};
use crate::needs::NotYet;
use crate::neutral::Neutral;
use crate::observe;
use crate::ports::ReservedPort;
use crate::request::Request;
use crate::{certs, cli, digest, redis, yaml};

/// The entry point and router that the runner adds: when it answers, the whole file is applied.
pub const READY: &str = "zready";

/// How long a router may take to get ready.
const PATIENCE: Duration = Duration::from_secs(15);

/// The same for one that did not get ready several times in a row, to stay within a bounded time.
const LITTLE_PATIENCE: Duration = Duration::from_secs(2);

/// One of the routers that are compared.
#[derive(Debug)]
pub struct Side {
    /// `candidate` or `oracle`.
    pub name: &'static str,
    /// The program.
    pub binary: PathBuf,
    /// What it cannot do yet.
    pub not_yet: NotYet,
    /// Starts in a row that did not get ready.
    slow_starts: AtomicUsize,
}

impl Side {
    /// A router that is run from `binary` and cannot do what `not_yet` lists.
    pub fn new(name: &'static str, binary: PathBuf, not_yet: NotYet) -> Self {
        Self { name, binary, not_yet, slow_starts: AtomicUsize::new(0) }
    }
}

/// What came of a case: an observation, or why there is none.
pub type Played = BTreeMap<String, Result<Observation, String>>;

/// Plays the cases with these keys, in a folder of the scenario's own. The outcome is by key.
pub async fn play(side: &Side, scenario: &Scenario, keys: &BTreeSet<String>, folder: &Path) -> Played {
    let cases = || scenario.cases.iter().filter(|case| keys.contains(&case.key));
    let mut run = match Run::prepare(side, scenario, folder).await {
        Ok(run) => run,
        Err(error) => return cases().map(|case| (case.key.clone(), Err(format!("{error:#}")))).collect(),
    };
    if let Err(error) = run.start().await {
        return cases().map(|case| (case.key.clone(), Err(format!("does not start: {error:#}")))).collect();
    }
    let mut outcome = Played::new();
    for case in cases() {
        let observation = run.case(case).await.map_err(|error| format!("{error:#}"));
        outcome.insert(case.key.clone(), observation);
    }
    outcome
}

/// A scenario in progress.
struct Run<'a> {
    side: &'a Side,
    scenario: &'a Scenario,
    folder: PathBuf,
    names: Names,
    neutral: Neutral,
    backends: Backends,
    client: Client,
    held: Held,
    process: Option<Candidate>,
    _redis: Option<Candidate>,
    _ports: Vec<ReservedPort>,
}

impl<'a> Run<'a> {
    /// Takes ports, starts backends and defines the names that configuration refers to.
    async fn prepare(side: &'a Side, scenario: &'a Scenario, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let backends = Backends::start().await?;
        let mut ports: BTreeMap<String, u16> = backends.ports().iter().cloned().collect();
        let mut reserved = Vec::new();
        let needs_redis = scenario.needs.iter().any(|need| need == redis::NEED);
        let own = scenario.entry_points.iter().map(|(name, point)| (name.as_str(), point.is_udp()));
        let more = std::iter::once(READY).chain(needs_redis.then_some(redis::NEED)).map(|name| (name, false));
        for (name, is_udp) in own.chain(more) {
            let port = if is_udp { ReservedPort::take_for_udp()? } else { ReservedPort::take()? };
            ports.insert(name.to_owned(), port.number());
            reserved.push(port);
        }
        let redis = match ports.get(redis::NEED) {
            Some(port) => Some(redis::start(*port, folder).await?),
            None => None,
        };
        Ok(Self {
            side,
            scenario,
            folder: folder.to_owned(),
            names: names(&ports, folder)?,
            neutral: Neutral::new(
                ports.iter().map(|(name, port)| (name.as_str(), *port)),
                &folder.display().to_string(),
            ),
            backends,
            client: Client::new(ports),
            held: Held::default(),
            process: None,
            _redis: redis,
            _ports: reserved,
        })
    }

    /// Writes the configuration, starts the router and waits until it is ready.
    async fn start(&mut self) -> Result<()> {
        if self.scenario.args.is_none() {
            self.write("static.yml", &self.static_configuration())?;
        }
        for (name, content) in &self.scenario.files {
            self.write(name, content)?;
        }
        if let Some(dynamic) = &self.scenario.dynamic {
            self.write("dyn.yml", &self.with_ready_router(dynamic))?;
        }
        if self.scenario.no_process {
            return Ok(());
        }
        let default_args = vec!["--configFile=@{dir}/static.yml".to_owned()];
        let args = self.scenario.args.as_ref().unwrap_or(&default_args);
        let args = args.iter().map(|arg| self.names.fill(arg)).collect::<Result<Vec<_>>>()?;
        let env = self.scenario.env.iter().map(|(name, value)| Ok((name.clone(), self.names.fill(value)?)));
        let env = env.collect::<Result<_>>()?;
        let log = self.folder.join("process.log");
        let process = Candidate::start(&self.side.binary, &args, &env, &self.folder, || into_file(&log));
        self.process = Some(process.with_context(|| format!("cannot run {}", self.side.binary.display()))?);
        self.wait_ready().await
    }

    /// The static configuration of a scenario without arguments of its own.
    fn static_configuration(&self) -> Value {
        let mut entry_points = Map::new();
        let ready =
            self.scenario.ready.is_none().then(|| (READY.to_owned(), json!({"address": "@{zready}"})));
        for (name, entry_point) in &self.scenario.entry_points {
            if self.side.not_yet.first_of(&entry_point.needs).is_none() {
                entry_points.insert(name.clone(), entry_point.with_address(name).into());
            }
        }
        entry_points.extend(ready);
        let mut options = json!({
            "entryPoints": entry_points,
            "global": {"checkNewVersion": false, "sendAnonymousUsage": false},
            "log": {"level": "ERROR"},
            "providers": {"file": {"filename": "@{dir}/dyn.yml"}, "providersThrottleDuration": "50ms"},
        });
        if let Value::Object(options) = &mut options {
            merge_maps(options, &self.scenario.static_options);
        }
        options
    }

    /// Adds the readiness router to dynamic configuration, unless that is text or the scenario has a check of its own.
    fn with_ready_router(&self, dynamic: &Value) -> Value {
        let mut dynamic = dynamic.clone();
        if dynamic.is_object() && self.scenario.ready.is_none() {
            let router = json!({"entryPoints": [READY], "rule": "PathPrefix(`/`)", "service": READY});
            let service = json!({"loadBalancer": {"servers": [{"url": "@{b6.url}"}]}});
            let ready = json!({"http": {"routers": {READY: router}, "services": {READY: service}}});
            merge(&mut dynamic, &ready);
        }
        dynamic
    }

    async fn wait_ready(&mut self) -> Result<()> {
        let request =
            Request::try_from(json!(format!("@{READY} GET http://ready/{READY}"))).expect("well-formed");
        let own = Ready { request, status: 200 };
        let ready = self.scenario.ready.as_ref().unwrap_or(&own);
        let patience =
            if self.side.slow_starts.load(Ordering::Relaxed) < 3 { PATIENCE } else { LITTLE_PATIENCE };
        let limit = Instant::now() + patience;
        while Instant::now() < limit {
            if let Some(status) = self.process.as_mut().and_then(Candidate::ended) {
                anyhow::bail!("it ended by itself, {status}: {}", self.last_words());
            }
            if self.answers(&ready.request, ready.status).await {
                self.side.slow_starts.store(0, Ordering::Relaxed);
                return Ok(());
            }
            sleep(Duration::from_millis(25)).await;
        }
        self.side.slow_starts.fetch_add(1, Ordering::Relaxed);
        anyhow::bail!("not ready in {} seconds", patience.as_secs())
    }

    /// The last line that the router wrote.
    fn last_words(&self) -> String {
        let log = std::fs::read(self.folder.join("process.log")).unwrap_or_default();
        let log = crate::text::text(&log);
        log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it wrote nothing").to_owned()
    }

    /// Writes a file of the scenario in one step, so that a watching router never sees half of it.
    fn write(&self, name: &str, content: &Value) -> Result<()> {
        let text = match self.names.fill_all(content)? {
            Value::String(text) => text,
            tree => yaml::to_yaml(&tree),
        };
        let path = self.folder.join(name);
        let fresh = path.with_added_extension("new~");
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written =
            written.and_then(|()| std::fs::write(&fresh, text)).and_then(|()| std::fs::rename(&fresh, &path));
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// Does the steps of a case and observes.
    async fn case(&mut self, case: &Case) -> Result<Observation> {
        self.held = Held::default();
        self.backends.reset(self.scenario.states.iter().chain(&case.states)).await?;
        let mut steps = Vec::new();
        for step in &case.steps {
            if let Some(seen) = self.step(step, case).await? {
                steps.push(self.neutral.value(seen));
            }
        }
        if case.compare.unordered_steps {
            steps.sort_by_key(ToString::to_string);
        }
        let backend = observe::view(&self.backends.log(), &case.compare);
        Ok(Observation { steps, backend: backend.map(|view| self.neutral.value(view)) })
    }

    /// Does one step; what it observes is yet to be made neutral.
    async fn step(&mut self, step: &Step, case: &Case) -> Result<Option<Value>> {
        let seen = match step {
            Step::Send(request) => observe::answer(&self.client.send(request).await, &case.compare),
            Step::Digest(digest) => observe::answer(&digest::play(&self.client, digest).await, &case.compare),
            Step::Tcp(exchange) => {
                let seen = self.client.exchange(exchange, &mut self.held).await;
                observe::exchanged(&seen, exchange, &case.compare)
            }
            Step::Udp(datagrams) => self.datagrams(datagrams).await?,
            Step::Hello(hello) => observe::choice(&self.client.hello(hello).await, &case.compare),
            Step::Frames(frames) => match self.client.frames(frames).await {
                Ok(seen) => seen,
                Err(failure) => observe::failure(&failure, &case.compare),
            },
            Step::Concurrent(concurrent) => self.concurrent(concurrent, case).await?,
            Step::Wait(wait) => self.wait(wait).await,
            Step::Cli(step) => {
                cli::run(step, &self.side.binary, &self.folder, &self.names, &self.client).await?
            }
            Step::AccessLog(step) => access_log::read(step, &self.folder).await,
            Step::Exists(file) => {
                json!({"exists": std::fs::metadata(self.folder.join(file)).is_ok_and(|file| file.len() > 0)})
            }
            Step::Exit(seconds) => {
                let process = self.process.as_mut().context("no process was started")?;
                match process.wait(Duration::try_from_secs_f64(*seconds)?).await {
                    Some(status) => json!({"exit": status}),
                    None => json!({"exit": "still running"}),
                }
            }
            silent => {
                self.silent_step(silent).await?;
                return Ok(None);
            }
        };
        Ok(Some(seen))
    }

    /// The steps that observe nothing.
    async fn silent_step(&self, step: &Step) -> Result<()> {
        match step {
            Step::Sleep(seconds) => sleep(Duration::try_from_secs_f64(*seconds)?).await,
            Step::Write(WriteFile { file, content }) => self.write(file, &self.with_ready_router(content))?,
            Step::Remove(file) => std::fs::remove_file(self.folder.join(file))?,
            Step::Move((from, to)) => std::fs::rename(self.folder.join(from), self.folder.join(to))?,
            Step::Signal(signal) => {
                let signal = match signal {
                    Signal::Term => rustix::process::Signal::TERM,
                    Signal::Usr1 => rustix::process::Signal::USR1,
                };
                self.process.as_ref().context("no process was started")?.signal(signal);
            }
            _ => {}
        }
        Ok(())
    }

    async fn datagrams(&self, datagrams: &Datagrams) -> Result<Value> {
        let mut got = self.client.datagrams(datagrams).await?;
        if datagrams.sorted {
            got.sort();
        }
        if datagrams.distinct {
            return Ok(json!({"distinct": got.iter().collect::<BTreeSet<_>>().len()}));
        }
        Ok(json!({"got": got}))
    }

    async fn concurrent(&mut self, concurrent: &Concurrent, case: &Case) -> Result<Value> {
        let stagger = Duration::try_from_secs_f64(concurrent.stagger)?;
        let client = self.client.clone();
        let requests = concurrent.requests.iter().zip(0..).map(|(request, position)| {
            let client = &client;
            async move {
                sleep(stagger * position).await;
                client.send(request).await
            }
        });
        let started = stagger * u32::try_from(concurrent.requests.len())?;
        let meanwhile = async {
            sleep(started).await;
            for step in &concurrent.meanwhile {
                self.silent_step(step).await?;
            }
            anyhow::Ok(())
        };
        let (answers, done) = tokio::join!(join_all(requests), meanwhile);
        done?;
        Ok(observe::answer(&Answer::Several(answers), &case.compare))
    }

    async fn wait(&self, wait: &Wait) -> Value {
        let limit = Instant::now() + Duration::try_from_secs_f64(wait.timeout).unwrap_or_default();
        let mut reached = false;
        while !reached && Instant::now() < limit {
            reached = self.answers(&wait.request, wait.status).await;
            if !reached {
                sleep(Duration::from_millis(30)).await;
            }
        }
        self.backends.clear_log();
        json!({"reached": reached})
    }

    /// Whether a request is answered with this status.
    async fn answers(&self, request: &Request, status: u16) -> bool {
        let request = Request { timeout: request.timeout.min(Duration::from_secs(2)), ..request.clone() };
        self.client.send(&request).await.response().is_some_and(|response| response.status == status)
    }
}

/// What configuration may refer to: the folder, certificates, and each port as address and as URL.
fn names(ports: &BTreeMap<String, u16>, folder: &Path) -> Result<Names> {
    let mut names = Names::default();
    names.set("dir", folder.display().to_string());
    certs::write(&folder.join("certs"), &mut names)?;
    for (name, port) in ports {
        names.set(name, format!("127.0.0.1:{port}"));
        names.set(format!("{name}.url"), format!("http://127.0.0.1:{port}"));
        names.set(format!("{name}.https"), format!("https://127.0.0.1:{port}"));
        names.set(format!("{name}.h2c"), format!("h2c://127.0.0.1:{port}"));
        names.set(format!("{name}.port"), port.to_string());
    }
    Ok(names)
}

impl EntryPoint {
    /// Whether it takes datagrams.
    fn is_udp(&self) -> bool {
        self.options.contains_key("udp")
    }

    /// The options with the address of an entry point of this name.
    fn with_address(&self, name: &str) -> Map<String, Value> {
        let mut options = self.options.clone();
        let protocol = if self.is_udp() { "/udp" } else { "" };
        options.insert("address".to_owned(), json!(format!("@{{{name}}}{protocol}")));
        if options.get("udp").is_some_and(Value::is_null) {
            options.remove("udp");
        }
        options
    }
}
