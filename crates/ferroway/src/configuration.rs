//! The loop that makes what providers say what runs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use ferroway_api::{Api, Readiness, Running, Servers, Source};
use ferroway_config::dynamic::Dynamic;
use ferroway_config::{Problem, Severity};
use ferroway_control::{INTERNAL, Plan, Planner, Providers};
use ferroway_providers::Message;
use ferroway_runtime::{Builder, Publisher};

use crate::wiring::api::Asked;

/// Plans, builds and publishes.
pub(crate) struct Configuration {
    planner: Planner,
    builder: Builder,
    publisher: Arc<Publisher>,
    providers: Providers,
    /// What was told already: a problem that stays is not told again.
    told: BTreeSet<String>,
    /// What is live.
    plan: Arc<Plan>,
    /// What building it found wrong.
    problems: Vec<Problem>,
    /// What the providers said last of their sources.
    sources: Vec<Source>,
    /// How often something was made live.
    changes: i64,
    since: Instant,
}

/// Whether servers are up, asked of what was built.
struct Built<'a>(&'a Builder);

impl Servers for Built<'_> {
    fn http(&self, service: &str) -> Vec<(String, bool)> {
        self.0.servers(service)
    }

    fn tcp(&self, service: &str) -> Vec<(String, bool)> {
        self.0.tcp_servers(service)
    }
}

impl Configuration {
    /// Starts with what ferroway configures for itself.
    pub(crate) fn new(
        planner: Planner,
        builder: Builder,
        publisher: Arc<Publisher>,
        internal: Dynamic,
    ) -> Self {
        let mut providers = Providers::default();
        providers.0.insert(INTERNAL.into(), Arc::new(internal));
        Self {
            planner,
            builder,
            publisher,
            providers,
            told: BTreeSet::new(),
            plan: Arc::default(),
            problems: Vec::new(),
            sources: Vec::new(),
            changes: 0,
            since: Instant::now(),
        }
    }

    /// Takes over what a provider says and makes it live. Its problems are logged already.
    pub(crate) fn update(&mut self, message: Message) {
        self.sources.retain(|source| source.provider != message.provider);
        self.sources.push(Source {
            provider: message.provider.clone(),
            problems: message.problems,
            is_complete: message.complete,
        });
        let known = self.providers.0.insert(message.provider.clone(), message.config);
        if known.is_some_and(|known| Arc::ptr_eq(&known, &self.providers.0[&message.provider])) {
            tracing::debug!(providerName = &*message.provider, "Skipping unchanged configuration");
            return;
        }
        self.apply();
    }

    /// Answers a question to the API; `configured` are the providers that are to speak.
    pub(crate) fn answer(&self, api: &mut Api, asked: Asked, configured: &[&'static str]) {
        let spoke = |name: &&'static str| (*name, self.providers.0.contains_key(*name));
        let readiness = Readiness { providers: configured.iter().map(spoke).collect() };
        let running = Running {
            version: self.changes,
            plan: &self.plan,
            problems: &self.problems,
            sources: &self.sources,
            readiness: &readiness,
            middlewares: &|| self.builder.middleware_faults(),
            servers: &Built(&self.builder),
            certificates: &|| self.builder.certificates(),
            now: i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs())
                .unwrap_or(i64::MAX),
            figures: &self.figures(),
        };
        let answer = api.answer(&asked.question, &running);
        // Whoever asked may have gone.
        let _ = asked.reply.send(answer);
    }

    /// Figures of the process.
    fn figures(&self) -> [(&'static str, i64); 3] {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<i64>().ok()).unwrap_or_default();
        let page = i64::try_from(rustix::param::page_size()).unwrap_or_default();
        [
            ("configurationChanges", self.changes),
            ("residentBytes", pages * page),
            ("uptimeSeconds", i64::try_from(self.since.elapsed().as_secs()).unwrap_or(i64::MAX)),
        ]
    }

    /// Reads files with certificates again, and makes live what they say now.
    pub(crate) fn reread(&mut self, files: &[PathBuf]) {
        if self.builder.look_again(files) {
            tracing::info!(?files, "Files with certificates have changed");
            self.apply();
        }
    }

    /// The files with certificates that are to be followed.
    pub(crate) fn certificate_files(&self) -> BTreeSet<PathBuf> {
        self.builder.certificate_files()
    }

    /// Makes what the providers say now live.
    pub(crate) fn apply(&mut self) {
        let plan = self.planner.plan(self.providers.clone());
        let outcome = self.builder.build(&plan);
        self.publisher.publish(outcome.snapshot);
        for check in outcome.checks {
            tokio::task::spawn_local(check);
        }
        let mut problems = plan.problems();
        problems.extend(outcome.problems.iter().cloned());
        self.tell(&problems);
        (self.plan, self.problems) = (plan, outcome.problems);
        self.changes += 1;
    }

    fn tell(&mut self, problems: &[Problem]) {
        let mut now = BTreeSet::new();
        for problem in problems {
            let text = problem.to_string();
            if !self.told.contains(&text) && !now.contains(&text) {
                match problem.severity {
                    Severity::Error => tracing::error!("{text}"),
                    Severity::Warning | Severity::Advice => tracing::warn!("{text}"),
                }
            }
            now.insert(text);
        }
        self.told = now;
    }
}
